using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>How far two people agree on the pairs that both judged, draws included; of several answers the last counts.</summary>
/// <param name="Same">Of the pairs that both judged, how many they answered alike.</param>
/// <param name="Kappa">Cohen's (1960): 0 for chance, 1 for always; null where chance alone would make them agree always.</param>
/// <param name="Low">Lower end of the 95 % interval of <paramref name="Kappa"/>, with the error of Fleiss, Cohen and Everitt (1969).</param>
public sealed record RaterAgreement(string Rater, string Other, Agreement Same, double? Kappa, double? Low, double? High)
{
    private const double Z = 1.959964;
    private const int Answers = 3; // the image with the lower number, the other one, neither

    /// <summary>Raters who are compared with each other: the work grows with the square.</summary>
    private const int MostRaters = 50;

    internal static List<RaterAgreement> Of(IReadOnlyList<Judgement> standing)
    {
        var answers = standing
            .Where(j => j.Verdict is { Kind: JudgementKind.Choice or JudgementKind.Draw, Other: not null })
            .GroupBy(j => j.Origin.Rater, StringComparer.Ordinal)
            .OrderByDescending(own => own.Count()).Take(MostRaters).OrderBy(own => own.Key, StringComparer.Ordinal)
            .Select(own => (Rater: own.Key, Pairs: LastAnswers(own)))
            .ToList();
        var found = new List<RaterAgreement>();
        foreach (var (index, a) in answers.Index())
        {
            found.AddRange(answers.Skip(index + 1).Select(b => Between(a.Rater, a.Pairs, b.Rater, b.Pairs)).OfType<RaterAgreement>());
        }

        return found;
    }

    /// <param name="counts">Pairs by the one's answer (row) and the other's (column), <see cref="Answers"/> squared.</param>
    internal static (double? Kappa, double? Low, double? High) KappaOf(int[,] counts)
    {
        double n = counts.Cast<int>().Sum();
        var size = counts.GetLength(0);
        var rows = Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Sum(j => counts[i, j]) / n).ToArray();
        var columns = Enumerable.Range(0, size).Select(j => Enumerable.Range(0, size).Sum(i => counts[i, j]) / n).ToArray();
        var observed = Enumerable.Range(0, size).Sum(i => counts[i, i]) / n;
        var expected = rows.Zip(columns, (row, column) => row * column).Sum();
        if (expected >= 1)
        {
            return (null, null, null);
        }

        var kappa = (observed - expected) / (1 - expected);
        var variance = -Math.Pow(kappa - (expected * (1 - kappa)), 2);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var weight = i == j ? 1 - ((rows[i] + columns[i]) * (1 - kappa)) : (1 - kappa) * (columns[i] + rows[j]);
                variance += counts[i, j] / n * weight * weight;
            }
        }

        var error = Math.Sqrt(Math.Max(variance, 0) / n) / (1 - expected);
        return (kappa, Math.Max(kappa - (Z * error), -1), Math.Min(kappa + (Z * error), 1));
    }

    private static RaterAgreement? Between(string rater, Dictionary<(long, long), int> pairs, string other, Dictionary<(long, long), int> otherPairs)
    {
        var counts = new int[Answers, Answers];
        var (same, of) = (0, 0);
        foreach (var (pair, answer) in pairs)
        {
            if (otherPairs.TryGetValue(pair, out var otherAnswer))
            {
                counts[answer, otherAnswer]++;
                of++;
                same += answer == otherAnswer ? 1 : 0;
            }
        }

        if (of == 0)
        {
            return null;
        }

        var (kappa, low, high) = KappaOf(counts);
        return new(rater, other, new(same, of), kappa, low, high);
    }

    private static Dictionary<(long, long), int> LastAnswers(IEnumerable<Judgement> judgements)
    {
        var last = new Dictionary<(long, long), int>();
        foreach (var verdict in judgements.Select(j => j.Verdict))
        {
            var (image, other) = (verdict.Image, verdict.Other!.Value);
            last[(Math.Min(image, other), Math.Max(image, other))] = (verdict.Kind, image < other) switch
            {
                (JudgementKind.Draw, _) => 2,
                (_, true) => 0,
                _ => 1,
            };
        }

        return last;
    }
}
