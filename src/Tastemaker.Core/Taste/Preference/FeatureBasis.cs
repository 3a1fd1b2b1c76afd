using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Taste.Preference;

/// <summary>How a unit vector becomes a row of <see cref="TasteFeatures"/>.</summary>
internal sealed class FeatureBasis
{
    /// <summary>Images that the directions are found from: enough for 256 of them.</summary>
    private const int Sample = 2048;

    /// <summary>Enough for a space that holds what varies most; its directions need not be the principal ones.</summary>
    private const int Iterations = 2;

    /// <summary>Rows of a covariance that are summed side by side, so that an image's features are read from the nearest cache.</summary>
    private const int Band = 8;

    private readonly double[] _mean;
    private readonly float[][] _directions; // of the padded length, scaled
    private readonly float[] _offsets; // of the mean along each
    private readonly (double Mean, double Deviation)[] _scales; // of the heads

    private FeatureBasis(double[] mean, double[][] directions, double scale, IReadOnlyList<ScoringHead> heads, (double, double)[] scales, int padded)
    {
        (_mean, Heads, _scales) = (mean, heads, scales);
        _offsets = [.. directions.Select(d => (float)(scale * Dense.Dot(d, mean)))];
        _directions = [.. directions.Select(d =>
        {
            var row = new float[padded];
            for (var i = 0; i < d.Length; i++)
            {
                row[i] = (float)(scale * d[i]);
            }

            return row;
        })];
    }

    public IReadOnlyList<ScoringHead> Heads { get; }

    public int Width => _directions.Length + Heads.Count;

    public static FeatureBasis Of(UnitVectors vectors, IReadOnlyList<ScoringHead> heads, Func<int, ReadOnlyMemory<float>> scores, CancellationToken cancel)
    {
        var taken = Math.Min(vectors.Count, Sample);
        var rows = new double[taken][];
        var unit = new float[vectors.Padded];
        var mean = new double[vectors.Dimensions];
        for (var i = 0; i < taken; i++)
        {
            vectors.Read((int)((long)i * vectors.Count / taken), unit);
            rows[i] = Array.ConvertAll(unit[..mean.Length], x => (double)x);
            Dense.Add(1.0 / taken, rows[i], mean);
        }

        var total = 0.0;
        foreach (var row in rows)
        {
            Dense.Add(-1, mean, row);
            total += Dense.Dot(row, row) / taken;
        }

        var kept = Math.Min(mean.Length, TasteFeatures.MostDirections);
        var directions = kept == mean.Length ? Identity(kept) : Leading(rows, mean.Length, Math.Min(kept, Math.Max(taken, 1)), cancel);
        var moments = heads.Select((_, h) => Moments(scores(h).Span)).ToArray();
        return new(mean, directions, total > 0 ? 1 / Math.Sqrt(total) : 1, heads, moments, vectors.Padded);
    }

    /// <param name="unit">Of length 1, padded with zeros.</param>
    /// <param name="into">The kept directions of a row.</param>
    public void Project(ReadOnlySpan<float> unit, Span<float> into)
    {
        for (var k = 0; k < _directions.Length; k++)
        {
            into[k] = Dense.Dot(unit, _directions[k]) - _offsets[k];
        }
    }

    /// <summary>A head's score with mean 0 and deviation 1 over the studio; 0 where it is no number.</summary>
    public float Standard(int head, float raw) =>
        float.IsFinite(raw) && _scales[head].Deviation > 0 ? (float)Math.Clamp((raw - _scales[head].Mean) / _scales[head].Deviation, -8, 8) : 0;

    /// <summary>The same linear function of an encoder's vectors; heads that are not affine cannot be folded.</summary>
    /// <exception cref="InvalidOperationException">A head with layers has a weight.</exception>
    public AffineHead Fold(ReadOnlySpan<double> weights)
    {
        var folded = new double[_mean.Length];
        var bias = 0.0;
        for (var k = 0; k < _directions.Length; k++)
        {
            bias -= weights[k] * _offsets[k];
            for (var i = 0; i < folded.Length; i++)
            {
                folded[i] += weights[k] * _directions[k][i];
            }
        }

        for (var h = 0; h < Heads.Count; h++)
        {
            var (mean, deviation) = _scales[h];
            if (deviation > 0)
            {
                var head = Heads[h].Folded ?? throw new InvalidOperationException($"head '{Heads[h].Name}' is not affine and cannot be folded into a learned one.");
                var share = weights[_directions.Length + h] / deviation;
                bias += share * (head.Bias - mean);
                for (var i = 0; i < folded.Length; i++)
                {
                    folded[i] += share * head.Weight[i];
                }
            }
        }

        return new(Array.ConvertAll(folded, x => (float)x), (float)bias);
    }

