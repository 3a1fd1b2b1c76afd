using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Judging;

/// <summary>
/// Which images to show together: those whose comparison is expected to teach most (Houlsby and others 2011: what is uncertain
/// because the model does not know, not because the person wavers).
/// </summary>
/// <remarks>
/// A few anchors, little judged or little known, are each held against a few dozen others; the leads' variances come from those of the
/// images and one product with the anchor's covariances. So it costs the same in a studio of any size.
/// </remarks>
internal sealed class PairChooser(Random dice)
{
    private const int Anchors = 8;
    private const int Partners = 32;
    private const int Tries = 200;

    /// <summary>When the others were judged so often on average, an image that never was is new, and is shown before them.</summary>
    private const int Familiar = 4;

    /// <param name="pool">Rows of features that may be shown, at least <paramref name="count"/>.</param>
    /// <param name="judged">How often each row was.</param>
    /// <param name="asked">Whether two were shown together before.</param>
    /// <returns>Different rows; the first two are the pair that teaches most.</returns>
    public int[] Telling(TasteModel model, IReadOnlyList<int> pool, int[] judged, Func<int, int, bool> asked, int count)
    {
        var (best, most) = (Array.Empty<int>(), -1.0);
        var gain = new double[model.Features.Width];
        var row = new double[gain.Length];
        var newcomers = Newcomers(pool, judged);
        for (var a = 0; a < Anchors; a++)
        {
            var anchor = Anchor(model, newcomers.Count > 0 ? newcomers : pool, judged, byVariance: a % 2 == 1);
            model.Anchor(anchor, gain);
            var partners = new List<(int Image, double Information)>(Partners);
            for (var p = 0; p < Partners; p++)
            {
                var partner = pool[dice.Next(pool.Count)];
                if (partner != anchor && !asked(anchor, partner) && partners.All(other => other.Image != partner))
                {
                    Posterior.Difference(model.Features, partner, -1, row);
                    var variance = Math.Max(model.Variances[anchor] + model.Variances[partner] - (2 * Dense.Dot(gain, row)), 1e-6);
                    partners.Add((partner, Information(model.Means[anchor] - model.Means[partner], variance)));
                }
            }

            if (partners.Count >= count - 1)
            {
                var chosen = partners.OrderByDescending(p => p.Information).Take(count - 1).ToList();
                var information = chosen.Sum(p => p.Information);
                if (information > most)
                {
                    (best, most) = ([anchor, .. chosen.Select(p => p.Image)], information);
                }
            }
        }

        return best.Length > 0 ? best : AtRandom(pool, asked, count);
    }

    /// <summary>Different images, two of which were not shown together before where that is to be had.</summary>
    public int[] AtRandom(IReadOnlyList<int> pool, Func<int, int, bool> asked, int count)
    {
        var picked = new int[count];
        for (var attempt = 0; ; attempt++)
        {
            for (var i = 0; i < count; i++)
            {
                do
                {
                    picked[i] = pool[dice.Next(pool.Count)];
                }
                while (picked.AsSpan(0, i).Contains(picked[i]));
            }

            if (!asked(picked[0], picked[1]) || attempt >= Tries)
            {
                return picked;
            }
        }
    }

    /// <summary>The mutual information of a choice and the lead N(mean, variance), in nats.</summary>
    internal static double Information(double mean, double variance)
    {
        var (deviation, chance, entropy) = (Math.Sqrt(variance), 0.0, 0.0);
        for (var i = 0; i < GaussHermite.Nodes.Length; i++)
        {
            var p = Factor.Logistic(mean + (deviation * GaussHermite.Nodes[i]));
            chance += GaussHermite.Weights[i] * p;
            entropy += GaussHermite.Weights[i] * Entropy(p);
        }

        return Entropy(chance) - entropy;
    }

    private static List<int> Newcomers(IReadOnlyList<int> pool, int[] judged) =>
        pool.Average(image => (double)judged[image]) < Familiar ? [] : [.. pool.Where(image => judged[image] == 0)];

    private int Anchor(TasteModel model, IReadOnlyList<int> pool, int[] judged, bool byVariance)
    {
        var best = pool[dice.Next(pool.Count)];
        for (var i = 0; i < 3; i++)
        {
            var other = pool[dice.Next(pool.Count)];
            if (byVariance ? model.Variances[other] > model.Variances[best] : judged[other] < judged[best])
            {
                best = other;
            }
        }

        return best;
    }

    private static double Entropy(double p) => p is <= 0 or >= 1 ? 0 : -(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p));
}
