namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// The posterior of all judgements at once, as a Gaussian: from the mode over weights and residues together (Newton's method) to the
/// moments (expectation propagation). Of the covariance, that of the weights with what residues blur, and each residue's variance, are kept.
/// </summary>
internal sealed class PosteriorFit
{
    private const int MostSteps = 25;
    private const int BlurRounds = 3;
    private const int MomentRounds = 3;
    private const int Block = 64;

    private readonly TasteFeatures _features;
    private readonly Prior _prior;
    private readonly CancellationToken _cancel;
    private readonly List<(int First, int Second, Factor Factor)> _terms = []; // by place among the judged
    private readonly List<int> _judged = []; // rows of features
    private readonly double[] _priorMean;
    private readonly double[] _priorPrecision;
    private readonly double[] _curvature; // of each term's log, where it was last looked at
    private readonly double[] _pull; // its slope there
    private readonly double[] _without; // variance that the weights give each term's lead, the term's own part left out
    private readonly double[] _blur; // variance that residues add to each term's lead, the term's own part left out

    private PosteriorFit(TasteFeatures features, IReadOnlyList<Observation> observations, Prior prior, CancellationToken cancel)
    {
        (_features, _prior, _cancel) = (features, prior, cancel);
        var places = new Dictionary<int, int>();
        foreach (var seen in observations)
        {
            if (prior.Factor(seen) is { } factor)
            {
                _terms.Add((Place(seen.Image), seen.Other < 0 ? -1 : Place(seen.Other), factor));
            }
        }

        _priorMean = Prior.Mean(features);
        _priorPrecision = Array.ConvertAll(prior.Variances(features), v => 1 / v);
        (_curvature, _pull, _without, _blur) = (new double[_terms.Count], new double[_terms.Count], new double[_terms.Count], new double[_terms.Count]);

        int Place(int image)
        {
            if (!places.TryGetValue(image, out var place))
            {
                places.Add(image, place = _judged.Count);
                _judged.Add(image);
            }

            return place;
        }
    }

    /// <param name="start">A posterior close by, whose weights the search starts from; or null.</param>
    public static Posterior Run(TasteFeatures features, IReadOnlyList<Observation> observations, Prior prior, double[]? start, CancellationToken cancel)
    {
        var fit = new PosteriorFit(features, observations, prior, cancel);
        return fit._terms.Count == 0 ? new Posterior(features, prior) : fit.Solve(start);
    }

    private Posterior Solve(double[]? start)
    {
        var at = new Point((double[])(start ?? _priorMean).Clone(), new double[_judged.Count]);
        var value = Value(at);
        double[][]? factor = null;
        for (var step = 0; step < MostSteps; step++)
        {
            _cancel.ThrowIfCancellationRequested();
            var gradient = Gradient(at);
            if (step is 0 or 2 or 6 || factor is null)
            {
                factor = Precision();
                Dense.Factor(factor);
            }

            var direction = Newton(gradient, factor);
            var (length, slope) = (1.0, gradient.Dot(direction));
            var next = at.Plus(length, direction);
            var reached = Value(next);
            while (reached < value && length > 1e-4)
            {
                length /= 2;
                next = at.Plus(length, direction);
                reached = Value(next);
            }

            var gained = reached - value;
            if (gained < 0)
            {
                break;
            }

            (at, value) = (next, reached);
            if (slope < 1e-6 || gained < 1e-7)
            {
                break;
            }
        }

        return Around(at);
    }

    /// <summary>
    /// The Gaussian at the mode, moved to where the moments are: each term's curvature and pull are replaced by those with which its
    /// product with what all others say keeps its mean and variance (expectation propagation, Minka 2001), and the mean is solved for anew.
    /// </summary>
    private Posterior Around(Point mode)
    {
        Gradient(mode);
        var at = mode;
        var covariance = Array.Empty<double[]>();
        var variances = new double[_judged.Count];
        for (var round = 0; ; round++)
        {
            _cancel.ThrowIfCancellationRequested();
            var factor = Precision();
            Dense.Factor(factor);
            covariance = Dense.Inverse(factor);
            Blur(covariance, variances);
            if (round == MomentRounds)
            {
                break;
            }

            Match(at);
            var step = Newton(Uphill(at), factor);
            at = at.Plus(1, step);
            Follow(step);
        }

        var (residues, all) = (new double[_features.Count], new double[_features.Count]);
        Array.Fill(all, _prior.Residue);
        for (var place = 0; place < _judged.Count; place++)
        {
            (residues[_judged[place]], all[_judged[place]]) = (at.Residues[place], variances[place]);
        }

        return new(_features, at.Weights, covariance, residues, all);
    }

