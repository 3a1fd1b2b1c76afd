namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// How well judgements are foretold, each by those before it: what <see cref="Posterior"/> does, where nothing of it is wanted but the
/// probabilities. In single precision, and with one pass over the covariance a judgement.
/// </summary>
internal sealed class Foretelling
{
    private readonly TasteFeatures _features;
    private readonly float[][] _covariance;
    private readonly float[] _weights;
    private readonly float[] _difference;
    private readonly double[] _residues;
    private readonly double[] _variances; // of the residues
    private float[] _gain; // covariance of the weights with the lead that was judged last
    private float[] _next;
    private float _shrink; // by which that judgement has yet to take its gain's square off the covariance

    public Foretelling(TasteFeatures features, Prior prior)
    {
        (_features, _residues, _variances) = (features, new double[features.Count], new double[features.Count]);
        Array.Fill(_variances, prior.Residue);
        _weights = Array.ConvertAll(Prior.Mean(features), w => (float)w);
        (_difference, _gain, _next) = (new float[features.Width], new float[features.Width], new float[features.Width]);
        _covariance = [.. prior.Variances(features).Select((variance, k) =>
        {
            var row = new float[features.Width];
            row[k] = (float)variance;
            return row;
        })];
    }

    /// <summary>The log probability of the next judgement, which is then taken in.</summary>
    public double Log(Observation seen, Factor factor)
    {
        const double Least = 1e-9; // that rounding leaves of a variance
        Difference(seen.Image, seen.Other);
        for (var k = 0; k < _next.Length; k++)
        {
            _next[k] = Dense.AddDot(-_shrink * _gain[k], _gain, _covariance[k], _difference);
        }

        (_gain, _next) = (_next, _gain);
        var (image, other) = (_variances[seen.Image], seen.Other < 0 ? 0 : _variances[seen.Other]);
        var mean = Dense.Dot(_weights, _difference) + _residues[seen.Image] - (seen.Other < 0 ? 0 : _residues[seen.Other]);
        var variance = Math.Max(Dense.Dot(_gain, _difference) + image + other, Least);
        var (log, newMean, newVariance) = factor.Tilt(mean, variance);
        var (shift, shrink) = ((newMean - mean) / variance, (variance - newVariance) / (variance * variance));
        _shrink = (float)shrink;
        for (var k = 0; k < _weights.Length; k++)
        {
            _weights[k] += (float)shift * _gain[k];
        }

        Residue(seen.Image, image, shift, shrink);
        if (seen.Other >= 0)
        {
            Residue(seen.Other, other, -shift, shrink);
        }

        return log;
    }

    private void Residue(int image, double variance, double shift, double shrink)
    {
        _residues[image] += variance * shift;
        _variances[image] -= shrink * variance * variance;
    }

    private void Difference(int image, int other)
    {
        _features[image].CopyTo(_difference);
        if (other >= 0)
        {
            var second = _features[other];
            for (var k = 0; k < _difference.Length; k++)
            {
                _difference[k] -= second[k];
            }
        }
    }
}
