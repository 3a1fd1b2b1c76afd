using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>
/// What a suffix decides: the colours, and how the surface is treated at the end. Grounds run from the top of the picture to its
/// bottom; inks are in order of use.
/// </summary>
internal sealed record Finish(Vector3 Top, Vector3 Bottom, Vector3[] Inks)
{
    public static readonly string[] Names =
    [
        "at dusk", "in fog", "in neon", "in pastel", "on old paper", "in ink", "under water", "in autumn", "by moonlight", "in spring",
        "in gold and black", "behind frosted glass", "as a riso print", "at noon",
    ];

    /// <summary>0 a ruler, 1 an unsteady hand.</summary>
    public float Roughness { get; private init; }

    /// <summary>How much the far is lost in the ground, 0 to 1.</summary>
    public float Haze { get; private init; }

    /// <summary>Strength of soft shadows under elements.</summary>
    public float Shadow { get; private init; } = 0.25f;

    private float Grain { get; init; } = 0.012f;

    private float Glow { get; init; }

    private float Blur { get; init; }

    private float Vignette { get; init; }

    private float Paper { get; init; }

    private float Ripple { get; init; }

    private float Frost { get; init; }

    private float Halftone { get; init; }

    public static Finish For(string suffix, Dice dice)
    {
        var drift = dice.Between(-12, 12);
        Vector3 C(float lightness, float chroma, float hue) => Oklab.FromLch(lightness + (0.012f * dice.Bell()), chroma, hue + drift);
        return suffix switch
        {
            "at dusk" => new(C(0.36f, 0.09f, 285), C(0.76f, 0.13f, 52),
                [C(0.24f, 0.07f, 290), C(0.68f, 0.17f, 32), C(0.44f, 0.13f, 340), C(0.83f, 0.12f, 75), C(0.32f, 0.09f, 270)])
            { Vignette = 0.16f, Haze = 0.3f, Glow = 0.25f },
            "in fog" => new(C(0.87f, 0.014f, 235), C(0.78f, 0.02f, 220),
                [C(0.6f, 0.03f, 230), C(0.7f, 0.025f, 210), C(0.5f, 0.03f, 250), C(0.8f, 0.03f, 80), C(0.66f, 0.045f, 30)])
            { Haze = 0.75f, Blur = 0.006f, Shadow = 0.08f },
            "in neon" => new(C(0.13f, 0.05f, 285), C(0.2f, 0.09f, 300),
                [C(0.7f, 0.26f, 350), C(0.82f, 0.15f, 200), C(0.62f, 0.24f, 300), C(0.88f, 0.2f, 125), C(0.72f, 0.19f, 45)])
            { Glow = 0.9f, Shadow = 0, Vignette = 0.12f },
            "in pastel" => new(C(0.96f, 0.018f, 80), C(0.92f, 0.03f, 20),
                [C(0.84f, 0.085f, 15), C(0.87f, 0.07f, 165), C(0.82f, 0.075f, 290), C(0.91f, 0.085f, 95), C(0.82f, 0.07f, 235)])
            { Shadow = 0.1f, Grain = 0.02f, Roughness = 0.2f },
            "on old paper" => new(C(0.89f, 0.045f, 83), C(0.84f, 0.055f, 76),
                [C(0.36f, 0.05f, 55), C(0.5f, 0.11f, 38), C(0.55f, 0.06f, 120), C(0.62f, 0.07f, 70), C(0.42f, 0.05f, 240)])
            { Paper = 1, Roughness = 0.8f, Vignette = 0.2f, Shadow = 0.05f, Grain = 0.03f },
            "in ink" => new(C(0.965f, 0.01f, 90), C(0.945f, 0.014f, 85),
                [C(0.17f, 0.012f, 260), C(0.3f, 0.012f, 260), C(0.55f, 0.01f, 250), Oklab.FromLch(0.57f, 0.2f, 30), C(0.75f, 0.008f, 250)])
            { Roughness = 1, Shadow = 0, Paper = 0.4f, Haze = 0.25f },
            "under water" => new(C(0.62f, 0.1f, 205), C(0.2f, 0.07f, 240),
                [C(0.78f, 0.11f, 185), C(0.5f, 0.1f, 225), C(0.88f, 0.07f, 160), C(0.35f, 0.09f, 250), C(0.74f, 0.13f, 50)])
            { Ripple = 1, Glow = 0.35f, Haze = 0.45f, Vignette = 0.15f },
            "in autumn" => new(C(0.9f, 0.045f, 85), C(0.78f, 0.09f, 68),
                [C(0.5f, 0.15f, 38), C(0.73f, 0.145f, 75), C(0.34f, 0.11f, 18), C(0.43f, 0.075f, 130), C(0.62f, 0.16f, 52)])
            { Roughness = 0.35f, Grain = 0.025f, Vignette = 0.08f },
            "by moonlight" => new(C(0.16f, 0.035f, 268), C(0.32f, 0.05f, 255),
                [C(0.86f, 0.025f, 235), C(0.4f, 0.05f, 262), C(0.6f, 0.045f, 245), C(0.26f, 0.05f, 275), C(0.92f, 0.05f, 95)])
            { Glow = 0.5f, Vignette = 0.22f, Haze = 0.4f },
            "in spring" => new(C(0.965f, 0.02f, 130), C(0.9f, 0.06f, 150),
                [C(0.74f, 0.16f, 140), C(0.8f, 0.12f, 355), C(0.91f, 0.14f, 105), C(0.76f, 0.1f, 235), C(0.55f, 0.12f, 155)])
            { Shadow = 0.15f, Roughness = 0.2f },
            "in gold and black" => new(C(0.14f, 0.008f, 80), C(0.19f, 0.015f, 70),
                [C(0.8f, 0.13f, 86), C(0.58f, 0.105f, 76), C(0.92f, 0.07f, 96), C(0.3f, 0.03f, 75), C(0.7f, 0.12f, 80)])
            { Grain = 0.022f, Glow = 0.25f, Vignette = 0.15f, Shadow = 0.5f },
            "behind frosted glass" => new(C(0.85f, 0.05f, 200), C(0.7f, 0.09f, 320),
                [C(0.55f, 0.19f, 20), C(0.62f, 0.15f, 250), C(0.8f, 0.15f, 85), C(0.45f, 0.13f, 300), C(0.65f, 0.14f, 160)])
            { Frost = 1, Blur = 0.011f, Grain = 0.02f },
            "as a riso print" => new(C(0.955f, 0.016f, 95), C(0.955f, 0.016f, 95),
                [C(0.7f, 0.21f, 5), C(0.5f, 0.17f, 262), C(0.89f, 0.17f, 100), C(0.35f, 0.1f, 270), C(0.72f, 0.14f, 165)])
            { Halftone = 1, Grain = 0.05f, Shadow = 0, Roughness = 0.3f },
            _ => new(C(0.7f, 0.13f, 245), C(0.9f, 0.05f, 215),
                [C(0.97f, 0.012f, 95), C(0.64f, 0.17f, 38), C(0.88f, 0.16f, 95), C(0.42f, 0.13f, 255), C(0.56f, 0.13f, 150)])
            { Shadow = 0.55f, Grain = 0.006f },
        };
    }