    /// <summary>Gives each term the curvature, and the pull at this point, that match moments with what the others say of its lead.</summary>
    private void Match(Point at)
    {
        var utilities = Linear(at.Weights);
        for (var t = 0; t < _terms.Count; t++)
        {
            var (lead, others) = (Lead(t, utilities, at.Residues), _without[t] + _blur[t]);
            var mean = lead - (others * _pull[t]);
            var (_, matched, variance) = _terms[t].Factor.Tilt(mean, others);
            _curvature[t] = Math.Max((1 / variance) - (1 / others), 1e-9);
            _pull[t] = (matched / variance) - (mean / others) - (_curvature[t] * lead);
        }
    }

    /// <summary>The terms' pulls after a step, along which each falls by its curvature.</summary>
    private void Follow(Point step)
    {
        var utilities = Linear(step.Weights);
        for (var t = 0; t < _terms.Count; t++)
        {
            _pull[t] -= _curvature[t] * Lead(t, utilities, step.Residues);
        }
    }

    /// <summary>
    /// Variances of the residues, each from what its terms say once the weights and the other residue of the term are averaged over:
    /// belief propagation on the graph of who was compared with whom.
    /// </summary>
    private void Blur(double[][] covariance, double[] variances)
    {
        var spread = Spread(covariance);

        // Messages to the first and the second residue of each term, as precisions.
        var (first, second) = (new double[_terms.Count], new double[_terms.Count]);
        var precision = new double[_judged.Count];
        for (var round = 0; round < BlurRounds; round++)
        {
            Array.Fill(precision, 1 / _prior.Residue);
            for (var t = 0; t < _terms.Count; t++)
            {
                precision[_terms[t].First] += first[t];
                if (_terms[t].Second >= 0)
                {
                    precision[_terms[t].Second] += second[t];
                }
            }

            for (var t = 0; t < _terms.Count; t++)
            {
                var (a, b, h) = (_terms[t].First, _terms[t].Second, Math.Max(_curvature[t], 1e-12));
                var cavityA = 1 / (precision[a] - first[t]);
                var cavityB = b < 0 ? 0 : 1 / (precision[b] - second[t]);

                // The weights' own spread without this term; never more than what they had before any.
                var without = spread[t] / Math.Max(1 - (spread[t] / ((1 / h) + _blur[t])), 0.05);
                (first[t], second[t]) = (1 / ((1 / h) + cavityB + without), 1 / ((1 / h) + cavityA + without));
                (_blur[t], _without[t]) = (cavityA + cavityB, without);
            }
        }

        for (var place = 0; place < variances.Length; place++)
        {
            variances[place] = 1 / precision[place];
        }
    }

    /// <summary>Variance that the weights give each term's lead: Δ C Δ, from C φ of every judged image, as there are fewer of those than terms.</summary>
    private double[] Spread(double[][] covariance)
    {
        var turned = new double[_judged.Count][];
        Parallel.For(0, (_judged.Count + Block - 1) / Block, block =>
        {
            var (start, end) = (block * Block, Math.Min((block + 1) * Block, _judged.Count));
            for (var place = start; place < end; place++)
            {
                turned[place] = new double[covariance.Length];
            }

            for (var k = 0; k < covariance.Length; k++)
            {
                for (var place = start; place < end; place++)
                {
                    turned[place][k] = Dense.Dot(covariance[k], _features[_judged[place]]);
                }
            }
        });

        var (spread, difference) = (new double[_terms.Count], new double[covariance.Length]);
        for (var t = 0; t < spread.Length; t++)
        {
            var (a, b, _) = _terms[t];
            Difference(t, difference);
            spread[t] = Dense.Dot(turned[a], difference) - (b < 0 ? 0 : Dense.Dot(turned[b], difference));
        }

        return spread;
    }

