namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>
/// Ways from one vector to another. Follows <c>slerp</c> of AUTOMATIC1111/stable-diffusion-webui-aesthetic-gradients, aesthetic_clip.py: the angle is
/// that of the directions, what is mixed keeps its length; where there is no angle, and the extension made NaN, the way is straight.
/// </summary>
internal static class Arc
{
    private const double NoAngle = 1e-6;

    /// <summary>(1 − share) from + share to.</summary>
    public static float[] Straight(ReadOnlySpan<float> from, ReadOnlySpan<float> to, double share)
    {
        var made = new float[from.Length];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = (float)(((1 - share) * from[i]) + (share * to[i]));
        }

        return made;
    }

    /// <summary>Every row of a matrix along its own arc.</summary>
    public static float[] OverRows(ReadOnlySpan<float> from, ReadOnlySpan<float> to, double share, int width)
    {
        var made = new float[from.Length];
        for (var start = 0; start < made.Length; start += width)
        {
            Along(from, to, share, made, start, step: 1, width);
        }

        return made;
    }

    /// <summary>Every column of a matrix along its own arc.</summary>
    public static float[] OverColumns(ReadOnlySpan<float> from, ReadOnlySpan<float> to, double share, int width)
    {
        var made = new float[from.Length];
        for (var start = 0; start < width; start++)
        {
            Along(from, to, share, made, start, step: width, made.Length / width);
        }

        return made;
    }

    private static void Along(ReadOnlySpan<float> from, ReadOnlySpan<float> to, double share, Span<float> made, int start, int step, int count)
    {
        var (product, fromSquare, toSquare) = (0.0, 0.0, 0.0);
        for (var (i, at) = (0, start); i < count; i++, at += step)
        {
            product += (double)from[at] * to[at];
            fromSquare += (double)from[at] * from[at];
            toSquare += (double)to[at] * to[at];
        }

        var angle = Math.Acos(Math.Clamp(product / Math.Sqrt(fromSquare * toSquare), -1, 1));
        var sine = Math.Sin(angle);
        var (a, b) = sine > NoAngle ? (Math.Sin((1 - share) * angle) / sine, Math.Sin(share * angle) / sine) : (1 - share, share);
        for (var (i, at) = (0, start); i < count; i++, at += step)
        {
            made[at] = (float)((a * from[at]) + (b * to[at]));
        }
    }
}
