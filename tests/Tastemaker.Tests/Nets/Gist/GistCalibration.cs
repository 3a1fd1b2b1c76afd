using System.Numerics;
using Tastemaker.Core.Painting.Abstract;

namespace Tastemaker.Tests.Nets.Gist;

/// <summary>
/// The varied images that <c>GistScale</c> was measured on: image i is painted with prompt and seed i, then two in three are given what paintings
/// lack and photographs have: another shape, grey or muted colours, another exposure, texture at all scales (1/f noise), grain.
/// </summary>
internal static class GistCalibration
{
    public const int Count = 600;
    private const int Side = 256;

    public static (byte[] Rgb, int Width, int Height) Image(int index)
    {
        var rgb = AbstractPainter.Paint(AbstractPrompt.Draw((ulong)index), (ulong)index, Side);
        if (index % 3 == 0)
        {
            return (rgb, Side, Side);
        }

        var dice = new Dice(0xCA11B ^ ((ulong)index << 20));
        Photograph(rgb, dice);
        var shape = dice.Between(-0.8f, 0.8f);
        int width = shape > 0 ? Side : (int)(Side * MathF.Exp(shape)), height = shape < 0 ? Side : (int)(Side * MathF.Exp(-shape));
        var cropped = new byte[width * height * 3];
        int left = (Side - width) / 2, top = (Side - height) / 2;
        for (var y = 0; y < height; y++)
        {
            rgb.AsSpan((((top + y) * Side) + left) * 3, width * 3).CopyTo(cropped.AsSpan(y * width * 3));
        }

        return (cropped, width, height);
    }

    private static void Photograph(byte[] rgb, Dice dice)
    {
        var noise = new Noise(dice.Bits());
        float colour = dice.Chance(0.15f) ? 0 : dice.Between(0.3f, 1.1f), exposure = dice.Between(0.6f, 1.7f), grain = 12 * dice.Unit() * dice.Unit();
        float texture = 130 * dice.Unit() * dice.Unit(), scale = dice.Between(2, 8);
        for (var i = 0; i < Side * Side; i++)
        {
            var p = new Vector2(i % Side, i / Side) / Side;
            float r = rgb[3 * i], g = rgb[(3 * i) + 1], b = rgb[(3 * i) + 2];
            var grey = (0.3f * r) + (0.6f * g) + (0.1f * b);
            var added = (texture * noise.Fractal(p * scale, 6)) + (grain * 2 * (noise.Grain(i % Side, i / Side) - 0.5f));
            rgb[3 * i] = Level(r);
            rgb[(3 * i) + 1] = Level(g);
            rgb[(3 * i) + 2] = Level(b);

            byte Level(float v) => (byte)Math.Clamp(255 * MathF.Pow(Math.Clamp((grey + (colour * (v - grey)) + added) / 255, 0, 1), exposure), 0, 255);
        }
    }
}
