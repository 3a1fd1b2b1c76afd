using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Preference;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Benchmarks;

/// <summary>
/// Images and a person made up for <see cref="JudgeBenchmark"/>. Features are Gaussian with eigenvalues that fall as a power of their
/// rank, as those of CLIP do; a random linear function of them explains the person's true order to Spearman's ρ 0.85, the rest is each
/// image's own. Choices are logistic in the lead, as steep as makes the person repeat 76 % of them on random pairs.
/// </summary>
internal sealed class SimulatedTaste
{
    public const double Repeatability = 0.76;

    private const int Dimensions = 128;
    private const double Decay = 1.2;
    private const double Explained = 0.85;

    private readonly Random _dice;
    private readonly double _scale;

    public SimulatedTaste(int images, int seed)
    {
        _dice = new(seed);
        Vectors = [.. Enumerable.Range(0, images).Select(_ => Vector())];
        var weights = Enumerable.Range(0, Dimensions).Select(_ => Bell()).ToArray();
        var unit = Vectors.Select(v => v.Select(x => x / Math.Sqrt(v.Sum(y => (double)y * y))).ToArray());
        var linear = Standard([.. unit.Select(v => Dense.Dot(v, weights))]);
        Utilities = Mixed(linear, linear, Explained);
        _scale = Bisect(0, 32, scale => OverPairs(p => (p * p) + ((1 - p) * (1 - p)), scale) < Repeatability);
    }

    public float[][] Vectors { get; }

    /// <summary>The true order: mean 0, deviation 1.</summary>
    public double[] Utilities { get; }

    public bool Prefers(int image, int other) => _dice.NextDouble() < Wins(image, other);

    /// <summary>The chance that the person takes <paramref name="image"/>.</summary>
    public double Wins(int image, int other) => Factor.Logistic(_scale * (Utilities[image] - Utilities[other]));

    /// <param name="head">Spearman's ρ of the person's order with the scores of an installed head; null for none.</param>
    public TasteFeatures Features(double? head)
    {
        var vectors = UnitVectors.Of(Vectors);
        if (head is not { } rho)
        {
            return TasteFeatures.Of(vectors, [], _ => default, default);
        }

        float[] scores = [.. Mixed(Utilities, Utilities, rho).Select(x => (float)x)];
        return TasteFeatures.Of(vectors, [new("head", new("simulated", Dimensions), new AffineHead(new float[Dimensions], 0))], _ => scores, default);
    }

    /// <summary>Spearman's correlation with the true order.</summary>
    public double Agreement(ReadOnlySpan<float> scores) => Correlation.Spearman([.. scores], Utilities) ?? 0;

    /// <summary>How often a ranking agrees with the person's next choice between two images drawn at random.</summary>
    public double Foretold(IReadOnlyList<float> scores)
    {
        double sum = 0, pairs = 0;
        for (var i = 1; i < Utilities.Length; i++)
        {
            for (var j = 0; j < i; j++, pairs++)
            {
                var wins = Wins(i, j);
                sum += scores[i] > scores[j] ? wins : 1 - wins;
            }
        }

        return sum / pairs;
    }

    private float[] Vector()
    {
        var vector = new float[Dimensions];
        for (var k = 0; k < Dimensions; k++)
        {
            vector[k] = (float)(Bell() * Math.Pow(k + 1, -Decay / 2));
        }

        return vector;
    }

    /// <summary>A share of one thing and noise for the rest, such that the whole agrees with another thing to ρ.</summary>
    private double[] Mixed(double[] part, double[] with, double rho)
    {
        var noise = Standard([.. part.Select(_ => Bell())]);
        double[] At(double share) => Standard([.. part.Zip(noise, (p, n) => (share * p) + (Math.Sqrt(1 - (share * share)) * n))]);
        return At(Bisect(0, 1, share => Correlation.Spearman(At(share), with) < rho));
    }

    private double OverPairs(Func<double, double> value, double scale)
    {
        double sum = 0;
        const int Pairs = 20_000;
        var dice = new Random(1);
        for (var k = 0; k < Pairs; k++)
        {
            sum += value(Factor.Logistic(scale * (Utilities[dice.Next(Utilities.Length)] - Utilities[dice.Next(Utilities.Length)])));
        }

        return sum / Pairs;
    }

    private static double Bisect(double low, double high, Func<double, bool> isLow)
    {
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = isLow(middle) ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    private double Bell() => Math.Sqrt(-2 * Math.Log(1 - _dice.NextDouble())) * Math.Cos(2 * Math.PI * _dice.NextDouble());

    private static double[] Standard(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => (v - mean) / deviation)];
    }
}
