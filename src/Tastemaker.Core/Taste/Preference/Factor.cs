namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// The likelihood of one judgement as a function of one number s: the lead of one image's utility over another's, or one image's
/// utility. All are log-concave.
/// </summary>
/// <remarks>
/// Choices with draws are those of Rao and Kupper (1967): with margin θ the first wins with σ(s − θ), the other with σ(−s − θ), and
/// what is left is a draw; θ = 0 is Bradley and Terry (1952).
/// </remarks>
internal readonly struct Factor
{
    private enum Shape
    {
        Logistic,
        Draw,
        Gauss,
    }

    private readonly Shape _shape;
    private readonly double _sign; // of s in a logistic
    private readonly double _at; // margin, threshold, or the reading
    private readonly double _precision; // of a reading

    private Factor(Shape shape, double sign, double at, double precision = 0) => (_shape, _sign, _at, _precision) = (shape, sign, at, precision);

    /// <summary>The first won.</summary>
    public static Factor Win(double margin) => new(Shape.Logistic, 1, margin);

    public static Factor Draw(double margin) => new(Shape.Draw, 1, Math.Max(margin, 0.01));

    public static Factor Keep(double threshold) => new(Shape.Logistic, 1, threshold);

    public static Factor Reject(double threshold) => new(Shape.Logistic, -1, -threshold);

    /// <summary>A noisy reading of s itself.</summary>
    public static Factor Reading(double value, double precision) => new(Shape.Gauss, 1, value, precision);

    /// <summary>log p(judgement | s), with its first derivative and the negative of its second.</summary>
    public (double Log, double Slope, double Curvature) At(double s)
    {
        switch (_shape)
        {
            case Shape.Gauss:
                var off = s - _at;
                return ((-0.5 * _precision * off * off) + (0.5 * Math.Log(_precision / (2 * Math.PI))), -_precision * off, _precision);
            case Shape.Logistic:
                var p = Logistic((_sign * s) - _at);
                return (LogLogistic((_sign * s) - _at), _sign * (1 - p), p * (1 - p));
            default:
                // σ(s + θ) σ(θ − s) (1 − e^−2θ): the two logistics' product, up to a constant.
                var (a, b) = (Logistic(s + _at), Logistic(_at - s));
                return (LogLogistic(s + _at) + LogLogistic(_at - s) + Math.Log(1 - Math.Exp(-2 * _at)), b - a, (a * (1 - a)) + (b * (1 - b)));
        }
    }

    /// <summary>The normaliser, mean and variance of N(s; mean, variance) times the likelihood.</summary>
    public (double Log, double Mean, double Variance) Tilt(double mean, double variance)
    {
        if (_shape == Shape.Gauss)
        {
            var (spread, share) = (variance + (1 / _precision), 1 / (1 + (variance * _precision)));
            var off = _at - mean;
            return (-0.5 * ((off * off / spread) + Math.Log(2 * Math.PI * spread)), mean + ((1 - share) * off), variance * share);
        }

        var deviation = Math.Sqrt(variance);
        double z = 0, first = 0, second = 0;
        for (var i = 0; i < GaussHermite.Nodes.Length; i++)
        {
            var x = GaussHermite.Nodes[i];
            var p = GaussHermite.Weights[i] * Probability(mean + (deviation * x));
            z += p;
            first += p * x;
            second += p * x * x;
        }

        if (z <= 1e-280)
        {
            return (-640, mean, variance); // What cannot happen under this belief teaches nothing.
        }

        (first, second) = (first / z, second / z);
        return (Math.Log(z), mean + (deviation * first), variance * Math.Max(second - (first * first), 1e-6));
    }

    /// <summary>σ(x) averaged over N(x; mean, variance).</summary>
    public static double Chance(double mean, double variance)
    {
        var (deviation, sum) = (Math.Sqrt(variance), 0.0);
        for (var i = 0; i < GaussHermite.Nodes.Length; i++)
        {
            sum += GaussHermite.Weights[i] * Logistic(mean + (deviation * GaussHermite.Nodes[i]));
        }

        return sum;
    }

    public static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private double Probability(double s) => _shape == Shape.Logistic ? Logistic((_sign * s) - _at) : Logistic(s + _at) - Logistic(s - _at);

    private static double LogLogistic(double x) => x > 0 ? -Math.Log(1 + Math.Exp(-x)) : x - Math.Log(1 + Math.Exp(x));
}
