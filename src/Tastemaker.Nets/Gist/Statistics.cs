using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>Summaries of samples; sums run in order in double precision, so they are the same everywhere.</summary>
internal static class Statistics
{
    /// <summary>Mean, deviation (of the population) and skewness as the signed cube root of the third central moment.</summary>
    public static (double Mean, double Deviation, double Skew) Moments(ReadOnlySpan<float> samples)
    {
        double sum = 0, second = 0, third = 0;
        foreach (var s in samples)
        {
            sum += s;
        }

        var mean = sum / samples.Length;
        foreach (var s in samples)
        {
            var d = s - mean;
            second += d * d;
            third += d * d * d;
        }

        third /= samples.Length;
        return (mean, Math.Sqrt(second / samples.Length), Math.Sign(third) * PortableMath.Cbrt(Math.Abs(third)));
    }

    /// <summary>How many samples fall into each of <paramref name="bins"/> equal bins of [low, high]; outer samples go to the end bins.</summary>
    public static int[] Histogram(ReadOnlySpan<float> samples, float low, float high, int bins)
    {
        var counts = new int[bins];
        var scale = bins / (high - low);
        foreach (var s in samples)
        {
            counts[Math.Clamp((int)((s - low) * scale), 0, bins - 1)]++;
        }

        return counts;
    }

    /// <summary>The value below which the share <paramref name="p"/> lies, linear inside its bin.</summary>
    public static double Percentile(ReadOnlySpan<int> histogram, float low, float high, double p)
    {
        long total = 0;
        foreach (var count in histogram)
        {
            total += count;
        }

        var wanted = p * total;
        var below = 0L;
        for (var bin = 0; bin < histogram.Length; bin++)
        {
            if (histogram[bin] > 0 && below + histogram[bin] >= wanted)
            {
                return low + ((bin + ((wanted - below) / histogram[bin])) * (high - low) / histogram.Length);
            }

            below += histogram[bin];
        }

        return high;
    }

    /// <summary>Shannon entropy of a distribution given by weights ≥ 0, as a share of the highest possible; 0 if all are 0.</summary>
    public static double Entropy(ReadOnlySpan<double> weights)
    {
        double total = 0, entropy = 0;
        foreach (var w in weights)
        {
            total += w;
        }

        if (total <= 0)
        {
            return 0;
        }

        foreach (var w in weights)
        {
            if (w > 0)
            {
                entropy -= w / total * PortableMath.Log(w / total);
            }
        }

        return entropy / PortableMath.Log(weights.Length);
    }

    public static double Entropy(ReadOnlySpan<int> counts)
    {
        var weights = new double[counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            weights[i] = counts[i];
        }

        return Entropy(weights);
    }
}
