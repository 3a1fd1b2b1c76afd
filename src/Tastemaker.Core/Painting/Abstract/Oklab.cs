using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>Colours in OKLab (Ottosson 2020): X is lightness 0 to 1, Y and Z the opponent axes. Mixing them keeps hues clean.</summary>
internal static class Oklab
{
    private static readonly byte[] Gamma = MakeGamma();

    /// <param name="hue">In degrees: 30 red, 90 yellow, 145 green, 230 blue, 330 magenta.</param>
    /// <returns>The colour, with as much of the chroma as sRGB can show.</returns>
    public static Vector3 FromLch(float lightness, float chroma, float hue)
    {
        var (sin, cos) = MathF.SinCos(hue * (MathF.PI / 180));
        for (var i = 0; i < 24; i++, chroma *= 0.92f)
        {
            var colour = new Vector3(lightness, chroma * cos, chroma * sin);
            var rgb = ToLinear(colour);
            if (Vector3.Min(rgb, new Vector3(-0.002f)) == new Vector3(-0.002f) && Vector3.Max(rgb, new Vector3(1.002f)) == new Vector3(1.002f))
            {
                return colour;
            }
        }

        return new Vector3(lightness, 0, 0);
    }

    public static void Write(Vector3 colour, Span<byte> rgb)
    {
        var linear = Vector3.Clamp(ToLinear(colour), Vector3.Zero, Vector3.One) * (Gamma.Length - 1);
        rgb[0] = Gamma[(int)(linear.X + 0.5f)];
        rgb[1] = Gamma[(int)(linear.Y + 0.5f)];
        rgb[2] = Gamma[(int)(linear.Z + 0.5f)];
    }

    private static Vector3 ToLinear(Vector3 c)
    {
        var l = c.X + (0.3963377774f * c.Y) + (0.2158037573f * c.Z);
        var m = c.X - (0.1055613458f * c.Y) - (0.0638541728f * c.Z);
        var s = c.X - (0.0894841775f * c.Y) - (1.2914855480f * c.Z);
        l *= l * l;
        m *= m * m;
        s *= s * s;
        return new Vector3(
            (4.0767416621f * l) - (3.3077115913f * m) + (0.2309699292f * s),
            (-1.2684380046f * l) + (2.6097574011f * m) - (0.3413193965f * s),
            (-0.0041960863f * l) - (0.7034186147f * m) + (1.7076147010f * s));
    }

    private static byte[] MakeGamma()
    {
        var table = new byte[8192];
        for (var i = 0; i < table.Length; i++)
        {
            var c = i / (double)(table.Length - 1);
            table[i] = (byte)Math.Round(255 * (c <= 0.0031308 ? 12.92 * c : (1.055 * Math.Pow(c, 1 / 2.4)) - 0.055));
        }

        return table;
    }
}
