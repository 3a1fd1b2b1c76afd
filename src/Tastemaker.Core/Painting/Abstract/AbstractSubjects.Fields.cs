using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>Subjects that fill the whole picture.</summary>
internal static partial class AbstractSubjects
{
    private static void Mountains(Scene s)
    {
        var ridges = 4 + s.Dice.Below(4);
        var sharp = s.Dice.Between(0.8f, 1.6f);
        var nearest = s.Finish.Inks[s.Dice.Pick<int>([0, 0, 2, 4])];
        if (s.Dice.Chance(0.6f))
        {
            var sun = new Vector2(s.Dice.Between(0.2f, 0.8f), s.Dice.Between(0.15f, 0.38f));
            s.Canvas.Disc(sun, 0.11f, _ => s.Finish.Inks[3], 0.35f, 0.16f);
            s.Canvas.Disc(sun, s.Dice.Between(0.05f, 0.1f), _ => s.Finish.Inks[3]);
        }

        for (var r = 0; r < ridges; r++)
        {
            var depth = (r + 0.7f) / ridges;
            float level = 0.36f + (0.56f * depth), height = 0.2f * (1.15f - (0.5f * depth));
            var skyline = Skyline(s, r, sharp);
            var ground = s.Finish.Ground(new Vector2(0.5f, level));
            var ink = Vector3.Lerp(ground, nearest, 0.12f + (0.88f * depth * depth));
            s.Canvas.Change((p, c) =>
            {
                var q = s.Arrangement.Bend(p);
                var crest = level - (height * skyline(q.X));
                var inside = Math.Clamp(((q.Y - crest) * s.Canvas.Size * 0.9f) + 0.5f, 0, 1);
                var mist = Math.Clamp((q.Y - level) * 1.8f, 0, 0.45f);
                return Vector3.Lerp(c, Vector3.Lerp(ink, ground, mist), inside);
            });
        }
    }

    /// <summary>The height of a ridge over x from −1 to 2, as a table with straight lines between its points.</summary>
    private static Func<float, float> Skyline(Scene s, int ridge, float sharp)
    {
        var heights = new float[(3 * s.Canvas.Size) + 2];
        for (var i = 0; i < heights.Length; i++)
        {
            float sum = -0.7f, strength = 1, x = ((((float)i / s.Canvas.Size) - 1) * (1.6f + (0.5f * ridge))) + (ridge * 13.7f);
            for (var octave = 0; octave < 5; octave++, x *= 2.03f, strength *= 0.46f)
            {
                sum += strength * (1 - (sharp * MathF.Abs(s.Noise.At(x, octave * 3.1f))));
            }

            heights[i] = sum;
        }

        return x =>
        {
            var at = Math.Clamp((x + 1) * s.Canvas.Size, 0, heights.Length - 1.001f);
            return float.Lerp(heights[(int)at], heights[(int)at + 1], at - (int)at);
        };
    }

    private static void Waves(Scene s)
    {
        var bands = 7 + s.Dice.Below(8);
        float length = s.Dice.Between(3, 9), height = s.Dice.Between(0.25f, 1.1f) / bands, slant = s.Dice.Between(-0.3f, 0.3f);
        var order = s.Dice.Below(5);
        s.Canvas.Change((p, c) =>
        {
            var q = s.Arrangement.Bend(p);
            var y = q.Y + (slant * (q.X - 0.5f));
            var crest = height * MathF.Sin((length * q.X) + (5 * y)) + (0.4f * height * s.Noise.At(q.X * 5, y * 6));
            var level = ((y + crest) * bands) - 1;
            if (level < 0)
            {
                return c;
            }

            var band = (int)level;
            var within = level - band;
            var depth = Math.Min(1, (band + 1f) / bands);
            var ink = s.Finish.Ink(order + (band * 2 % 5), depth, p);
            var previous = band == 0 ? c : s.Finish.Ink(order + ((band - 1) * 2 % 5), depth, p);
            var edge = Math.Clamp(within * s.Canvas.Size / bands, 0, 1);
            return Vector3.Lerp(previous, ink + new Vector3((0.1f * (1 - within)) - 0.06f, 0, 0), edge);
        });
    }

    private static void Stars(Scene s)
    {
        Vector3 cloud = s.Finish.Inks[1], other = s.Finish.Inks[2], spark = s.Finish.Inks[0];
        var scale = s.Dice.Between(1.6f, 3);
        s.Canvas.Change((p, c) =>
        {
            var q = s.Arrangement.Bend(p) * scale;
            var warp = new Vector2(s.Noise.Fractal(q, 3), s.Noise.Fractal(q + new Vector2(31, 7), 3));
            var dense = Math.Clamp((s.Noise.Fractal(q + (1.6f * warp), 4) * 1.5f) + 0.35f, 0, 1);
            return Vector3.Lerp(c, Vector3.Lerp(cloud, other, Math.Clamp(0.5f + (1.4f * warp.X), 0, 1)), dense * dense * 0.85f);
        });
        foreach (var m in s.Arrangement.Marks(90))
        {
            var bright = MathF.Pow(s.Dice.Unit(), 5);
            var at = Vector2.Lerp(m.At, s.Dice.Point(0), 0.35f);
            s.Canvas.Disc(at, 0.012f + (0.03f * bright), _ => spark, 0.3f, 0.035f);
            s.Canvas.Disc(at, (0.0025f + (0.008f * bright)) * (0.6f + (0.4f * m.Size)), _ => spark + new Vector3(0.05f, 0, 0));
        }
    }

