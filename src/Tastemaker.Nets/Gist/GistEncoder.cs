using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// The built-in encoder <c>gist</c>: a classical description of an image that needs no weights. Gabor energies of the spatial
/// envelope (Oliva and Torralba 2001), colour, layout and texture measures from the literature on computational aesthetics; every
/// dimension has a name.
/// <para>
/// Each measure is standardised with the mean and deviation in <see cref="GistScale"/> and clipped to ±4, so dimensions are alike in
/// size and a linear model can use the vector as it is or divided by its norm (about √<see cref="Dimensions"/> on varied images).
/// </para>
/// <para>
/// Same pixels, same bits on every machine: only operations that IEEE 754 defines exactly are used, in an order that does
/// not depend on the vector width.
/// </para>
/// </summary>
public static class GistEncoder
{
    /// <summary>Changes whenever any feature of any image does.</summary>
    public const string Version = "gist-1";

    private const int LongestSide = 256;
    private const float Limit = 4;

    /// <summary>What each dimension measures, in order: <c>gist.scale1.wave0.row0.column0</c> … <c>shape.elongation</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = MakeNames();

    public static int Dimensions => Names.Count;

    /// <summary>Describes an image.</summary>
    /// <param name="rgb">Interleaved 8-bit sRGB, rows from the top: <c>width × height × 3</c> bytes.</param>
    /// <param name="width">In pixels, at least 1.</param>
    /// <param name="height">In pixels, at least 1.</param>
    /// <returns><see cref="Dimensions"/> numbers in [−4, 4].</returns>
    /// <exception cref="ArgumentException">The pixels are not <c>width × height × 3</c> bytes.</exception>
    public static float[] Encode(ReadOnlySpan<byte> rgb, int width, int height)
    {
        var features = Measure(rgb, width, height);
        for (var i = 0; i < features.Length; i++)
        {
            features[i] = Math.Clamp((features[i] - GistScale.Means[i]) / GistScale.Deviations[i], -Limit, Limit);
        }

        return features;
    }

    /// <summary>The measures in their own units, before they are standardised.</summary>
    internal static float[] Measure(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (width < 1 || height < 1 || rgb.Length != (long)width * height * 3)
        {
            throw new ArgumentException(
                $"{rgb.Length} bytes were given for an image of {width} × {height} pixels; {(long)width * height * 3} bytes of interleaved RGB are wanted.",
                nameof(rgb));
        }

        var writer = new FeatureWriter();
        Describe(rgb, width, height, writer);
        return [.. writer.Values];
    }

    private static void Describe(ReadOnlySpan<byte> rgb, int width, int height, FeatureWriter features)
    {
        var scale = Math.Min(1, LongestSide / (double)Math.Max(width, height));
        int fitWidth = Math.Max(1, (int)Math.Round(width * scale)), fitHeight = Math.Max(1, (int)Math.Round(height * scale));
        var fit = Planes.Average(rgb, width, height, fitWidth, fitHeight);
        var square = new Square(fit);

        GaborEnergies.Write(square.Grey, features);
        ColourFeatures.Write(square, features);
        LayoutFeatures.Write(square, features);
        TextureFeatures.Write(fit.Luma(), fitWidth, fitHeight, features);

        var elongation = Math.Clamp(PortableMath.Log(width / (double)height), -2, 2);
        features.Add("shape.wide", elongation);
        features.Add("shape.elongation", Math.Abs(elongation));
    }

    private static System.Collections.ObjectModel.ReadOnlyCollection<string> MakeNames()
    {
        var names = new List<string>();
        Describe([0, 0, 0], 1, 1, new FeatureWriter(names));
        return names.AsReadOnly();
    }
}
