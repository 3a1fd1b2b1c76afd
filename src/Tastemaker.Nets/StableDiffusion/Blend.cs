using System.Numerics;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>Weighted sums of vectors, element by element: products rounded, then added in the order given, so that the same numbers come on every machine.</summary>
internal static class Blend
{
    /// <summary>into = a x + b y; <paramref name="into"/> may be either.</summary>
    public static void Set(Span<float> into, float a, ReadOnlySpan<float> x, float b, ReadOnlySpan<float> y)
    {
        Require(into, x);
        Require(into, y);
        var i = 0;
        for (; i <= into.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            ((new Vector<float>(x[i..]) * a) + (new Vector<float>(y[i..]) * b)).CopyTo(into[i..]);
        }

        for (; i < into.Length; i++)
        {
            into[i] = (x[i] * a) + (y[i] * b);
        }
    }

    /// <summary>into += a x</summary>
    public static void Add(Span<float> into, float a, ReadOnlySpan<float> x) => Set(into, 1, into, a, x);

    /// <summary>into = a x</summary>
    public static void Scale(Span<float> into, float a, ReadOnlySpan<float> x)
    {
        Require(into, x);
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = x[i] * a;
        }
    }

    private static void Require(ReadOnlySpan<float> into, ReadOnlySpan<float> x)
    {
        if (into.Length != x.Length)
        {
            throw new ArgumentException($"{x.Length} numbers came where {into.Length} are wanted.");
        }
    }
}