    private static void ColourFields(Scene s)
    {
        var fields = 2 + s.Dice.Below(3);
        var i = s.Dice.Below(5);
        var marks = s.Arrangement.Marks(fields);
        Array.Sort(marks, (a, b) => a.At.Y.CompareTo(b.At.Y));
        var top = 0.07f;
        for (var f = 0; f < fields; f++)
        {
            var share = (f == fields - 1 ? 0.93f - top : (0.86f / fields * Math.Clamp(marks[f].Size, 0.55f, 1.4f)));
            Vector2 low = new(0.08f + (0.1f * marks[f].At.X), top), high = new(0.95f - (0.1f * (1 - marks[f].At.X)), Math.Min(0.93f, top + share));
            Vector3 ink = s.Finish.Ink(i, 0.8f, low), under = s.Finish.Ink(i + 1, 0.8f, low);
            i += 1 + s.Dice.Below(2);
            Vector2 middle = (low + high) / 2, half = (high - low) / 2;
            s.Canvas.Shape(low - new Vector2(0.1f), high + new Vector2(0.1f), p =>
            {
                var d = Vector2.Abs(s.Arrangement.Bend(p) - middle) - half + new Vector2(0.012f * s.Noise.Fractal(p * 13, 3));
                return Vector2.Max(d, Vector2.Zero).Length() + Math.Min(Math.Max(d.X, d.Y), 0);
            }, p => Vector3.Lerp(ink, under, 0.5f + (0.9f * s.Noise.Fractal(p * new Vector2(3, 7), 3))), 0.93f, 0.035f);
            top = high.Y + 0.028f;
        }
    }

    private static void Ripples(Scene s)
    {
        var sources = s.Arrangement.Marks(2 + s.Dice.Below(3));
        var frequency = s.Dice.Between(45, 110);
        Vector3 low = s.Finish.Inks[0], high = s.Finish.Inks[s.Dice.Chance(0.5f) ? 1 : 3], accent = s.Finish.Inks[2];
        s.Canvas.Change((p, c) =>
        {
            var q = s.Arrangement.Bend(p);
            var height = 0f;
            foreach (var m in sources)
            {
                var d = Vector2.Distance(q, m.At);
                height += m.Size * MathF.Cos(frequency * d) / (1 + (2.5f * d));
            }

            height /= MathF.Sqrt(sources.Length);
            var ink = height > 0 ? Vector3.Lerp(c, high, Math.Clamp(height * 1.5f, 0, 1)) : Vector3.Lerp(c, low, Math.Clamp(height * -1.5f, 0, 1));
            return Vector3.Lerp(ink, accent, Math.Clamp((MathF.Abs(height) - 0.85f) * 3, 0, 1));
        });
    }

    /// <summary>Voronoi cells with leading between them.</summary>
    private static void StainedGlass(Scene s)
    {
        var sites = s.Arrangement.Marks(22 + s.Dice.Below(26));
        var inks = sites.Select(m => s.Finish.Inks[s.Dice.Below(5)] + new Vector3(0.05f * s.Dice.Bell(), 0, 0)).ToArray();
        var lead = Vector3.Lerp(s.Finish.Top, s.Finish.Inks[0], s.Finish.Top.X > 0.5f ? 1 : 0) * new Vector3(0.6f, 0.6f, 0.6f);
        var width = s.Dice.Between(0.003f, 0.009f);
        s.Canvas.Fill(p =>
        {
            var q = p + (0.02f * s.Finish.Roughness * new Vector2(s.Noise.At(p.X * 12, p.Y * 12), s.Noise.At(p.X * 12, 40 + (p.Y * 12))));
            float nearest = 9, second = 9;
            int cell = 0, neighbour = 0;
            for (var i = 0; i < sites.Length; i++)
            {
                var d = Vector2.DistanceSquared(q, sites[i].At);
                if (d < nearest)
                {
                    (second, neighbour) = (nearest, cell);
                    (nearest, cell) = (d, i);
                }
                else if (d < second)
                {
                    (second, neighbour) = (d, i);
                }
            }

            // Distance to the bisector of the two nearest sites.
            var apart = Math.Max(1e-4f, Vector2.Distance(sites[cell].At, sites[neighbour].At));
            var edge = (second - nearest) / (2 * apart);
            var glass = inks[cell] + new Vector3((0.08f * s.Noise.Fractal(q * 22, 2)) + 0.04f - (0.5f * nearest), 0, 0);
            return Vector3.Lerp(lead, glass, Math.Clamp(((edge - width) * s.Canvas.Size) + 0.5f, 0, 1));
        });
    }
}
