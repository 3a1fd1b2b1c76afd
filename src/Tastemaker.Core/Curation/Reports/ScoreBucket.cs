namespace Tastemaker.Core.Curation.Reports;

/// <summary>How a report cuts a head's scores.</summary>
public enum BucketKind
{
    /// <summary>40 buckets of 0.25 from 0 to 10, as the public page of ASV2 has; of another round width for scores of another scale.</summary>
    Width,

    /// <summary>20 buckets of equally many images.</summary>
    Quantiles,
}

/// <summary>The images whose scores are from <paramref name="From"/> up to <paramref name="To"/>.</summary>
/// <param name="To">Not in the bucket, but in the last one of a fixed width, and in those of equally many images.</param>
/// <param name="Images">By their places in the report, best first.</param>
public sealed record ScoreBucket(double From, double To, IReadOnlyList<int> Images)
{
    private const int Fixed = 40;
    private const int Quantiles = 20;
    private const int Bars = 60;

    /// <summary>The scale of ASV2, and the width of the buckets of its page.</summary>
    private const double UsualTo = 10, UsualWidth = UsualTo / Fixed;

    /// <param name="ranked">Images by their places in the report, best first; at least one.</param>
    internal static IReadOnlyList<ScoreBucket> Of(BucketKind kind, IReadOnlyList<int> ranked, Func<int, double> score) =>
        kind == BucketKind.Quantiles ? OfEqualCount(ranked, score) : OfWidth(ranked, score);

    /// <summary>Edges of the bars of a chart over the scores.</summary>
    internal static double[] BarEdges(double lowest, double highest) => Edges(lowest, highest, Bars);

    /// <summary>Which of the spans between rising edges a score is in; the last holds its upper edge too.</summary>
    internal static int IndexOf(double[] edges, double score)
    {
        var found = Array.BinarySearch(edges, score);
        return Math.Clamp(found >= 0 ? found : ~found - 1, 0, edges.Length - 2);
    }

    private static ScoreBucket[] OfWidth(IReadOnlyList<int> ranked, Func<int, double> score)
    {
        var (lowest, highest) = (score(ranked[^1]), score(ranked[0]));
        var isUsual = lowest >= 0 && highest <= UsualTo && highest - lowest >= 4 * UsualWidth;
        var edges = isUsual ? [.. Enumerable.Range(0, Fixed + 1).Select(i => i * UsualWidth)] : Edges(lowest, highest, Fixed);
        var buckets = new List<int>[edges.Length - 1];
        foreach (var image in ranked)
        {
            (buckets[IndexOf(edges, score(image))] ??= []).Add(image);
        }

        return [.. buckets.Select((images, i) => new ScoreBucket(edges[i], edges[i + 1], images ?? []))];
    }

    private static ScoreBucket[] OfEqualCount(IReadOnlyList<int> ranked, Func<int, double> score)
    {
        var count = Math.Min(Quantiles, ranked.Count);
        var buckets = new ScoreBucket[count];
        for (var i = 0; i < count; i++)
        {
            int[] images = [.. ranked.Skip(Start(i)).Take(Start(i + 1) - Start(i))];
            buckets[count - 1 - i] = new(score(images[^1]), score(images[0]), images);
        }

        return buckets;

        int Start(int bucket) => (int)((long)bucket * ranked.Count / count);
    }

    /// <summary>Multiples of a round width around all scores, at most <paramref name="most"/> spans.</summary>
    private static double[] Edges(double lowest, double highest, int most)
    {
        var span = Math.Max(highest - lowest, Math.Max(Math.Abs(highest), 1) * 1e-3);
        for (var width = Axis.RoundStep(span / most); ; width = Axis.RoundStep(width * 1.01))
        {
            var (first, last) = (Math.Floor(lowest / width), Math.Floor(highest / width));
            if (last - first < most)
            {
                return [.. Enumerable.Range(0, (int)(last - first) + 2).Select(i => (first + i) * width)];
            }
        }
    }
}