    private double Value(Point at)
    {
        var value = 0.0;
        for (var k = 0; k < _priorMean.Length; k++)
        {
            var off = at.Weights[k] - _priorMean[k];
            value -= 0.5 * _priorPrecision[k] * off * off;
        }

        value -= 0.5 * Dense.Dot(at.Residues, at.Residues) / _prior.Residue;
        var utilities = Linear(at.Weights);
        for (var t = 0; t < _terms.Count; t++)
        {
            value += _terms[t].Factor.At(Lead(t, utilities, at.Residues)).Log;
        }

        return value;
    }

    /// <summary>Of the log posterior; the terms' pulls and curvatures are left where the other steps find them.</summary>
    private Point Gradient(Point at)
    {
        var utilities = Linear(at.Weights);
        for (var t = 0; t < _terms.Count; t++)
        {
            (_, _pull[t], _curvature[t]) = _terms[t].Factor.At(Lead(t, utilities, at.Residues));
        }

        return Uphill(at);
    }

    /// <summary>What the terms' pulls and the prior's add up to.</summary>
    private Point Uphill(Point at)
    {
        var gradient = new Point(new double[_priorMean.Length], new double[_judged.Count]);
        var slopes = new double[_judged.Count];
        for (var t = 0; t < _terms.Count; t++)
        {
            slopes[_terms[t].First] += _pull[t];
            if (_terms[t].Second >= 0)
            {
                slopes[_terms[t].Second] -= _pull[t];
            }
        }

        Gather(slopes, gradient.Weights);
        for (var k = 0; k < _priorMean.Length; k++)
        {
            gradient.Weights[k] -= _priorPrecision[k] * (at.Weights[k] - _priorMean[k]);
        }

        for (var place = 0; place < slopes.Length; place++)
        {
            gradient.Residues[place] = slopes[place] - (at.Residues[place] / _prior.Residue);
        }

        return gradient;
    }

    /// <summary>The Newton direction, by conjugate gradients on weights and residues together, preconditioned by the weights' own precision.</summary>
    private Point Newton(Point gradient, double[][] factor)
    {
        var diagonal = new double[_judged.Count];
        Array.Fill(diagonal, 1 / _prior.Residue);
        for (var t = 0; t < _terms.Count; t++)
        {
            diagonal[_terms[t].First] += _curvature[t];
            if (_terms[t].Second >= 0)
            {
                diagonal[_terms[t].Second] += _curvature[t];
            }
        }

        var solution = new Point(new double[_priorMean.Length], new double[_judged.Count]);
        var rest = gradient.Plus(0, gradient);
        var pre = Precondition(rest, factor, diagonal);
        var (direction, energy) = (pre, rest.Dot(pre));
        var enough = energy * 1e-8;
        for (var i = 0; i < 60 && energy > enough; i++)
        {
            var curved = Curve(direction);
            var length = energy / direction.Dot(curved);
            solution = solution.Plus(length, direction);
            rest = rest.Plus(-length, curved);
            pre = Precondition(rest, factor, diagonal);
            var next = rest.Dot(pre);
            direction = pre.Plus(next / energy, direction);
            energy = next;
        }

        return solution;
    }

    private static Point Precondition(Point rest, double[][] factor, double[] diagonal)
    {
        var weights = (double[])rest.Weights.Clone();
        Dense.Solve(factor, weights);
        return new(weights, [.. rest.Residues.Select((r, place) => r / diagonal[place])]);
    }

    /// <summary>Minus the second derivative of the log posterior, times a direction.</summary>
    private Point Curve(Point direction)
    {
        var curved = new Point(new double[_priorMean.Length], new double[_judged.Count]);
        var (utilities, pulls) = (Linear(direction.Weights), new double[_judged.Count]);
        for (var t = 0; t < _terms.Count; t++)
        {
            var pull = _curvature[t] * Lead(t, utilities, direction.Residues);
            pulls[_terms[t].First] += pull;
            if (_terms[t].Second >= 0)
            {
                pulls[_terms[t].Second] -= pull;
            }
        }

        Gather(pulls, curved.Weights);
        for (var k = 0; k < _priorMean.Length; k++)
        {
            curved.Weights[k] += _priorPrecision[k] * direction.Weights[k];
        }

        for (var place = 0; place < pulls.Length; place++)
        {
            curved.Residues[place] = pulls[place] + (direction.Residues[place] / _prior.Residue);
        }

        return curved;
    }

