using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>A place for one element: where, how large (relative to its neighbours, about 1), turned how far (radians), how near (0 far, 1 near).</summary>
internal readonly record struct Mark(Vector2 At, float Size, float Angle, float Depth);

/// <summary>
/// What an action does to any subject: where elements go (<see cref="Marks"/>), how a continuous subject bends
/// (<see cref="Bend"/>), and what happens to the finished picture (<see cref="Complete"/>).
/// </summary>
internal sealed class Arrangement(string action, Dice dice, Noise noise)
{
    public static readonly string[] Names =
    [
        "drifting", "gathering", "falling", "rising", "spiralling", "in rows", "mirrored", "bursting", "turning", "dissolving", "resting",
        "echoing",
    ];

    private const float Golden = 0.618034f;

    private readonly Vector2 _focus = new(dice.Chance(0.5f) ? Golden : 1 - Golden, dice.Chance(0.5f) ? Golden : 1 - Golden);
    private readonly float _tilt = dice.Between(-0.5f, 0.5f);
    private readonly float _turn = dice.Chance(0.5f) ? 1 : -1;
    private readonly int _folds = 3 + dice.Below(5);

    public Mark[] Marks(int count)
    {
        var marks = action switch
        {
            "gathering" => Each(count, Gathering),
            "falling" => Each(count, Falling),
            "rising" => Each(count, Rising),
            "spiralling" => Each(count, Spiralling),
            "in rows" => Each(count, InRows),
            "bursting" => Each(count, Bursting),
            "turning" => Each(count, Turning),
            "resting" => Each(count, Resting),
            "echoing" => Each(count, Echoing),
            _ => Drifting(count),
        };
        Array.Sort(marks, (a, b) => a.Depth.CompareTo(b.Depth));
        return marks;
    }

    /// <summary>The point of an undisturbed picture that is seen at <paramref name="p"/>.</summary>
    public Vector2 Bend(Vector2 p)
    {
        var d = p - _focus;
        var r = d.Length();
        return action switch
        {
            "drifting" => p + (0.07f * new Vector2(noise.At(p.X * 2.3f, p.Y * 2.3f), noise.At(9 + (p.X * 2.3f), p.Y * 2.3f))),
            "gathering" => _focus + (d * (0.45f + (0.75f * r))),
            "falling" => new Vector2(p.X, p.Y - (0.16f * MathF.Abs(noise.At(p.X * 7, 0.5f)) * (0.3f + p.Y))),
            "rising" => new Vector2(p.X + (0.1f * MathF.Sin((p.Y * 5) + _tilt)), (1 - _folds * 0.02f) * p.Y + (0.25f * (p.X - 0.5f) * _turn)),
            "spiralling" => _focus + Rotate(d, _turn * 2.6f * MathF.Exp(-3.2f * r)),
            "bursting" => _focus + (d * (1.25f - (0.5f * MathF.Exp(-3 * r)))) + (0.03f * noise.At(6 * MathF.Atan2(d.Y, d.X), 1) * d),
            "turning" => _focus + Rotate(d, _turn * (0.6f + _tilt)),
            "resting" => new Vector2(p.X, (p.Y - 0.5f) * 1.5f + 0.32f),
            "echoing" => new Vector2(p.X, p.Y + (0.03f * MathF.Round(4 * p.X))),
            _ => p,
        };
    }

    /// <summary>The last step: mirrors the picture, or lets it fall apart into its background.</summary>
    public void Complete(Canvas picture, Canvas background)
    {
        switch (action)
        {
            case "mirrored":
                var whole = picture.Copy();
                picture.Change((p, c) => p.X > 0.5f ? whole.Sample(new Vector2(1 - p.X, p.Y)) : c);
                break;
            case "dissolving":
                var to = new Vector2(MathF.Cos(_tilt * 6), MathF.Sin(_tilt * 6));
                picture.Change((p, c) =>
                {
                    var keep = 0.62f - (0.9f * Vector2.Dot(p - new Vector2(0.5f), to)) + (0.75f * noise.Fractal(p * 9, 3));
                    return Vector3.Lerp(background.Sample(p), c, Math.Clamp((keep - 0.4f) * 5, 0, 1));
                });
                break;
        }
    }

    private static Mark[] Each(int count, Func<int, int, Mark> make) => [.. Enumerable.Range(0, count).Select(i => make(i, count))];

