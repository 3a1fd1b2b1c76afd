namespace Tastemaker.Nets.Pixels;

/// <summary>
/// The source pixels of each output pixel along one axis, and their weights.
/// Follows <c>precompute_coeffs</c> and <c>normalize_coeffs_8bpc</c> in Pillow 9.4, Resample.c.
/// </summary>
internal sealed class Taps
{
    /// <summary>Bits behind the point of a fixed-point weight: 32 less 8 of the sample, less 2 for overshoot.</summary>
    public const int FractionBits = 32 - 8 - 2;

    private Taps(int count, int capacity)
    {
        Capacity = capacity;
        First = new int[count];
        Length = new int[count];
        Exact = new double[count * capacity];
        Fixed = new int[count * capacity];
    }

    public int Count => First.Length;

    /// <summary>Weights kept for each output pixel; those past its <see cref="Length"/> are zero.</summary>
    public int Capacity { get; }

    public int[] First { get; }

    public int[] Length { get; }

    /// <summary>Weights that sum to 1.</summary>
    public double[] Exact { get; }

    /// <summary>The same times 2^<see cref="FractionBits"/>, rounded half away from zero.</summary>
    public int[] Fixed { get; }

    /// <summary>One past the last source pixel that any output pixel needs.</summary>
    public int End => First[^1] + Length[^1];

    /// <summary>The taps of output pixels <paramref name="from"/> to <paramref name="from"/> + <paramref name="count"/> of <paramref name="output"/>.</summary>
    public static Taps For(Interpolation filter, int source, long output, long from, int count)
    {
        var scale = (double)source / output;
        var filterScale = Math.Max(scale, 1);
        var support = filter.Support() * filterScale;
        var taps = new Taps(count, (int)Math.Ceiling(support) * 2 + 1);
        for (var i = 0; i < count; i++)
        {
            var center = (from + i + 0.5) * scale;
            var first = Math.Max((int)(center - support + 0.5), 0);
            var length = Math.Min((int)(center + support + 0.5), source) - first;
            (taps.First[i], taps.Length[i]) = (first, length);
            taps.Weigh(i, filter, center, 1 / filterScale);
        }

        return taps;
    }

    private void Weigh(int i, Interpolation filter, double center, double step)
    {
        var weights = Exact.AsSpan(i * Capacity, Length[i]);
        var sum = 0.0;
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = filter.At((First[i] + k - center + 0.5) * step);
            sum += weights[k];
        }

        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = sum == 0 ? weights[k] : weights[k] / sum;
            Fixed[i * Capacity + k] = (int)(weights[k] * (1 << FractionBits) + (weights[k] < 0 ? -0.5 : 0.5));
        }
    }
}
