using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>What can be drawn. Element subjects put something on each mark of the arrangement; field subjects colour every point after its bend.</summary>
internal static partial class AbstractSubjects
{
    private static readonly (string Name, Action<Scene> Draw)[] All =
    [
        ("three circles", s => Circles(s, 3, 0.19f)),
        ("many circles", s => Circles(s, 26 + s.Dice.Below(20), 0.055f)),
        ("rings", Rings),
        ("ribbons", Ribbons),
        ("reeds", Reeds),
        ("petals", Petals),
        ("shards", Shards),
        ("squares", Squares),
        ("threads", Threads),
        ("pebbles", Pebbles),
        ("mountains", Mountains),
        ("waves", Waves),
        ("stars", Stars),
        ("colour fields", ColourFields),
        ("ripples", Ripples),
        ("stained glass", StainedGlass),
    ];

    public static readonly string[] Names = [.. All.Select(s => s.Name)];

    public static void Draw(string subject, Scene scene) => All.First(s => s.Name == subject).Draw(scene);

    private static void Circles(Scene s, int count, float radius)
    {
        var i = s.Dice.Below(5);
        foreach (var m in s.Arrangement.Marks(count))
        {
            s.Ball(m.At, radius * m.Size, s.Finish.Ink(i++, m.Depth, m.At), s.Dice.Chance(0.25f) ? 0.75f : 1);
        }
    }

    private static void Rings(Scene s)
    {
        var i = 0;
        foreach (var m in s.Arrangement.Marks(5 + s.Dice.Below(6)))
        {
            var radius = 0.15f * m.Size;
            var ink = s.Finish.Ink(i++, m.Depth, m.At);
            var turns = 1 + s.Dice.Below(4);
            for (var k = 0; k < turns; k++)
            {
                var r = radius * (1 - (k / (turns + 0.6f)));
                var width = radius * s.Dice.Between(0.03f, 0.1f);
                var reach = new Vector2(r + width);
                s.Canvas.Shape(m.At - reach, m.At + reach, p => MathF.Abs(Vector2.Distance(p, m.At) - r) - (width * Unsteady(s, p - m.At)), _ => ink, 0.92f);
            }
        }
    }

    private static float Unsteady(Scene s, Vector2 d) => 1 + (0.8f * s.Finish.Roughness * s.Noise.At(d.X * 14, d.Y * 14));

    private static void Ribbons(Scene s)
    {
        var i = s.Dice.Below(5);
        foreach (var m in s.Arrangement.Marks(6 + s.Dice.Below(5)))
        {
            var along = Scene.Direction(m.Angle);
            var side = new Vector2(-along.Y, along.X);
            var length = 0.45f * (0.5f + m.Size);
            var curl = s.Dice.Between(-0.35f, 0.35f);
            var points = Scene.Curve(
                m.At - (length * along), m.At - (length * 0.35f * along) + (curl * side), m.At + (length * 0.35f * along) - (curl * side), m.At + (length * along), 40);
            Vector3 ink = s.Finish.Ink(i, m.Depth, m.At), other = s.Finish.Ink(i + 1, m.Depth, m.At);
            i++;
            var twist = s.Dice.Between(2, 5);
            var width = 0.045f * m.Size;
            var brush = s.Brush(width, i * 7);
            s.Canvas.Stroke([.. points.Select(p => p + new Vector2(0.008f, 0.014f))], brush, (p, _) => s.Shade(p), s.Finish.Shadow);
            s.Canvas.Stroke(points, brush, (_, t) => Vector3.Lerp(ink, other, t) + new Vector3(0.09f * MathF.Sin(twist * MathF.Tau * t), 0, 0), 0.96f);
        }
    }

    private static void Reeds(Scene s)
    {
        var bend = s.Dice.Between(2, 5);
        foreach (var m in s.Arrangement.Marks(230))
        {
            var p = m.At;
            var points = new Vector2[14];
            var ink = s.Finish.Ink((int)(2.4f + (2.5f * s.Noise.At(m.At.X * 2, m.At.Y * 2)) + s.Dice.Unit()), m.Depth, m.At);
            for (var k = 0; k < points.Length; k++)
            {
                points[k] = p;
                var angle = m.Angle + (bend * s.Noise.At(p.X * 1.8f, p.Y * 1.8f));
                p += 0.0135f * (0.4f + m.Size) * Scene.Direction(angle);
            }

            s.Canvas.Stroke(points, s.Brush(0.0055f * (0.4f + m.Size), m.At.X * 50), (_, _) => ink, 0.9f);
        }
    }

    private static void Petals(Scene s)
    {
        var petals = 5 + s.Dice.Below(8);
        var slender = s.Dice.Between(0.22f, 0.5f);
        var i = s.Dice.Below(5);
        foreach (var m in s.Arrangement.Marks(4 + s.Dice.Below(8)))
        {
            var radius = 0.17f * m.Size;
            Vector3 ink = s.Finish.Ink(i, m.Depth, m.At), heart = s.Finish.Ink(i + 3, m.Depth, m.At);
            i++;
            for (var k = 0; k < petals; k++)
            {
                var along = Scene.Direction(m.Angle + (MathF.Tau * k / petals));
                var side = new Vector2(-along.Y, along.X);
                var reach = new Vector2(radius * 1.05f);
                s.Canvas.Shape(m.At - reach, m.At + reach, p => Petal(p - m.At, along, side, radius, slender),
                    p => Vector3.Lerp(heart, ink, Math.Clamp(Vector2.Distance(p, m.At) / radius * 1.4f, 0, 1)) + new Vector3(k % 2 * 0.03f, 0, 0), 0.78f);
            }

            s.Ball(m.At, radius * 0.16f, heart);
        }
    }

