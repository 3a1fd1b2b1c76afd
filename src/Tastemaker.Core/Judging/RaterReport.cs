using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>What one person judged, and how often they chose the same again.</summary>
/// <param name="Judgements">All that stand but skips.</param>
/// <param name="Choices">Draws not counted.</param>
public sealed record RaterReport(string Rater, int Judgements, int Choices, Agreement Repeatability)
{
    internal static List<RaterReport> Of(IReadOnlyList<Judgement> standing) =>
    [
        .. standing.GroupBy(j => j.Origin.Rater, StringComparer.Ordinal).OrderBy(own => own.Key, StringComparer.Ordinal)
            .Select(own => new RaterReport(
                own.Key, own.Count(j => j.Verdict.Kind != JudgementKind.Skip), own.Count(j => j.Verdict.Kind == JudgementKind.Choice), RepeatabilityOf(own))),
    ];

    /// <summary>
    /// Of the pairs that were shown again on purpose and decided both times, how many went to the same image as the time before.
    /// Everybody is compared with themselves only.
    /// </summary>
    internal static Agreement RepeatabilityOf(IEnumerable<Judgement> standing)
    {
        var earlier = new Dictionary<(string Rater, long, long), long>();
        var (same, of) = (0, 0);
        foreach (var (verdict, rater) in standing.Select(j => (j.Verdict, j.Origin.Rater)))
        {
            if (verdict is not { Kind: JudgementKind.Choice, Other: { } other })
            {
                continue;
            }

            var pair = (rater, Math.Min(verdict.Image, other), Math.Max(verdict.Image, other));
            if (verdict.Purpose == Purpose.Repeat && earlier.TryGetValue(pair, out var winner))
            {
                of++;
                same += winner == verdict.Image ? 1 : 0;
            }

            earlier[pair] = verdict.Image;
        }

        return new(same, of);
    }
}
