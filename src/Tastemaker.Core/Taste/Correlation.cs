namespace Tastemaker.Core.Taste;

/// <summary>How far two lists of numbers go together, from -1 to 1.</summary>
internal static class Correlation
{
    /// <summary>With fewer, every pair of lists goes together perfectly or not at all.</summary>
    public const int Fewest = 3;

    /// <summary>Of the values themselves; null for fewer than <see cref="Fewest"/>, or where a list has only one value.</summary>
    public static double? Pearson(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length < Fewest)
        {
            return null;
        }

        double meanA = 0, meanB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            meanA += (a[i] - meanA) / (i + 1);
            meanB += (b[i] - meanB) / (i + 1);
        }

        double together = 0, squaresA = 0, squaresB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var (da, db) = (a[i] - meanA, b[i] - meanB);
            together += da * db;
            squaresA += da * da;
            squaresB += db * db;
        }

        return squaresA > 0 && squaresB > 0 ? Math.Clamp(together / Math.Sqrt(squaresA) / Math.Sqrt(squaresB), -1, 1) : null;
    }

    /// <summary>Of the ranks, where equal values share the middle of theirs; null as for <see cref="Pearson"/>.</summary>
    public static double? Spearman(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => Pearson(MidRanks(a), MidRanks(b));

    /// <summary>
    /// Of every two places where <paramref name="truth"/> differs, at how many <paramref name="scores"/> differ the same way (what
    /// custom-classifier-training calls A/B accuracy); equal scores are wrong.
    /// </summary>
    public static (long Right, long Of) Ordered(ReadOnlySpan<double> truth, ReadOnlySpan<double> scores)
    {
        var (values, by) = (truth.ToArray(), scores.ToArray());
        Array.Sort(values, by);
        double[] levels = [.. by.Order().Distinct()];
        int[] places = [.. by.Select(score => Array.BinarySearch(levels, score) + 1)];
        var lower = new int[levels.Length + 1]; // Fenwick's tree: how many of those before have which score.
        var (right, of) = (0L, 0L);
        for (int first = 0, next; first < values.Length; first = next)
        {
            for (next = first; next < values.Length && values[next] == values[first]; next++)
            {
                of += first;
                for (var place = places[next] - 1; place > 0; place &= place - 1)
                {
                    right += lower[place];
                }
            }

            for (var i = first; i < next; i++)
            {
                for (var place = places[i]; place < lower.Length; place += place & -place)
                {
                    lower[place]++;
                }
            }
        }

        return (right, of);
    }

    /// <summary>Places from 0 for the lowest, where equal values share the middle of theirs.</summary>
    internal static double[] MidRanks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (int first = 0, next; first < sorted.Length; first = next)
        {
            for (next = first + 1; next < sorted.Length && sorted[next] == sorted[first]; next++)
            {
            }

            for (var i = first; i < next; i++)
            {
                ranks[order[i]] = (first + next - 1) / 2.0;
            }
        }

        return ranks;
    }
}
