using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>How a head does on judgements that did not train it.</summary>
/// <param name="Agreement">With the choices that were asked; of two equal scores it foretold nothing, which counts as wrong.</param>
/// <param name="Spearman">Of its scores with the ratings of images whose ratings did not train it; null where there are fewer than three.</param>
/// <param name="Ordered">Of every two of those images that were rated differently, the share that the scores order the same way; null where there are none.</param>
/// <param name="LeftOut">Choices that were not asked, because the head learned from one between the same two images.</param>
/// <param name="Origin">What it was trained on here; null for a head that came from elsewhere.</param>
/// <remarks>
/// What trained a head is known without a copy of it in the head: the log is append-only, so the head's place in it (its newest row
/// then) gives back every judgement that it can have seen, undone ones too, and a file that trained it has the hash of its data.
/// Choices that are kept out of training are in neither; what is caught here are pairs that were learned first and kept out later,
/// other heads' judgements under another taste's name, and exports of a log, in which nothing says what was kept out.
/// </remarks>
public sealed record Comparison(string Model, Agreement Agreement, double? Spearman, double? Ordered, int LeftOut, HeadOrigin? Origin)
{
    public static Comparison Of(ScoringHead head, Lessons lessons, JudgementLog log, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        float[] scores = [.. lessons.Set.Features.Select(f => head.Score(f))];
        var learned = Learned(head.Origin, lessons, log).Select(j => Lessons.Pair(j.Verdict)).ToHashSet();
        var asked = lessons.HeldOut.Where(c => !learned.Contains(Lessons.Pair(lessons.Images[c.Better], lessons.Images[c.Worse]))).ToList();
        var rated = lessons.Set.Ratings.Where(r => !learned.Contains(Lessons.Pair(lessons.Images[r.Image], lessons.Images[r.Image]))).ToList();
        double[] given = [.. rated.Select(r => r.Value)], foretold = [.. rated.Select(r => (double)scores[r.Image])];
        var (right, of) = Correlation.Ordered(given, foretold);
        return new(
            head.Name, Foretold(scores, asked), Correlation.Spearman(foretold, given), of == 0 ? null : (double)right / of, lessons.HeldOut.Count - asked.Count, head.Origin);
    }

    /// <summary>Of choices by their images' places among the scores, how many go as the scores do.</summary>
    internal static Agreement Foretold(ReadOnlySpan<float> scores, IReadOnlyList<(int Better, int Worse)> choices)
    {
        var agreed = 0;
        foreach (var (better, worse) in choices)
        {
            agreed += scores[better] > scores[worse] ? 1 : 0;
        }

        return new(agreed, choices.Count);
    }

    private static IEnumerable<Judgement> Learned(HeadOrigin? origin, Lessons lessons, JudgementLog log) => origin switch
    {
        null => [],
        _ when origin.DataHash == lessons.DataHash => lessons.Learned,
        { LogRow: { } row } => log.Since(origin.Taste, 0).Added.Where(j => j.Id <= row && j.Verdict.Purpose == Purpose.Train),
        _ => [],
    };
}
