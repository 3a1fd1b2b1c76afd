using System.Globalization;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Native.Vips;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>Writes pictures as files in memory, with no metadata but what is given. The same picture gives the same bytes.</summary>
internal static class ImageWriter
{
    private const string WebPQuality = "80";

    public static byte[] Png(Raster raster)
    {
        using var image = ToVips(raster);
        return image.Save("png", ("compression", "6"), ("keep", "none"));
    }

    /// <summary>The same with text by keyword, such as the infotext under <c>parameters</c>.</summary>
    public static byte[] Png(Raster raster, IReadOnlyDictionary<string, string?> texts)
    {
        var plain = Png(raster);
        var whole = new MemoryStream();
        var at = 0;
        foreach (var splice in MetadataEdit.Plan(new MemoryStream(plain, writable: false), ImageFormat.Png, new() { PngTexts = texts }))
        {
            whole.Write(plain.AsSpan(at, (int)splice.Offset - at));
            whole.Write(splice.Inserted.Span);
            at = (int)splice.Offset + splice.Removed.Length;
        }

        whole.Write(plain.AsSpan(at));
        return whole.ToArray();
    }

    /// <summary>Alpha is dropped: JPEG has none.</summary>
    /// <param name="quality">1–100.</param>
    public static byte[] Jpeg(Raster raster, int quality = 90)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        using var image = ToVips(raster.Mode is PixelMode.Grey ? raster : raster.ToRgb());
        return image.Save("jpeg", ("Q", quality.ToString(CultureInfo.InvariantCulture)), ("keep", "none"));
    }

    public static byte[] WebP(Raster raster)
    {
        using var image = ToVips(raster);
        return image.Save("webp", ("Q", WebPQuality), ("keep", "none"));
    }

    /// <summary>Grey and colour with their alpha as they are, every other mode as RGB.</summary>
    private static VipsImage ToVips(Raster raster)
    {
        var plain = raster.Mode is PixelMode.Grey or PixelMode.GreyAlpha or PixelMode.Rgb or PixelMode.Rgba ? raster : raster.ToRgb();
        return VipsImage.FromPixels(plain.Pixels, plain.Width, plain.Height, plain.Bands, plain.Bands < 3 ? "b-w" : "srgb");
    }
}