    private static double[][] Identity(int size) => [.. Enumerable.Range(0, size).Select(i =>
    {
        var axis = new double[size];
        axis[i] = 1;
        return axis;
    })];

    /// <summary>An orthonormal basis of the space in which centred rows vary most: orthogonal iteration on their covariance (Halko, Martinsson, Tropp 2011).</summary>
    internal static double[][] Leading(double[][] rows, int dimensions, int count, CancellationToken cancel)
    {
        var covariance = Covariance(rows, dimensions, cancel);
        var dice = new Random(1);
        double[][] basis = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions).Select(_ => dice.NextDouble() - 0.5).ToArray())];
        for (var step = 0; step < Iterations; step++)
        {
            cancel.ThrowIfCancellationRequested();
            Parallel.For(0, count, k => basis[k] = Array.ConvertAll(covariance, row => Dense.Dot(row, basis[k])));
        }

        Orthonormalise(basis);
        Orthonormalise(basis); // what rounding left
        return basis;
    }

    private static double[][] Covariance(double[][] rows, int dimensions, CancellationToken cancel)
    {
        double[][] covariance = [.. Enumerable.Range(0, dimensions).Select(_ => new double[dimensions])];
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (dimensions + Band - 1) / Band, options, band =>
        {
            var end = Math.Min((band + 1) * Band, dimensions);
            var r = 0;
            for (; r + 4 <= rows.Length; r += 4)
            {
                var (a, b, c, d) = (rows[r], rows[r + 1], rows[r + 2], rows[r + 3]);
                for (var i = band * Band; i < end; i++)
                {
                    Dense.Add((a[i], b[i], c[i], d[i]), a.AsSpan(0, i + 1), b.AsSpan(0, i + 1), c.AsSpan(0, i + 1), d.AsSpan(0, i + 1), covariance[i].AsSpan(0, i + 1));
                }
            }

            for (; r < rows.Length; r++)
            {
                for (var i = band * Band; i < end; i++)
                {
                    Dense.Add(rows[r][i], rows[r].AsSpan(0, i + 1), covariance[i].AsSpan(0, i + 1));
                }
            }
        });
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j < i; j++)
            {
                covariance[j][i] = covariance[i][j];
            }
        }

        return covariance;
    }

    /// <summary>Gram and Schmidt, a band after the other; what depends on others becomes zero.</summary>
    private static void Orthonormalise(double[][] basis)
    {
        double[] before = [.. basis.Select(b => Math.Sqrt(Dense.Dot(b, b)))];
        for (var start = 0; start < basis.Length; start += Band)
        {
            var (first, end) = (start, Math.Min(start + Band, basis.Length));
            for (var k = first; k < end; k++)
            {
                Clear(k, first, k);
                var length = Math.Sqrt(Dense.Dot(basis[k], basis[k]));
                var factor = length > 1e-10 * before[k] && length > 0 ? 1 / length : 0;
                for (var i = 0; i < basis[k].Length; i++)
                {
                    basis[k][i] *= factor;
                }
            }

            Parallel.For(end, basis.Length, k => Clear(k, first, end));
        }

        void Clear(int k, int from, int to)
        {
            for (var j = from; j < to; j++)
            {
                Dense.Add(-Dense.Dot(basis[j], basis[k]), basis[j], basis[k]);
            }
        }
    }

    private static (double Mean, double Deviation) Moments(ReadOnlySpan<float> scores)
    {
        double sum = 0, squares = 0;
        var count = 0;
        foreach (var score in scores)
        {
            if (float.IsFinite(score))
            {
                (sum, squares, count) = (sum + score, squares + ((double)score * score), count + 1);
            }
        }

        var mean = count > 0 ? sum / count : 0;
        return (mean, count > 0 ? Math.Sqrt(Math.Max((squares / count) - (mean * mean), 0)) : 0);
    }
}
