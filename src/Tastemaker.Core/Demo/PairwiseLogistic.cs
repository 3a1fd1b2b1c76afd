using System.Numerics;
using System.Runtime.InteropServices;

namespace Tastemaker.Core.Demo;

/// <summary>One judgement: which of two images won.</summary>
internal readonly record struct Choice(int Left, int Right, bool IsLeft);

/// <summary>
/// A linear score learned from choices: P(left wins) = σ(w·(x_left − x_right)), with a penalty on |w|² (Bradley and Terry 1952 with
/// features). Solved by Newton's method in the dual, where the unknowns are as many as the choices, not as the features.
/// </summary>
internal sealed class PairwiseLogistic
{
    private const int Folds = 5;
    private const int MaxSteps = 12;

    private static readonly double[] Penalties = [0.01, 0.03, 0.1, 0.3, 1, 3];

    private readonly float[] _weights;

    private PairwiseLogistic(float[] weights, double penalty) => (_weights, Penalty) = (weights, penalty);

    /// <summary>The penalty that foretold left-out choices best, among those learned from.</summary>
    public double Penalty { get; }

    public double Score(ReadOnlySpan<float> features) => Dot(_weights, features);

    /// <param name="features">One row an image.</param>
    /// <param name="choices">At least one; the penalty is chosen among these alone, by cross-validation.</param>
    public static PairwiseLogistic Fit(IReadOnlyList<float[]> features, IReadOnlyList<Choice> choices, CancellationToken cancel)
    {
        var winnerMinusLoser = choices.Select(c => c.IsLeft ? Difference(features[c.Left], features[c.Right]) : Difference(features[c.Right], features[c.Left]))
            .ToArray();
        var kernel = Kernel(winnerMinusLoser);
        var everyone = Enumerable.Range(0, choices.Count).ToArray();
        var penalty = choices.Count < 2 * Folds ? 1 : Penalties.MinBy(p => HeldOutLoss(kernel, p, cancel));
        var dual = Solve(kernel, everyone, penalty, cancel);

        var weights = new float[features[0].Length];
        for (var i = 0; i < dual.Length; i++)
        {
            var share = (float)(dual[i] / weights.Length);
            for (var d = 0; d < weights.Length; d++)
            {
                weights[d] += share * winnerMinusLoser[i][d];
            }
        }

        return new PairwiseLogistic(weights, penalty);
    }

    private static float[] Difference(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x - y)];

    /// <summary>Inner products of all differences, a dimension's mean, so that penalties mean the same for any encoder.</summary>
    private static double[][] Kernel(float[][] rows)
    {
        var kernel = new double[rows.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            kernel[i] = new double[rows.Length];
            for (var j = 0; j <= i; j++)
            {
                kernel[i][j] = kernel[j][i] = Dot(rows[i], rows[j]) / rows[i].Length;
            }
        }

        return kernel;
    }

    private static double HeldOutLoss(double[][] kernel, double penalty, CancellationToken cancel)
    {
        var loss = 0.0;
        for (var fold = 0; fold < Folds; fold++)
        {
            int[] inside = [.. Enumerable.Range(0, kernel.Length).Where(i => i % Folds != fold)];
            var dual = Solve(kernel, inside, penalty, cancel);
            for (var i = fold; i < kernel.Length; i += Folds)
            {
                var margin = 0.0;
                for (var k = 0; k < inside.Length; k++)
                {
                    margin += dual[k] * kernel[i][inside[k]];
                }

                loss += Math.Log(1 + Math.Exp(-Math.Clamp(margin, -500, 500)));
            }
        }

        return loss;
    }

    /// <summary>
    /// Iteratively reweighted least squares: (K + λ W⁻¹) α = Kα + W⁻¹ (1 − p), where every row is winner − loser, so every label is 1.
    /// </summary>
    private static double[] Solve(double[][] kernel, int[] members, double penalty, CancellationToken cancel)
    {
        var n = members.Length;
        double[] dual = new double[n], margins = new double[n], target = new double[n];
        var system = new double[n][];
        for (var step = 0; step < MaxSteps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            for (var i = 0; i < n; i++)
            {
                var p = 1 / (1 + Math.Exp(-Math.Clamp(margins[i], -30, 30)));
                var weight = Math.Max(p * (1 - p), 1e-6);
                target[i] = margins[i] + ((1 - p) / weight);
                system[i] = new double[i + 1];
                for (var j = 0; j <= i; j++)
                {
                    system[i][j] = kernel[members[i]][members[j]];
                }

                system[i][i] += penalty / weight;
            }

            dual = SolveCholesky(system, target);
            var change = 0.0;
            for (var i = 0; i < n; i++)
            {
                var margin = 0.0;
                for (var j = 0; j < n; j++)
                {
                    margin += kernel[members[i]][members[j]] * dual[j];
                }

                change = Math.Max(change, Math.Abs(margin - margins[i]));
                margins[i] = margin;
            }

            if (change < 1e-5)
            {
                break;
            }
        }

        return dual;
    }

    /// <summary>Solves A x = b for a positive definite A given by its lower triangle, which is overwritten by its factor.</summary>
    private static double[] SolveCholesky(double[][] a, double[] b)
    {
        var n = b.Length;
        var x = (double[])b.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                a[i][j] = (a[i][j] - Dot(a[i].AsSpan(0, j), a[j].AsSpan(0, j))) / a[j][j];
            }

            a[i][i] = Math.Sqrt(a[i][i] - Dot(a[i].AsSpan(0, i), a[i].AsSpan(0, i)));
            x[i] = (x[i] - Dot(a[i].AsSpan(0, i), x.AsSpan(0, i))) / a[i][i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            x[i] /= a[i][i];
            for (var j = 0; j < i; j++)
            {
                x[j] -= a[i][j] * x[i];
            }
        }

        return x;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector<double>.Zero;
        ReadOnlySpan<Vector<double>> va = MemoryMarshal.Cast<double, Vector<double>>(a), vb = MemoryMarshal.Cast<double, Vector<double>>(b);
        for (var i = 0; i < va.Length; i++)
        {
            sums += va[i] * vb[i];
        }

        var sum = Vector.Sum(sums);
        for (var i = va.Length * Vector<double>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }
}
