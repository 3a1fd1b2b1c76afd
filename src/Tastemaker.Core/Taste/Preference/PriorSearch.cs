namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// Fits what the model assumes (empirical Bayes): the variances by the evidence, how raters read utility by what the posterior says
/// of the images that they rated.
/// </summary>
internal static class PriorSearch
{
    /// <summary>
    /// Judgements that a fit looks at: two variances need no more. The evidence takes the first ones: pairs were chosen for what had
    /// been judged until then, so a sample from the middle without what came before would find the person more wavering than they are.
    /// </summary>
    private const int Sample = 800;

    private static readonly double[] Steps = [2, 1.4];

    /// <summary>The variances with the most evidence, found by steps from where the prior is.</summary>
    public static Prior Variances(TasteFeatures features, IReadOnlyList<Observation> observations, Prior prior, CancellationToken cancel)
    {
        var sample = observations.Count <= Sample ? observations : [.. observations.Take(Sample)];
        var (best, most) = (prior, Evidence(features, sample, prior, cancel));
        foreach (var step in Steps)
        {
            foreach (var direction in new Func<Prior, double, Prior>[] { (p, f) => p with { Linear = p.Linear * f }, (p, f) => p with { Residue = p.Residue * f } })
            {
                Prior[] tries = [direction(best, step), direction(best, 1 / step)];
                var found = new double[tries.Length];
                Parallel.For(0, tries.Length, i => found[i] = Evidence(features, sample, tries[i], cancel));
                var i = found[0] > found[1] ? 0 : 1;
                while (found[i] > most)
                {
                    (best, most) = (tries[i], found[i]);
                    tries[i] = direction(best, i == 0 ? step : 1 / step);
                    found[i] = Evidence(features, sample, tries[i], cancel);
                }
            }
        }

        return best;
    }

    /// <summary>The log probability of the judgements, one after the other, and of the variances themselves.</summary>
    public static double Evidence(TasteFeatures features, IReadOnlyList<Observation> observations, Prior prior, CancellationToken cancel)
    {
        var belief = new Foretelling(features, prior);
        var log = prior.LogDensity;
        foreach (var seen in observations)
        {
            cancel.ThrowIfCancellationRequested();
            if (prior.Factor(seen) is { } factor)
            {
                log += belief.Log(seen, factor);
            }
        }

        return log;
    }

    /// <summary>The draws' margin, every rater's scale and every picker's threshold, as the posterior makes them likeliest; from the prior alone where there is none.</summary>
    public static Prior Readings(IReadOnlyList<Observation> observations, Prior prior, Posterior? posterior)
    {
        var readers = new Dictionary<int, Reading>();
        foreach (var group in observations.Where(o => o.Other < 0).GroupBy(o => o.Reader))
        {
            var read = group.First().Kind == ObservationKind.Rating ? Scale([.. group], prior, posterior) : Threshold([.. group], prior, posterior);
            if (read is { } reading)
            {
                readers.Add(group.Key, reading);
            }
        }

        var pairs = observations.Where(o => o.Other >= 0).ToList();
        var draws = pairs.Count(o => o.Kind == ObservationKind.Draw);
        var margin = draws == 0 ? 0 : Likeliest(0.01, 4, margin => Chance(pairs, posterior, prior, o => o.Kind == ObservationKind.Draw ? Factor.Draw(margin) : Factor.Win(margin)) - margin);
        return prior with { Readers = readers, Margin = margin };
    }

    /// <summary>Least squares of ratings on utilities that are known with a variance, with two imagined ratings that keep a scale from collapsing.</summary>
    private static Reading? Scale(Observation[] ratings, Prior prior, Posterior? posterior)
    {
        var mean = ratings.Average(r => r.Value);
        var variance = ratings.Average(r => (r.Value - mean) * (r.Value - mean));
        if (variance <= 1e-12 * Math.Max(mean * mean, 1e-12))
        {
            return null;
        }

        var spread = prior.Linear + prior.Residue;
        if (posterior is null)
        {
            return new(mean, Math.Sqrt(0.7 * variance / spread), 0.3 * variance);
        }

        var known = ratings.Select(r => posterior.Predict(r.Image, -1)).ToArray();
        var centre = known.Average(u => u.Mean);
        const double Imagined = 2;
        var (together, squares) = (Imagined * Math.Sqrt(0.7 * variance * spread), Imagined * spread);
        for (var i = 0; i < ratings.Length; i++)
        {
            together += (known[i].Mean - centre) * (ratings[i].Value - mean);
            squares += ((known[i].Mean - centre) * (known[i].Mean - centre)) + known[i].Variance;
        }

        var slope = Math.Max(together / squares, 0.02 * Math.Sqrt(variance / spread));
        var noise = Imagined * 0.3 * variance;
        for (var i = 0; i < ratings.Length; i++)
        {
            var off = ratings[i].Value - mean - (slope * (known[i].Mean - centre));
            noise += (off * off) + (slope * slope * known[i].Variance);
        }

        return new(mean - (slope * centre), slope, noise / (ratings.Length + Imagined));
    }

    private static Reading? Threshold(Observation[] picks, Prior prior, Posterior? posterior) =>
        new(Likeliest(-6, 6, at => Chance(picks, posterior, prior, o => o.Kind == ObservationKind.Keep ? Factor.Keep(at) : Factor.Reject(at)) - (at * at / 18)), 1, 0);

    private static double Chance(IReadOnlyList<Observation> observations, Posterior? posterior, Prior prior, Func<Observation, Factor> factor)
    {
        var sum = 0.0;
        foreach (var seen in Thin(observations))
        {
            var spread = (prior.Linear + prior.Residue) * (seen.Other < 0 ? 1 : 2);
            var (mean, variance) = posterior?.Predict(seen.Image, seen.Other) ?? (0, spread);
            sum += factor(seen).Tilt(mean, variance).Log;
        }

        return sum;
    }

    /// <summary>The highest point of a function with one peak, by golden sections.</summary>
    private static double Likeliest(double low, double high, Func<double, double> value)
    {
        const double Golden = 0.6180339887498949;
        double a = high - (Golden * (high - low)), b = low + (Golden * (high - low));
        double atA = value(a), atB = value(b);
        for (var i = 0; i < 16; i++)
        {
            if (atA > atB)
            {
                (high, b, atB) = (b, a, atA);
                a = high - (Golden * (high - low));
                atA = value(a);
            }
            else
            {
                (low, a, atA) = (a, b, atB);
                b = low + (Golden * (high - low));
                atB = value(b);
            }
        }

        return (low + high) / 2;
    }

    private static IReadOnlyList<Observation> Thin(IReadOnlyList<Observation> observations) => observations.Count <= Sample ? observations
        : [.. Enumerable.Range(0, Sample).Select(i => observations[(int)((long)i * observations.Count / Sample)])];
}
