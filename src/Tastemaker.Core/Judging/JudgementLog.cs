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
    public long Append(string taste, IReadOnlyList<Verdict> act, Origin origin)
    {
        if (act.Count == 0)
        {
            throw new ArgumentException("An act has at least one verdict.", nameof(act));
        }

        return Append(taste, [act], origin)[0];
    }

    /// <summary>Keeps many acts, all or none, as an import does.</summary>
    /// <returns>The acts' numbers.</returns>
    /// <exception cref="JudgingException">The taste's or the rater's name, a rating or a scale is not as it must be.</exception>
    public IReadOnlyList<long> Append(string taste, IReadOnlyList<IReadOnlyList<Verdict>> acts, Origin origin) =>
        Append(taste, _ => [.. acts.Select(act => new NewAct(act, origin))], readsStanding: false);

    /// <summary>Keeps the acts that are chosen in sight of what stands, while nobody else can add any.</summary>
    internal IReadOnlyList<long> Append(string taste, Func<IReadOnlyList<Judgement>, IReadOnlyList<NewAct>> choose) =>
        Append(taste, choose, readsStanding: true);

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
    public IReadOnlyList<Judgement> Standing(string taste) => Since(taste, 0).Standing();

    /// <summary>What came after the row numbered <paramref name="last"/>; from 0, everything.</summary>
    public LogTail Since(string taste, long last) => database.Read(db => JudgementQueries.Since(db, taste, last));

    private List<long> Append(string taste, Func<IReadOnlyList<Judgement>, IReadOnlyList<NewAct>> choose, bool readsStanding)
    {
        TasteName.Demand(taste);
        return database.Write(db =>
        {
            var acts = choose(readsStanding ? JudgementQueries.Since(db, taste, 0).Standing() : []).Where(act => act.Verdicts.Count > 0).ToList();
            foreach (var act in acts)
            {
                TasteName.Demand(act.Origin.Rater, "rater");
                foreach (var verdict in act.Verdicts)
                {
                    Demand(verdict);
                }
            }

            if (acts.Count == 0)
            {
                return [];
            }

            var images = acts.SelectMany(act => act.Verdicts).SelectMany(v => v.Other is { } other ? new[] { v.Image, other } : [v.Image]).Distinct();
            if (JudgementQueries.Unknown(db, images) is { } unknown)
            {
                throw new JudgingException($"image {unknown} is not in the studio, and only its images can be judged. 'taste score' or 'taste serve' with their folder bring others in.", JudgingFault.UnknownImage);
            }

            var id = JudgementQueries.TasteId(db, taste, database.Now);
            return acts.Select(act => JudgementQueries.Append(db, id, act.Verdicts, act.Origin, act.At ?? database.Now)).ToList();
        });
    }

    /// <exception cref="JudgingException">A pair is not two images, a rating is not finite, or its scale no name.</exception>
    internal static void Demand(Verdict verdict)
    {
        if (verdict.Kind is JudgementKind.Choice or JudgementKind.Draw or JudgementKind.Skip && (verdict.Other is null || verdict.Other == verdict.Image))
        {
            throw new JudgingException($"image {verdict.Image} cannot be compared with {(verdict.Other is null ? "nothing" : "itself")}; a pair is two images.");
        }

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

/// <summary>Verdicts to keep as one act.</summary>
/// <param name="At">When it was made, as the studio writes times; null for now.</param>
internal sealed record NewAct(IReadOnlyList<Verdict> Verdicts, Origin Origin, string? At = null);
