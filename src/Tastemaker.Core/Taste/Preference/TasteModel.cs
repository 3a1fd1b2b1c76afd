namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// What is believed of one person's taste: utility of an image = a linear function of its features + a residue of its own, both
/// Gaussian. A mean and a variance for every image, judged or not, and the chance that one beats another.
/// </summary>
/// <remarks>
/// Learned at once (<see cref="Learn"/>: Laplace's approximation, with fitted prior), or a judgement at a time (<see cref="Absorb"/>),
/// which costs the same however many came before: one pass over all images' features.
/// </remarks>
internal sealed class TasteModel
{
    /// <summary>Fits of readers' scales and posterior in turn.</summary>
    private const int Rounds = 2;

    /// <summary>Below this many judgements the two variances are left as they are.</summary>
    private const int FewestForVariances = 8;

    private const int InParallelFrom = 20_000;

    private readonly Posterior _posterior;

    private TasteModel(TasteFeatures features, Prior prior, Posterior posterior)
    {
        (Features, Prior, _posterior) = (features, prior, posterior);
        (Means, Variances) = (new float[features.Count], new float[features.Count]);
        var columns = Columns(posterior.Covariance);
        Over(features.Count, (from, to) =>
        {
            var row = new double[features.Width];
            for (var i = from; i < to; i++)
            {
                Posterior.Difference(features, i, -1, row);
                Means[i] = (float)(Dense.Dot(posterior.Weights, row) + posterior.Residues[i]);
                Variances[i] = (float)(Spread(features[i], columns) + posterior.ResidueVariances[i]);
            }
        });
    }

    public TasteFeatures Features { get; }

    public Prior Prior { get; }

    /// <summary>Expected utility of every image.</summary>
    public float[] Means { get; }

    /// <summary>Of the same utilities.</summary>
    public float[] Variances { get; }

    /// <summary>Of the linear part: the direction in feature space that the person likes.</summary>
    public ReadOnlySpan<double> Weights => _posterior.Weights;

    /// <param name="near">What was learned from most of these judgements before, over the same studio; or null.</param>
    public static TasteModel Learn(TasteFeatures features, IReadOnlyList<Observation> observations, Learned? near, CancellationToken cancel)
    {
        var prior = PriorSearch.Readings(observations, near?.Prior ?? Prior.Default, null);
        if (observations.Count >= FewestForVariances)
        {
            prior = PriorSearch.Variances(features, observations, prior, cancel);
        }

        var posterior = PosteriorFit.Run(features, observations, prior, near is not null && near.Features.IsOver(features) ? near.Weights : null, cancel);
        for (var round = 1; round < Rounds && observations.Any(o => o.Kind != ObservationKind.Choice); round++)
        {
            prior = PriorSearch.Readings(observations, prior, posterior);
            posterior = PosteriorFit.Run(features, observations, prior, posterior.Weights, cancel);
        }

        return new(features, prior, posterior);
    }

    /// <summary>What a later fit can start from.</summary>
    public Learned Learned => new(Features, Prior, [.. _posterior.Weights]);

    /// <summary>Learns from one more judgement. One at a time; who reads meanwhile sees some images before it and some after.</summary>
    /// <returns>What changed; null for a judgement that says nothing.</returns>
    public Update? Absorb(Observation seen)
    {
        if (Prior.Factor(seen) is not { } factor)
        {
            return null;
        }

        var update = _posterior.Absorb(seen, factor);
        Apply(update, 1);
        return update;
    }

    /// <summary>Unlearns the last judgement that was absorbed.</summary>
    public void Revert(Update update)
    {
        _posterior.Revert(update);
        Apply(update, -1);
    }

    /// <summary>Mean and variance of one image's lead over another.</summary>
    public (double Mean, double Variance) Lead(int image, int other) => _posterior.Predict(image, other);

    /// <summary>The chance that one image is taken over another, draws left aside.</summary>
    public double Wins(int image, int other)
    {
        var (mean, variance) = Lead(image, other);
        return Factor.Chance(mean, variance);
    }

    /// <summary>Covariance of every weight with one image's utility.</summary>
    public void Anchor(int image, Span<double> gain)
    {
        _posterior.Predict(image, -1);
        _posterior.Gain.CopyTo(gain);
    }

    /// <summary>Mean and variance of the utility of an image that is not of the studio.</summary>
    /// <param name="row">Of its features.</param>
    public (double Mean, double Variance) Predict(ReadOnlySpan<float> row)
    {
        var wide = new double[row.Length];
        for (var k = 0; k < wide.Length; k++)
        {
            wide[k] = row[k];
        }

        var variance = Prior.Residue;
        for (var k = 0; k < wide.Length; k++)
        {
            variance += wide[k] * Dense.Dot(_posterior.Covariance[k], wide);
        }

        return (Dense.Dot(_posterior.Weights, wide), variance);
    }

    /// <summary>The columns of the Cholesky factor of a covariance, each from its diagonal on, without the zeros at its end.</summary>
    private static float[][] Columns(double[][] covariance)
    {
        double[][] factor = [.. covariance.Select((row, k) => row[..(k + 1)])];
        Dense.Factor(factor);
        return [.. factor.Select((_, k) =>
        {
            var end = factor.Length;
            while (end > k + 1 && factor[end - 1][k] == 0)
            {
                end--;
            }

            return factor[k..end].Select(row => (float)row[k]).ToArray();
        })];
    }

    /// <summary>The variance of a row's utility: the squared length of Lᵀ φ.</summary>
    private static float Spread(ReadOnlySpan<float> row, float[][] columns)
    {
        var sum = 0f;
        for (var k = 0; k < columns.Length; k++)
        {
            var along = Dense.Dot(row.Slice(k, columns[k].Length), columns[k]);
            sum += along * along;
        }

        return sum;
    }

    private void Apply(Update update, int sign)
    {
        var gain = Array.ConvertAll(update.Gain, g => (float)g);
        var (shift, shrink) = ((float)(sign * update.Shift), (float)(sign * update.Shrink));
        Over(Features.Count, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var covariance = Dense.Dot(Features[i], gain);
                Means[i] += shift * covariance;
                Variances[i] -= shrink * covariance * covariance;
            }
        });
        Residue(update.Seen.Image, (float)update.Variance, shift, shrink);
        if (update.Seen.Other >= 0)
        {
            Residue(update.Seen.Other, (float)update.OtherVariance, -shift, shrink);
        }
    }

    private void Residue(int image, float variance, float shift, float shrink)
    {
        Means[image] += variance * shift;
        Variances[image] -= shrink * variance * variance;
    }

    private static void Over(int count, Action<int, int> part)
    {
        if (count < InParallelFrom)
        {
            part(0, count);
            return;
        }

        var parts = Environment.ProcessorCount;
        Parallel.For(0, parts, p => part((int)((long)count * p / parts), (int)((long)count * (p + 1) / parts)));
    }
}

/// <summary>Of one fit, what the next one starts from.</summary>
internal sealed record Learned(TasteFeatures Features, Prior Prior, double[] Weights);
