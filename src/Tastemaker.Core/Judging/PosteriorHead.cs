using Tastemaker.Core.Embedding;
using Tastemaker.Core.Models;
using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Preference;
using Tastemaker.Core.Taste.Training;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Judging;

/// <summary>
/// What the Bayesian model learned of a person, as a head: the mean of its linear part, folded to one direction and a bias. What it
/// learned of single images beyond that stays behind, as a head sees features only.
/// </summary>
/// <param name="Began">Names of the heads that the model believed before the first judgement.</param>
/// <param name="LeftOut">Names of those that are not affine, so that what was learned on top of them would be no head of one layer.</param>
public sealed record PosteriorHead(HeadWeights Weights, IReadOnlyList<string> Began, IReadOnlyList<string> LeftOut)
{
    /// <param name="vectors">Of the studio, over which features are made.</param>
    /// <param name="heads">Of the same feature space; those that learned from this taste are passed over.</param>
    /// <exception cref="TrainingException">There is no judgement that tells anything.</exception>
    public static PosteriorHead Fit(VectorStore vectors, IReadOnlyList<ScoringHead> heads, string taste, Lessons lessons, CancellationToken cancel)
    {
        var before = Before(taste, heads).ToLookup(head => head.Folded is not null);
        List<ScoringHead> began = [.. before[true]];
        using var rows = vectors.Rows();
        var features = TasteFeatures.Of(rows, began, cancel);
        var reader = new JudgementReader();
        List<Observation> seen = [.. lessons.Learned.Select(j => reader.Read(j, features)?.Seen).OfType<Observation>()];
        if (seen.Count == 0)
        {
            throw new TrainingException("there is no choice, rating or pick to learn from. Judge more with 'taste serve'.");
        }

        var (weight, bias) = features.Fold(TasteModel.Learn(features, seen, near: null, cancel).Weights);
        return new(HeadWeights.Affine(weight, bias), [.. began.Select(h => h.Name)], [.. before[false].Select(h => h.Name)]);
    }

    /// <summary>The same, to score with at once and not to keep.</summary>
    public ScoringHead Scoring(string name, FeatureSpace space) => new(name, space, Weights.ToHead());

    /// <summary>Heads that a taste may begin from: in those that learned from it, its judgements would count twice.</summary>
    internal static IReadOnlyList<ScoringHead> Before(string taste, IReadOnlyList<ScoringHead> heads) => [.. heads.Where(h => h.Origin?.Taste != taste)];
}
