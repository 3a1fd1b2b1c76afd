using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>How two heads go together over the images of a report.</summary>
/// <param name="First">By its place among the report's heads.</param>
/// <param name="Second">The same.</param>
/// <param name="Pearson">Of the scores; null for fewer than three images or where a head gives all the same.</param>
/// <param name="Spearman">Of the ranks; null as well then.</param>
/// <param name="FirstOnly">Images that the first ranks highest above the second, most so first; by their places in the report.</param>
/// <param name="SecondOnly">The other way round.</param>
public sealed record HeadPair(int First, int Second, double? Pearson, double? Spearman, IReadOnlyList<int> FirstOnly, IReadOnlyList<int> SecondOnly)
{
    /// <summary>Disagreements that are kept for each side.</summary>
    private const int Most = 24;

    internal static HeadPair Of(int first, int second, double[][] scores)
    {
        var (a, b) = (Correlation.MidRanks(scores[first]), Correlation.MidRanks(scores[second]));
        int[] apart = [.. Enumerable.Range(0, a.Length).OrderByDescending(i => a[i] - b[i])];
        return new(
            first, second, Correlation.Pearson(scores[first], scores[second]), Correlation.Pearson(a, b),
            [.. apart.TakeWhile(i => a[i] > b[i]).Take(Most)], [.. apart.Reverse().TakeWhile(i => a[i] < b[i]).Take(Most)]);
    }
}