    /// <summary>Precision of the weights once residues are averaged over: V⁻¹ + Σ h / (1 + h blur) Δ Δᵀ; the lower triangle.</summary>
    private double[][] Precision()
    {
        var precision = new double[_priorMean.Length][];
        for (var k = 0; k < precision.Length; k++)
        {
            precision[k] = new double[precision.Length];
            precision[k][k] = _priorPrecision[k];
        }

        // Σ h Δ Δᵀ is Σ φ mᵀ over the judged images, where m is what an image's terms make of the features: fewer than terms.
        var mixed = Mixed();
        for (var start = 0; start < mixed.Length; start += Block)
        {
            var (first, end) = (start, Math.Min(start + Block, mixed.Length));
            Parallel.For(0, precision.Length, k =>
            {
                var row = precision[k].AsSpan(0, k + 1);
                var place = first;
                for (; place + 4 <= end; place += 4)
                {
                    Dense.Add(
                        (Feature(place, k), Feature(place + 1, k), Feature(place + 2, k), Feature(place + 3, k)),
                        mixed[place].AsSpan(0, k + 1), mixed[place + 1].AsSpan(0, k + 1), mixed[place + 2].AsSpan(0, k + 1), mixed[place + 3].AsSpan(0, k + 1), row);
                }

                for (; place < end; place++)
                {
                    Dense.Add(Feature(place, k), mixed[place].AsSpan(0, k + 1), row);
                }
            });
        }

        return precision;

        double Feature(int place, int k) => _features[_judged[place]][k];
    }

    private double[][] Mixed()
    {
        double[][] mixed = [.. _judged.Select(_ => new double[_priorMean.Length])];
        var difference = new double[_priorMean.Length];
        for (var t = 0; t < _terms.Count; t++)
        {
            var (a, b, _) = _terms[t];
            var weight = _curvature[t] / (1 + (_curvature[t] * _blur[t]));
            Difference(t, difference);
            Dense.Add(weight, difference, mixed[a]);
            if (b >= 0)
            {
                Dense.Add(-weight, difference, mixed[b]);
            }
        }

        return mixed;
    }

    /// <summary>φ·w of every judged image.</summary>
    private double[] Linear(double[] weights)
    {
        var utilities = new double[_judged.Count];
        for (var place = 0; place < utilities.Length; place++)
        {
            utilities[place] = Dense.Dot(weights, _features[_judged[place]]);
        }

        return utilities;
    }

    /// <summary>Σ pull φ over the judged images.</summary>
    private void Gather(double[] pulls, double[] into)
    {
        for (var place = 0; place < pulls.Length; place++)
        {
            Dense.Add(pulls[place], _features[_judged[place]], into);
        }
    }

    private double Lead(int term, double[] utilities, double[] residues)
    {
        var (a, b, _) = _terms[term];
        return utilities[a] + residues[a] - (b < 0 ? 0 : utilities[b] + residues[b]);
    }

    private void Difference(int term, Span<double> into)
    {
        var (a, b, _) = _terms[term];
        Posterior.Difference(_features, _judged[a], b < 0 ? -1 : _judged[b], into);
    }

    private sealed record Point(double[] Weights, double[] Residues)
    {
        public double Dot(Point other) => Dense.Dot(Weights, other.Weights) + Dense.Dot(Residues, other.Residues);

        /// <summary>This + factor · direction.</summary>
        public Point Plus(double factor, Point direction)
        {
            var sum = new Point((double[])Weights.Clone(), (double[])Residues.Clone());
            Dense.Add(factor, direction.Weights, sum.Weights);
            Dense.Add(factor, direction.Residues, sum.Residues);
            return sum;
        }
    }
}