    /// <summary>Loosely even: each place is the one of ten tries that is farthest from the others (Mitchell 1991).</summary>
    private Mark[] Drifting(int count)
    {
        var marks = new Mark[count];
        var half = action == "mirrored" ? 0.5f : 1;
        for (var i = 0; i < count; i++)
        {
            Vector2 best = default;
            var farthest = -1f;
            for (var attempt = 0; attempt < 10; attempt++)
            {
                var p = dice.Point(0.08f);
                p.X *= half;
                var nearest = 9f;
                for (var j = 0; j < i; j++)
                {
                    nearest = Math.Min(nearest, Vector2.DistanceSquared(p, marks[j].At));
                }

                if (nearest > farthest)
                {
                    (best, farthest) = (p, nearest);
                }
            }

            marks[i] = new Mark(best, MathF.Exp(0.45f * dice.Bell()), _tilt + (0.35f * dice.Bell()), dice.Unit());
        }

        return marks;
    }

    private Mark Gathering(int i, int count)
    {
        var reach = 0.05f + (0.3f * MathF.Pow(dice.Unit(), 0.8f));
        var around = dice.Between(0, MathF.Tau);
        return new Mark(_focus + (reach * Direction(around)), 0.65f + (1.1f * (0.35f - reach)), around, 1 - reach);
    }

    private Mark Falling(int i, int count)
    {
        var y = MathF.Pow(dice.Unit(), 0.6f);
        return new Mark(new Vector2(dice.Between(0.04f, 0.96f), 0.04f + (0.92f * y)), 0.45f + (0.9f * y), (MathF.PI / 2) + (0.15f * dice.Bell()), y);
    }

    private Mark Rising(int i, int count)
    {
        var t = (i + dice.Unit()) / count;
        var x = 0.5f + (_turn * 0.28f * MathF.Sin((t * 4) + _tilt)) + (0.07f * dice.Bell());
        return new Mark(new Vector2(x, 0.95f - (0.87f * t)), 1.45f - (1.1f * t), -(MathF.PI / 2) + (_turn * 0.6f * MathF.Cos((t * 4) + _tilt)), 1 - t);
    }

    /// <summary>Vogel's sunflower.</summary>
    private Mark Spiralling(int i, int count)
    {
        var t = (i + 0.5f) / count;
        var around = (i * 2.3999632f * (count > 12 ? 1 : 0.42f)) + _tilt;
        return new Mark(Centre(0.35f) + (0.46f * MathF.Sqrt(t) * Direction(_turn * around)), 0.4f + (0.95f * t), (_turn * around) + 1.5f, 1 - t);
    }

    private Mark InRows(int i, int count)
    {
        var columns = (int)MathF.Ceiling(MathF.Sqrt(count));
        var rows = (count + columns - 1) / columns;
        var at = new Vector2(((i % columns) + 0.5f) / columns, ((i / columns) + 0.5f) / rows);
        return new Mark(new Vector2(0.5f) + (0.86f * (at - new Vector2(0.5f))), 0.85f + (0.06f * dice.Bell()), 0.04f * dice.Bell(), i / (float)count);
    }

    private Mark Bursting(int i, int count)
    {
        var t = (i + 1f) / count;
        var around = dice.Between(0, MathF.Tau);
        return new Mark(_focus + (0.62f * MathF.Pow(t, 0.8f) * Direction(around)), 0.3f + (1.2f * t), around, t);
    }

    private Mark Turning(int i, int count)
    {
        var ring = 1 + (i / _folds);
        var rings = 1 + ((count - 1) / _folds);
        var around = (MathF.Tau * (i % _folds) / _folds) + (_turn * 0.45f * ring) + _tilt;
        return new Mark(Centre(0.1f) + (0.4f * ring / rings * Direction(around)), 0.55f + (0.6f * ring / rings), around + 1.2f, 1 - (ring / (rings + 1f)));
    }

    private Mark Resting(int i, int count)
    {
        var x = (i + 0.5f + (0.3f * dice.Bell())) / count;
        return new Mark(new Vector2(0.1f + (0.8f * x), 0.74f + (0.03f * dice.Bell())), MathF.Exp(0.4f * dice.Bell()), 0.05f * dice.Bell(), dice.Unit());
    }

    private Mark Echoing(int i, int count)
    {
        var t = (i + 0.5f) / count;
        var from = new Vector2(0.5f) - (0.42f * Direction(_tilt + 0.6f));
        return new Mark(from + (0.84f * t * Direction(_tilt + 0.6f)), 1.6f * MathF.Pow(1 - (0.85f * t), 1.1f) + 0.1f, _tilt + (_turn * t), t);
    }

    private Vector2 Centre(float pull) => Vector2.Lerp(new Vector2(0.5f), _focus, pull);

    private static Vector2 Direction(float angle) => new(MathF.Cos(angle), MathF.Sin(angle));

    private static Vector2 Rotate(Vector2 v, float angle)
    {
        var (sin, cos) = MathF.SinCos(angle);
        return new Vector2((v.X * cos) - (v.Y * sin), (v.X * sin) + (v.Y * cos));
    }
}