    /// <summary>A lens between the flower's heart and its rim.</summary>
    private static float Petal(Vector2 d, Vector2 along, Vector2 side, float radius, float slender)
    {
        var x = (Vector2.Dot(d, along) / radius * 2) - 1;
        var y = Vector2.Dot(d, side) / radius * 2;
        var half = MathF.Abs(x) < 1 ? slender * (1 - (x * x)) * (1 + (0.4f * x)) : -1;
        return (MathF.Abs(y) - half) * radius * 0.5f / (1 + slender);
    }

    private static void Shards(Scene s)
    {
        var i = s.Dice.Below(5);
        foreach (var m in s.Arrangement.Marks(16 + s.Dice.Below(14)))
        {
            var corners = new Vector2[3 + s.Dice.Below(2)];
            for (var k = 0; k < corners.Length; k++)
            {
                var around = m.Angle + (MathF.Tau * (k + (0.35f * s.Dice.Bell())) / corners.Length);
                corners[k] = m.At + (0.14f * m.Size * new Vector2(1.5f, 0.7f).Length() * s.Dice.Between(0.45f, 1) * Scene.Direction(around));
            }

            var ink = s.Finish.Ink(i++, m.Depth, m.At);
            var light = Scene.Direction(s.Dice.Between(0, MathF.Tau));
            s.Canvas.Polygon([.. corners.Select(c => c + new Vector2(0.012f, 0.02f))], s.Shade, s.Finish.Shadow, 0.04f);
            s.Canvas.Polygon(corners, p => ink + new Vector3(0.5f * Vector2.Dot(p - m.At, light), 0, 0), 0.86f);
        }
    }

    private static void Squares(Scene s)
    {
        var count = s.Dice.Chance(0.5f) ? 9 : 25;
        var i = 0;
        foreach (var m in s.Arrangement.Marks(count))
        {
            var side = (count == 9 ? 0.13f : 0.08f) * m.Size;
            var nested = 2 + s.Dice.Below(3);
            i += 1 + s.Dice.Below(2);
            for (var k = 0; k < nested; k++)
            {
                var half = side * (1 - (k / (nested + 0.4f)));
                var centre = m.At + (0.12f * k * side * Vector2.UnitY);
                var (sin, cos) = MathF.SinCos(m.Angle * 0.35f);
                Vector2 u = half * new Vector2(cos, sin), v = half * new Vector2(-sin, cos);
                var ink = s.Finish.Ink(i + k, m.Depth, m.At);
                if (k == 0)
                {
                    var below = new Vector2(0.01f, 0.018f);
                    s.Canvas.Polygon([centre - u - v + below, centre + u - v + below, centre + u + v + below, centre - u + v + below], s.Shade, s.Finish.Shadow, 0.035f);
                }

                s.Canvas.Polygon([centre - u - v, centre + u - v, centre + u + v, centre - u + v], _ => ink, 0.95f);
            }
        }
    }

    private static void Threads(Scene s)
    {
        var marks = s.Arrangement.Marks(4 + s.Dice.Below(3));
        for (var bundle = 0; bundle + 1 < marks.Length; bundle++)
        {
            Mark a = marks[bundle], b = marks[bundle + 1];
            Vector2 da = 0.35f * a.Size * Scene.Direction(a.Angle), db = 0.35f * b.Size * Scene.Direction(b.Angle + 1.2f);
            Vector3 first = s.Finish.Ink(bundle, a.Depth, a.At), last = s.Finish.Ink(bundle + 2, b.Depth, b.At);
            const int Lines = 26;
            for (var k = 0; k < Lines; k++)
            {
                var t = (k / (Lines - 1f) * 2) - 1;
                Vector2 from = a.At + (t * da), to = b.At - (t * db);
                var sag = new Vector2(0, 0.08f * t);
                var ink = Vector3.Lerp(first, last, (t + 1) / 2);
                s.Canvas.Stroke(Scene.Curve(from, Vector2.Lerp(from, to, 0.33f) + sag, Vector2.Lerp(from, to, 0.66f) - sag, to, 16), _ => 0.0016f, (_, _) => ink, 0.85f);
            }
        }
    }

    private static void Pebbles(Scene s)
    {
        var i = 0;
        foreach (var m in s.Arrangement.Marks(14 + s.Dice.Below(16)))
        {
            float radius = 0.075f * m.Size, flat = s.Dice.Between(0.55f, 0.9f), phase = s.Dice.Between(0, 50);
            var (sin, cos) = MathF.SinCos(m.Angle * 0.5f);
            var ink = s.Finish.Ink(i++, m.Depth, m.At);
            var reach = new Vector2(radius * 1.4f);
            var below = new Vector2(0.012f, 0.02f);
            s.Canvas.Shape(m.At - reach, m.At + reach + below, p => Distance(p - m.At - below), s.Shade, s.Finish.Shadow, 0.04f);
            s.Canvas.Shape(m.At - reach, m.At + reach, p => Distance(p - m.At),
                p => ink + new Vector3((0.06f * (m.At.Y - p.Y) / radius) + (0.035f * s.Noise.Fractal((p * 30) + new Vector2(phase), 2)), 0, 0));

            float Distance(Vector2 d)
            {
                var q = new Vector2((d.X * cos) + (d.Y * sin), ((d.Y * cos) - (d.X * sin)) / flat);
                var length = q.Length();
                var unit = q / Math.Max(length, 1e-5f);
                return (length - (radius * (1 + (0.16f * s.Noise.At(phase + unit.X, unit.Y))))) * flat;
            }
        }
    }
}
