using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>All that a subject draws with, and the strokes that several subjects share.</summary>
internal sealed record Scene(Canvas Canvas, Arrangement Arrangement, Finish Finish, Dice Dice, Noise Noise)
{
    /// <summary>Line width factor along a stroke: full in the middle, thin at the ends, unsteady with a rough hand.</summary>
    public Func<float, float> Brush(float halfWidth, float phase) =>
        t => halfWidth * (0.25f + (0.75f * MathF.Sin(MathF.PI * Math.Clamp(t, 0.02f, 0.98f))))
            * (1 + (0.55f * Finish.Roughness * Noise.At(phase + (t * 11), 0.7f)));

    /// <summary>A disc lit from the left top, its rim unsteady with a rough hand, on a soft shadow.</summary>
    public void Ball(Vector2 at, float radius, Vector3 ink, float opacity = 1)
    {
        var phase = Dice.Between(0, 100);
        if (Finish.Shadow > 0)
        {
            Canvas.Disc(at + new Vector2(0.02f, 0.03f), radius, p => Shade(p), Finish.Shadow * opacity, 0.06f);
        }

        var reach = new Vector2(radius * 1.2f);
        Canvas.Shape(at - reach, at + reach, Distance, p => ink + (new Vector3(0.07f, 0, 0) * Vector2.Dot(at - p, new Vector2(0.6f, 0.8f)) / radius), opacity);

        float Distance(Vector2 p)
        {
            var d = p - at;
            var length = d.Length();
            if (Finish.Roughness == 0)
            {
                return length - radius;
            }

            var unit = d / Math.Max(length, 1e-5f);
            return length - (radius * (1 + (0.09f * Finish.Roughness * Noise.At(phase + (unit.X * 0.9f), unit.Y * 0.9f))));
        }
    }

    /// <summary>What lies at a point, darker: a shadow.</summary>
    public Vector3 Shade(Vector2 p) => Canvas.Sample(p) * new Vector3(0.45f, 0.7f, 0.7f);

    public static Vector2 Direction(float angle) => new(MathF.Cos(angle), MathF.Sin(angle));

    /// <summary>A smooth curve through four control points (cubic Bézier), as a chain of points.</summary>
    public static Vector2[] Curve(Vector2 a, Vector2 b, Vector2 c, Vector2 d, int pieces)
    {
        var points = new Vector2[pieces + 1];
        for (var i = 0; i <= pieces; i++)
        {
            float t = i / (float)pieces, s = 1 - t;
            points[i] = (s * s * s * a) + (3 * s * s * t * b) + (3 * s * t * t * c) + (t * t * t * d);
        }

        return points;
    }
}
