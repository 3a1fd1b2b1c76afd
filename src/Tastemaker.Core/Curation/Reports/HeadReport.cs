using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>How one head's scores lie over the images of a report, on the head's own scale.</summary>
/// <param name="Deviation">Of these images, not an estimate for others: the mean of squares is over their number.</param>
/// <param name="Ranked">The images by their places in the report, best first.</param>
/// <param name="Thresholds">In use, lowest first.</param>
/// <param name="Beyond">How many lie more than 2, and more than 3 deviations above the mean.</param>
/// <param name="Buckets">Lowest first; together they hold every image once.</param>
public sealed record HeadReport(
    string Name,
    double Mean,
    double Deviation,
    double Median,
    IReadOnlyList<int> Ranked,
    IReadOnlyList<ThresholdReport> Thresholds,
    (int Two, int Three) Beyond,
    IReadOnlyList<ScoreBucket> Buckets)
{
    internal double[] Scores { get; private init; } = [];

    public double Lowest => Scores[Ranked[^1]];

    public double Highest => Scores[Ranked[0]];

    public double ScoreOf(int image) => Scores[image];

    internal static HeadReport Of(ScoringHead head, double[] scores, IReadOnlyList<string> names, ReportOptions options)
    {
        int[] ranked = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => names[i], StringComparer.Ordinal)];
        var mean = scores.Average();
        var deviation = Math.Sqrt(scores.Average(s => (s - mean) * (s - mean)));
        var middle = (scores.Length - 1) / 2;
        var median = (scores[ranked[middle]] + scores[ranked[scores.Length - 1 - middle]]) / 2;
        var thresholds = options.Of(head).Select(t => new ThresholdReport(t.At, t.IsRounded, scores.Count(t.IsReachedBy)));
        return new(
            head.Name, mean, deviation, median, ranked, [.. thresholds.OrderBy(t => t.At)],
            (scores.Count(s => s > mean + (2 * deviation)), scores.Count(s => s > mean + (3 * deviation))),
            ScoreBucket.Of(options.Buckets, ranked, i => scores[i]))
        {
            Scores = scores,
        };
    }
}

/// <param name="IsRounded">Whether SD-Chad's rounding to a tenth comes first.</param>
/// <param name="Count">Of the images that reach it.</param>
public sealed record ThresholdReport(double At, bool IsRounded, int Count);
