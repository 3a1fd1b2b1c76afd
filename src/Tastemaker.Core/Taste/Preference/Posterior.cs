namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// A Gaussian belief about a person: the weights of the linear part, with their covariance, and each image's residue, taken as
/// independent of the weights and of each other.
/// </summary>
/// <remarks>
/// One judgement after the other it is assumed-density filtering (Minka 2001): the belief about the judged lead is replaced by the
/// Gaussian with the moments of its product with the likelihood. The product of the normalisers is the evidence: how well each
/// judgement was foretold by those before it.
/// </remarks>
internal sealed class Posterior
{
    private readonly TasteFeatures _features;
    private readonly double[] _difference;

    public Posterior(TasteFeatures features, Prior prior)
        : this(features, Prior.Mean(features), Diagonal(prior.Variances(features)), new double[features.Count], Filled(features.Count, prior.Residue))
    {
    }

    public Posterior(TasteFeatures features, double[] weights, double[][] covariance, double[] residues, double[] variances)
    {
        (_features, Weights, Covariance, Residues, ResidueVariances) = (features, weights, covariance, residues, variances);
        _difference = new double[weights.Length];
        Gain = new double[weights.Length];
    }

    public double[] Weights { get; }

    public double[][] Covariance { get; }

    public double[] Residues { get; }

    public double[] ResidueVariances { get; }

    /// <summary>Covariance of the weights with the lead that <see cref="Predict"/> was last asked for.</summary>
    public double[] Gain { get; }

    /// <summary>Mean and variance of one image's lead over another; of one image's utility where <paramref name="other"/> is −1.</summary>
    public (double Mean, double Variance) Predict(int image, int other)
    {
        Difference(_features, image, other, _difference);
        for (var k = 0; k < Gain.Length; k++)
        {
            Gain[k] = Dense.Dot(Covariance[k], _difference);
        }

        var (mean, variance) = (Dense.Dot(Weights, _difference) + Residues[image], Dense.Dot(Gain, _difference) + ResidueVariances[image]);
        return other < 0 ? (mean, variance) : (mean - Residues[other], variance + ResidueVariances[other]);
    }

    /// <summary>Takes in one judgement.</summary>
    public Update Absorb(Observation seen, Factor factor)
    {
        var (mean, variance) = Predict(seen.Image, seen.Other);
        var (log, newMean, newVariance) = factor.Tilt(mean, variance);
        var update = new Update(
            seen, (newMean - mean) / variance, (variance - newVariance) / (variance * variance), log, (double[])Gain.Clone(),
            ResidueVariances[seen.Image], seen.Other < 0 ? 0 : ResidueVariances[seen.Other]);
        Apply(update, 1);
        return update;
    }

    /// <summary>Takes back the last judgement that was taken in.</summary>
    public void Revert(Update update) => Apply(update, -1);

    private void Apply(Update update, int sign)
    {
        Dense.Add(sign * update.Shift, update.Gain, Weights);
        for (var k = 0; k < update.Gain.Length; k++)
        {
            Dense.Add(-sign * update.Shrink * update.Gain[k], update.Gain, Covariance[k]);
        }

        Residue(update.Seen.Image, update.Variance, sign * update.Shift, sign * update.Shrink);
        if (update.Seen.Other >= 0)
        {
            Residue(update.Seen.Other, update.OtherVariance, -sign * update.Shift, sign * update.Shrink);
        }
    }

    /// <summary>One row of features less another, or one row.</summary>
    public static void Difference(TasteFeatures features, int image, int other, Span<double> into)
    {
        var first = features[image];
        if (other < 0)
        {
            for (var k = 0; k < into.Length; k++)
            {
                into[k] = first[k];
            }

            return;
        }

        var second = features[other];
        for (var k = 0; k < into.Length; k++)
        {
            into[k] = (double)first[k] - second[k];
        }
    }

    /// <param name="variance">Of the residue before the judgement.</param>
    private void Residue(int image, double variance, double shift, double shrink)
    {
        Residues[image] += variance * shift;
        ResidueVariances[image] -= shrink * variance * variance;
    }

    private static double[][] Diagonal(double[] values) => [.. values.Select((value, i) =>
    {
        var row = new double[values.Length];
        row[i] = value;
        return row;
    })];

    private static double[] Filled(int count, double value)
    {
        var array = new double[count];
        Array.Fill(array, value);
        return array;
    }
}

/// <summary>What one judgement changed, so that it can be taken back.</summary>
/// <param name="Shift">By what the mean of a utility grows per unit of its covariance with the judged lead.</param>
/// <param name="Shrink">By what its variance falls per unit of that covariance, squared.</param>
/// <param name="Log">The log probability that the judgement had.</param>
/// <param name="Gain">Covariance of the weights with the judged lead.</param>
/// <param name="Variance">Of the residue of the judged image, before.</param>
/// <param name="OtherVariance">Of the other one's.</param>
internal sealed record Update(Observation Seen, double Shift, double Shrink, double Log, double[] Gain, double Variance, double OtherVariance);
