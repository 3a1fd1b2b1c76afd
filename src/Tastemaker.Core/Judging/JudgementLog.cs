using Tastemaker.Core.Library;

namespace Tastemaker.Core.Judging;

/// <summary>
/// The judgements of every taste, in the order in which they came: rows are added, durably, and never changed.
/// Taking one back adds a row that says so.
/// </summary>
public sealed class JudgementLog(StudioDatabase database)
{
    /// <summary>Every taste that has a judgement, by name.</summary>
    public IReadOnlyList<TasteSummary> Tastes() => database.Read(JudgementQueries.Tastes);

    /// <summary>Keeps verdicts of one act, all or none; they survive whatever happens after the return.</summary>
    /// <returns>The act's number.</returns>
    /// <exception cref="JudgingException">The taste's or the rater's name, a rating or a scale is not as it must be.</exception>
    public long Append(string taste, IReadOnlyList<Verdict> act, Origin origin) => Append(taste, [act], origin)[0];

    /// <summary>Keeps many acts, all or none, as an import does.</summary>
    /// <returns>The acts' numbers.</returns>
    /// <exception cref="JudgingException">The taste's or the rater's name, a rating or a scale is not as it must be.</exception>
    public IReadOnlyList<long> Append(string taste, IReadOnlyList<IReadOnlyList<Verdict>> acts, Origin origin)
    {
        TasteName.Demand(taste);
        TasteName.Demand(origin.Rater, "rater");
        foreach (var verdict in acts.SelectMany(act => act))
        {
            Demand(verdict);
        }

        return database.Write(db =>
        {
            var id = JudgementQueries.TasteId(db, taste, database.Now);
            return acts.Select(act => JudgementQueries.Append(db, id, act, origin, database.Now)).ToList();
        });
    }

    /// <summary>Takes back the rater's last act that still stands.</summary>
    /// <returns>What was taken back; empty where nothing stands.</returns>
    public IReadOnlyList<Judgement> Undo(string taste, string rater, string source) => database.Write(db =>
    {
        if (JudgementQueries.LastAct(db, taste, rater) is not { } act)
        {
            return [];
        }

        var undone = JudgementQueries.OfAct(db, act);
        JudgementQueries.Undo(db, act, new(rater, source), database.Now);
        return undone;
    });

    /// <summary>The judgements that stand, oldest first.</summary>
    public IReadOnlyList<Judgement> Standing(string taste)
    {
        var tail = Since(taste, 0);
        var undone = tail.Undone.ToHashSet();
        return undone.Count == 0 ? tail.Added : [.. tail.Added.Where(j => !undone.Contains(j.Act))];
    }

    /// <summary>What came after the row numbered <paramref name="last"/>; from 0, everything.</summary>
    public LogTail Since(string taste, long last) => database.Read(db => JudgementQueries.Since(db, taste, last));

    private static void Demand(Verdict verdict)
    {
        if (verdict.Kind != JudgementKind.Rating)
        {
            return;
        }

        if (verdict.Value is not { } value || !double.IsFinite(value))
        {
            throw new JudgingException($"'{verdict.Value}' is no rating; a finite number is.");
        }

        TasteName.Demand(verdict.Scale ?? "", "scale");
    }
}
