using Tastemaker.Core.Judging;

namespace Tastemaker.Tests.Core.Judging;

/// <summary>Judgements as a log gives them.</summary>
internal static class Judged
{
    public static Judgement Choice(
        long winner, long loser, Purpose purpose = Purpose.Train, double? expected = null, string rater = "me", int? milliseconds = null) =>
        Of(Verdict.Choice(winner, loser) with { Purpose = purpose, Expected = expected }, rater, milliseconds);

    public static Judgement Draw(long image, long other, string rater = "me") => Of(Verdict.Draw(image, other), rater);

    public static Judgement Of(Verdict verdict, string rater = "me", int? milliseconds = null) =>
        new(0, 0, verdict, new(rater, "test", milliseconds), "2026-01-01T00:00:00.000Z");

    /// <summary>Images 1, 2, … with these means, which must fall.</summary>
    public static Ranking Ranking(params float[] means) => new([.. means.Select((_, i) => i + 1L)], means, [.. means.Select((_, i) => 0.01f * i * i)], new int[means.Length]);
}
