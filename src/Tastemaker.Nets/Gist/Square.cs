namespace Tastemaker.Nets.Gist;

/// <summary>The whole image averaged onto 96 × 96 pixels whatever its shape: 8-bit colours, and what follows from each.</summary>
internal sealed class Square
{
    public const int Side = GaborEnergies.Canvas;
    public const int Count = Side * Side;

    public Square(Planes image)
    {
        Rgb = image.Average(Side, Side);
        for (var i = 0; i < Count; i++)
        {
            byte r = Rgb[3 * i], g = Rgb[(3 * i) + 1], b = Rgb[(3 * i) + 2];
            (Lightness[i], A[i], B[i]) = Cielab.FromSrgb(r, g, b);
            Chroma[i] = MathF.Sqrt((A[i] * A[i]) + (B[i] * B[i]));
            Grey[i] = (0.299f * r) + (0.587f * g) + (0.114f * b);
            int max = Math.Max(r, Math.Max(g, b)), min = Math.Min(r, Math.Min(g, b));
            Value[i] = max / 255f;
            Saturation[i] = max == 0 ? 0 : (max - min) / (float)max;
            Hue[i] = HueOf(r, g, b, max, max - min);
        }
    }

    public byte[] Rgb { get; }

    public float[] Lightness { get; } = new float[Count];

    public float[] A { get; } = new float[Count];

    public float[] B { get; } = new float[Count];

    /// <summary>√(a² + b²).</summary>
    public float[] Chroma { get; } = new float[Count];

    /// <summary>Luma, 0 to 255.</summary>
    public float[] Grey { get; } = new float[Count];

    /// <summary>HSV saturation and value, 0 to 1.</summary>
    public float[] Saturation { get; } = new float[Count];

    public float[] Value { get; } = new float[Count];

    /// <summary>HSV hue in turns, 0 (red) to 1; 0 where there is none.</summary>
    public float[] Hue { get; } = new float[Count];

    private static float HueOf(int r, int g, int b, int max, int range)
    {
        if (range == 0)
        {
            return 0;
        }

        var sixth = max == r ? (g - b) / (float)range : max == g ? 2 + ((b - r) / (float)range) : 4 + ((r - g) / (float)range);
        return sixth < 0 ? (sixth + 6) / 6 : sixth / 6;
    }
}
