using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tastemaker.Core.Taste.Preference;

/// <summary>The little linear algebra that the model needs, on spans of doubles, four at a time and in one order on every machine.</summary>
/// <remarks>What loops is compiled in full at its first call: a program that fits once would be done before the runtime found it worth it.</remarks>
internal static class Dense
{
    private const int Lanes = 4;

    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => Same(a, b);

    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Same(a, b);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var y = MemoryMarshal.Cast<float, Vector256<float>>(b);
        var (even, odd) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var i = 0;
        for (; i < y.Length; i++)
        {
            var (lower, upper) = Vector256.Widen(y[i]);
            even += x[2 * i] * lower;
            odd += x[(2 * i) + 1] * upper;
        }

        var sum = Vector256.Sum(even + odd);
        for (i = y.Length * 2 * Lanes; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>y += c x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double c, ReadOnlySpan<float> x, Span<double> y)
    {
        var from = MemoryMarshal.Cast<float, Vector256<float>>(x);
        var into = MemoryMarshal.Cast<double, Vector256<double>>(y);
        var factor = Vector256.Create(c);
        for (var i = 0; i < from.Length; i++)
        {
            var (lower, upper) = Vector256.Widen(from[i]);
            into[2 * i] += factor * lower;
            into[(2 * i) + 1] += factor * upper;
        }

        for (var i = from.Length * 2 * Lanes; i < x.Length; i++)
        {
            y[i] += c * x[i];
        }
    }

    /// <summary>y += c x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double c, ReadOnlySpan<double> x, Span<double> y)
    {
        var from = MemoryMarshal.Cast<double, Vector256<double>>(x);
        var into = MemoryMarshal.Cast<double, Vector256<double>>(y);
        var factor = Vector256.Create(c);
        for (var i = 0; i < from.Length; i++)
        {
            into[i] += factor * from[i];
        }

        for (var i = from.Length * Lanes; i < x.Length; i++)
        {
            y[i] += c * x[i];
        }
    }

    /// <summary>y += c₀ x₀ + c₁ x₁ + c₂ x₂ + c₃ x₃, in that order: y is read and written once for four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        (double C0, double C1, double C2, double C3) c, ReadOnlySpan<double> x0, ReadOnlySpan<double> x1, ReadOnlySpan<double> x2, ReadOnlySpan<double> x3, Span<double> y)
    {
        var into = MemoryMarshal.Cast<double, Vector256<double>>(y);
        var from0 = MemoryMarshal.Cast<double, Vector256<double>>(x0)[..into.Length];
        var from1 = MemoryMarshal.Cast<double, Vector256<double>>(x1)[..into.Length];
        var from2 = MemoryMarshal.Cast<double, Vector256<double>>(x2)[..into.Length];
        var from3 = MemoryMarshal.Cast<double, Vector256<double>>(x3)[..into.Length];
        var (c0, c1, c2, c3) = (Vector256.Create(c.C0), Vector256.Create(c.C1), Vector256.Create(c.C2), Vector256.Create(c.C3));
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = into[i] + (c0 * from0[i]) + (c1 * from1[i]) + (c2 * from2[i]) + (c3 * from3[i]);
        }

        for (var i = into.Length * Lanes; i < y.Length; i++)
        {
            y[i] = y[i] + (c.C0 * x0[i]) + (c.C1 * x1[i]) + (c.C2 * x2[i]) + (c.C3 * x3[i]);
        }
    }

    /// <summary>y += c x, and the inner product of what y is then with z.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float AddDot(float c, ReadOnlySpan<float> x, Span<float> y, ReadOnlySpan<float> z)
    {
        var into = MemoryMarshal.Cast<float, Vector256<float>>(y);
        var from = MemoryMarshal.Cast<float, Vector256<float>>(x)[..into.Length];
        var with = MemoryMarshal.Cast<float, Vector256<float>>(z)[..into.Length];
        var factor = Vector256.Create(c);
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i + 1 < into.Length; i += 2)
        {
            var (first, second) = (into[i] + (factor * from[i]), into[i + 1] + (factor * from[i + 1]));
            (into[i], into[i + 1]) = (first, second);
            even += first * with[i];
            odd += second * with[i + 1];
        }

        if (i < into.Length)
        {
            into[i] += factor * from[i];
            even += into[i] * with[i];
        }

        var sum = Vector256.Sum(even + odd);
        for (i = into.Length * Vector256<float>.Count; i < y.Length; i++)
        {
            y[i] += c * x[i];
            sum += y[i] * z[i];
        }

        return sum;
    }

    /// <summary>Replaces the lower triangle of a positive definite matrix, given by its rows, by its Cholesky factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factor(double[][] a)
    {
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                a[i][j] = (a[i][j] - Dot(a[i].AsSpan(0, j), a[j].AsSpan(0, j))) / a[j][j];
            }

            a[i][i] = Math.Sqrt(a[i][i] - Dot(a[i].AsSpan(0, i), a[i].AsSpan(0, i)));
        }
    }

    /// <summary>Solves L Lᵀ x = b in place, for the factor L.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Solve(double[][] factor, Span<double> b)
    {
        for (var i = 0; i < b.Length; i++)
        {
            b[i] = (b[i] - Dot(factor[i].AsSpan(0, i), b[..i])) / factor[i][i];
        }

        for (var i = b.Length - 1; i >= 0; i--)
        {
            b[i] /= factor[i][i];
            Add(-b[i], factor[i].AsSpan(0, i), b[..i]);
        }
    }

    /// <summary>The inverse of L Lᵀ, for the factor L: both triangles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double[][] Inverse(double[][] factor)
    {
        var n = factor.Length;
        var lower = new double[n][]; // L⁻¹, by columns: lower[j][i] for i ≥ j
        for (var j = 0; j < n; j++)
        {
            var column = new double[n];
            column[j] = 1 / factor[j][j];
            for (var i = j + 1; i < n; i++)
            {
                column[i] = -Dot(factor[i].AsSpan(j, i - j), column.AsSpan(j, i - j)) / factor[i][i];
            }

            lower[j] = column;
        }

        var inverse = new double[n][];
        for (var i = 0; i < n; i++)
        {
            inverse[i] = new double[n];
            for (var j = 0; j <= i; j++)
            {
                inverse[i][j] = inverse[j][i] = Dot(lower[i].AsSpan(i), lower[j].AsSpan(i));
            }
        }

        return inverse;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Same<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : unmanaged, INumber<T>
    {
        var x = MemoryMarshal.Cast<T, Vector256<T>>(a);
        var y = MemoryMarshal.Cast<T, Vector256<T>>(b);
        var (even, odd) = (Vector256<T>.Zero, Vector256<T>.Zero);
        var i = 0;
        for (; i + 1 < x.Length; i += 2)
        {
            even += x[i] * y[i];
            odd += x[i + 1] * y[i + 1];
        }

        if (i < x.Length)
        {
            even += x[i] * y[i];
        }

        var sum = Vector256.Sum(even + odd);
        for (i = x.Length * Vector256<T>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
