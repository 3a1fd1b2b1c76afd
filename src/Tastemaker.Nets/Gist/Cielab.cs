using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>8-bit sRGB (IEC 61966-2-1) to CIE 1976 L*a*b* under D65, as in Lindbloom's tables: L 0 to 100, a and b about −110 to 110.</summary>
internal static class Cielab
{
    private static readonly float[] Linear = MakeLinear();

    public static (float L, float A, float B) FromSrgb(byte red, byte green, byte blue)
    {
        float r = Linear[red], g = Linear[green], b = Linear[blue];
        var x = F(((0.4124564f * r) + (0.3575761f * g) + (0.1804375f * b)) / 0.95047f);
        var y = F((0.2126729f * r) + (0.7151522f * g) + (0.0721750f * b));
        var z = F(((0.0193339f * r) + (0.1191920f * g) + (0.9503041f * b)) / 1.08883f);
        return ((float)((116 * y) - 16), (float)(500 * (x - y)), (float)(200 * (y - z)));
    }

    private static double F(float t) => t > 216f / 24389 ? PortableMath.Cbrt(t) : ((24389.0 / 27 * t) + 16) / 116;

    private static float[] MakeLinear()
    {
        var table = new float[256];
        for (var i = 0; i < table.Length; i++)
        {
            var c = i / 255.0;
            table[i] = (float)(c <= 0.04045 ? c / 12.92 : PortableMath.Pow((c + 0.055) / 1.055, 2.4));
        }

        return table;
    }
}
