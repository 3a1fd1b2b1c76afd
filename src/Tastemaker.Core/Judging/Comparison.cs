using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>How a head does on judgements that did not train it.</summary>
/// <param name="Agreement">With the held-out choices; of two equal scores it foretold nothing, which counts as wrong.</param>
/// <param name="Spearman">Of its scores with the ratings; null where there are fewer than three, or where it learned from them.</param>
/// <param name="LearnedFrom">The taste that it was trained on; null for a head that came from elsewhere.</param>
public sealed record Comparison(string Model, Agreement Agreement, double? Spearman, string? LearnedFrom)
{
    public static Comparison Of(ScoringHead head, Lessons lessons, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        float[] scores = [.. lessons.Set.Features.Select(f => head.Score(f))];
        var agreed = lessons.HeldOut.Count(c => scores[c.Better] > scores[c.Worse]);
        var isFree = head.Origin is not { Ratings: > 0 };
        var spearman = isFree ? Correlation.Spearman([.. lessons.Set.Ratings.Select(r => (double)scores[r.Image])], [.. lessons.Set.Ratings.Select(r => r.Value)]) : null;
        return new(head.Name, new(agreed, lessons.HeldOut.Count), spearman, head.Origin?.Taste);
    }
}
