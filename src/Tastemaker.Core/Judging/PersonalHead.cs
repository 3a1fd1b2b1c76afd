using Tastemaker.Core.Embedding;
using Tastemaker.Core.Models;
using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Training;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Judging;

/// <summary>A head that was learned from a taste, and how it does on the choices that were kept out.</summary>
public sealed record PersonalHead(Model Model, Agreement Agreement)
{
    /// <summary>Measures a head, calibrates it over every image of the studio, and puts it into the store, where every command finds it.</summary>
    /// <param name="kind">What it is, such as <c>linear</c>, <c>mlp</c> or <c>bayes</c>.</param>
    /// <param name="vectors">Of the space.</param>
    /// <exception cref="ModelException">The name cannot be used, or is that of a model that came from elsewhere.</exception>
    public static PersonalHead Install(
        ModelStore store, string name, JudgementSource source, string kind, HeadWeights weights, Lessons lessons, FeatureSpace space, VectorStore vectors, CancellationToken cancel)
    {
        var head = new ScoringHead(name, space, weights.ToHead());
        using var rows = vectors.Rows();
        var sheet = ScoreSheet.Of(rows, [head], cancel);
        var card = new HeadCard
        {
            Kind = kind,
            Taste = source.Taste,
            LogRow = source.LogRow,
            File = source.File,
            Space = space.Name,
            ClipModel = space.Name is { } known && store.Manifest.FindSpace(known) is { Aliases: [var alias, ..] } ? alias : null,
            Scores = [.. Enumerable.Range(0, rows.Count).Select(i => sheet.Of(i)[0].Raw)],
            Choices = lessons.Set.Choices.Count,
            Ratings = lessons.Set.Ratings.Count,
            Agreement = Comparison.Foretold([.. lessons.Set.Features.Select(f => head.Score(f))], lessons.HeldOut),
            DataHash = lessons.DataHash,
        };
        var file = source.File is null ? "" : $" of '{source.File}'";
        var made = new MadeHead(name, space, $"{kind} head of taste '{source.Taste}', from {card.Choices} choices and {card.Ratings} ratings{file}");
        return new(store.Keep(made, stream => weights.WriteSafeTensors(stream, card.ToMetadata()), cancel), card.Agreement);
    }
}