    public Vector3 Ground(Vector2 p) => Vector3.Lerp(Top, Bottom, p.Y);

    /// <summary>An ink, lost in the ground the farther it is.</summary>
    public Vector3 Ink(int index, float depth, Vector2 at) =>
        Vector3.Lerp(Inks[index % Inks.Length], Ground(at), Haze * (1 - depth) * 0.8f);

    /// <summary>Treats the whole surface.</summary>
    public void Apply(Canvas picture, Noise noise)
    {
        if (Ripple > 0)
        {
            Distort(picture, p => p + (0.011f * new Vector2(MathF.Sin((p.Y * 34) + (3 * noise.At(p.X * 4, p.Y * 4))), 0.6f * noise.At(p.X * 9, p.Y * 9))));
        }

        picture.Blur(Blur);
        if (Frost > 0)
        {
            var size = picture.Size;
            Distort(picture, p => p + (0.022f * new Vector2(
                noise.Grain((int)(p.X * size), (int)(p.Y * size)) - 0.5f, noise.Grain((int)(p.X * size) + 7919, (int)(p.Y * size)) - 0.5f)));
        }

        if (Glow > 0)
        {
            AddGlow(picture);
        }

        if (Halftone > 0)
        {
            Screen(picture);
        }

        Age(picture, noise);
    }

    private static void Distort(Canvas picture, Func<Vector2, Vector2> from)
    {
        var before = picture.Copy();
        picture.Fill(p => before.Sample(from(p)));
    }

    /// <summary>Light spills over from what is brighter than its surroundings.</summary>
    private void AddGlow(Canvas picture)
    {
        var halo = picture.Copy();
        halo.Blur(0.022f);
        var i = 0;
        picture.Change((_, c) =>
        {
            var light = halo.Pixels[i++];
            return c + (Glow * Math.Clamp(light.X - (0.75f * c.X), 0, 0.35f) * new Vector3(1, 1.1f * light.Y / Math.Max(light.X, 0.1f), 1.1f * light.Z / Math.Max(light.X, 0.1f)));
        });
    }

    /// <summary>A screen of dots at 30°: dark parts print larger dots of themselves on paper.</summary>
    private void Screen(Canvas picture)
    {
        var paper = Top;
        picture.Change((p, c) =>
        {
            float u = ((p.X * 0.866f) + (p.Y * 0.5f)) * 62, v = ((p.Y * 0.866f) - (p.X * 0.5f)) * 62;
            var dot = 0.5f + (0.25f * (MathF.Cos(u * MathF.Tau) + MathF.Cos(v * MathF.Tau)));
            var ink = Math.Clamp(Vector3.Distance(c, paper) * 3.2f, 0, 1);
            return Vector3.Lerp(paper, c, Math.Clamp(((ink - (0.8f * dot)) * 3.5f) + 0.45f, 0.1f, 1) * Halftone);
        });
    }

    private void Age(Canvas picture, Noise noise)
    {
        picture.Change((p, c) =>
        {
            int x = (int)(p.X * picture.Size), y = (int)(p.Y * picture.Size);
            c.X += Grain * ((noise.Grain(x, y) + noise.Grain(x + 1013, y)) - 1) * 2;
            if (Paper > 0)
            {
                var fibre = noise.Fractal(new Vector2(p.X * 60, p.Y * 14), 2);
                var stain = noise.Fractal(p * 3.1f, 3);
                c += Paper * new Vector3((0.022f * fibre) - (0.05f * Math.Max(0, stain)), 0, 0.01f * stain);
            }

            var d = p - new Vector2(0.5f);
            c.X -= Vignette * 1.6f * d.LengthSquared();
            return c;
        });
    }
}
