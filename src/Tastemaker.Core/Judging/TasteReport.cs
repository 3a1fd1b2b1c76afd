using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>
/// How far a taste can be trusted and what to do next, from the judgements that stand and the ranking that they led to.
/// Shares are 0 to 1; every figure of agreement is of choices that did not train what foretold them.
/// </summary>
public sealed record TasteReport
{
    /// <summary>Images shown as most liked, least liked and most unsure.</summary>
    private const int Shown = 12;

    private const int Bars = 24;
    private const int Bins = 5;

    public required JudgementCounts Counts { get; init; }

    /// <summary>Of the model as it is now with the held-out choices; a pair that it cannot tell apart counts as missed.</summary>
    public required Agreement Agreement { get; init; }

    /// <summary>How often a person chose the same as when they last chose between the same two images: the ceiling of <see cref="Agreement"/>.</summary>
    public required Agreement Repeatability { get; init; }

    /// <summary>Oldest first; empty until there are enough held-out choices for one window.</summary>
    public required IReadOnlyList<LearningPoint> Learning { get; init; }

    /// <summary>Who stood alone, over the choices of which the model said beforehand what it expected.</summary>
    public required OddOneOut OddOneOut { get; init; }

    /// <summary>By claim, lowest first; bins without a choice are there, empty.</summary>
    public required IReadOnlyList<CalibrationBin> Calibration { get; init; }

    /// <summary>Of the means of all images, lowest first; empty without images.</summary>
    public required IReadOnlyList<HistogramBar> Means { get; init; }

    /// <summary>Best first.</summary>
    public required IReadOnlyList<RankedImage> MostLiked { get; init; }

    /// <summary>Worst first; no image is both here and in <see cref="MostLiked"/>.</summary>
    public required IReadOnlyList<RankedImage> LeastLiked { get; init; }

    /// <summary>Largest deviation first.</summary>
    public required IReadOnlyList<RankedImage> MostUnsure { get; init; }

    /// <summary>By name.</summary>
    public required IReadOnlyList<RaterReport> Raters { get; init; }

    /// <summary>Of every two raters who judged a pair in common.</summary>
    public required IReadOnlyList<RaterAgreement> BetweenRaters { get; init; }

    public required Advice Advice { get; init; }

    /// <param name="standing">The judgements that stand, oldest first.</param>
    /// <param name="ranking">As the model ranks the studio now.</param>
    /// <param name="wins">The probability that the model as it is now gives to the first image being chosen over the second.</param>
    public static TasteReport Of(IReadOnlyList<Judgement> standing, Ranking ranking, Func<long, long, double> wins)
    {
        var heldOut = standing.Where(j => j.Verdict is { Kind: JudgementKind.Choice, Purpose: Purpose.HeldOut }).ToList();
        var agreement = AgreementOf(heldOut, ranking, wins);
        var repeatability = RaterReport.RepeatabilityOf(standing);
        var learning = LearningPoint.Curve(standing);
        var counts = JudgementCounts.Of(standing, ranking.Count);
        var images = ranking.Slice(0, ranking.Count);
        var liked = Math.Min(Shown, (images.Length + 1) / 2);
        var least = images[Math.Max(liked, images.Length - Shown)..].ToArray();
        Array.Reverse(least);
        return new()
        {
            Counts = counts,
            Agreement = agreement,
            Repeatability = repeatability,
            Learning = learning,
            OddOneOut = EloReplay.Of(standing).OddOneOut,
            Calibration = CalibrationBin.Of(heldOut, Bins),
            Means = HistogramBar.Of(images, Bars),
            MostLiked = images[..liked].ToArray(),
            LeastLiked = least,
            MostUnsure = Unsure(images),
            Raters = RaterReport.Of(standing),
            BetweenRaters = RaterAgreement.Of(standing),
            Advice = Advice.Of(counts, agreement, repeatability, learning),
        };
    }

    private static Agreement AgreementOf(List<Judgement> heldOut, Ranking ranking, Func<long, long, double> wins)
    {
        var known = heldOut.Select(j => j.Verdict).Where(v => ranking.PlaceOf(v.Image) is not null && ranking.PlaceOf(v.Other!.Value) is not null).ToList();
        return new(known.Count(v => wins(v.Image, v.Other!.Value) > 0.5), known.Count);
    }

    private static List<RankedImage> Unsure(ReadOnlySpan<RankedImage> images)
    {
        var most = new PriorityQueue<RankedImage, (float Deviation, int Place)>();
        for (var place = 0; place < images.Length; place++)
        {
            most.Enqueue(images[place], (images[place].Deviation, -place));
            if (most.Count > Shown)
            {
                most.Dequeue();
            }
        }

        var unsure = new List<RankedImage>();
        while (most.TryDequeue(out var image, out _))
        {
            unsure.Add(image);
        }

        unsure.Reverse();
        return unsure;
    }
}
