using System.Numerics;
using System.Runtime.InteropServices;
using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// The discrete Fourier transform of a square of n × n complex numbers, n a power of two: radix 2, decimation in time
/// (Cooley and Tukey 1965), each butterfly over a whole row at once. Real and imaginary parts lie in separate arrays.
/// Elements are never added across a vector, so the bits do not depend on the vector's width.
/// </summary>
internal sealed class Fft2D
{
    private readonly float[] _cos;
    private readonly float[] _sin;
    private readonly int[] _reversed;

    public Fft2D(int n)
    {
        if (n < 2 || !BitOperations.IsPow2(n))
        {
            throw new ArgumentException($"an FFT of {n} × {n} was asked for; the side must be a power of two, at least 2.", nameof(n));
        }

        Side = n;
        _cos = new float[n / 2];
        _sin = new float[n / 2];
        for (var k = 0; k < n / 2; k++)
        {
            var (cos, sin) = PortableMath.Turn((double)k / n);
            (_cos[k], _sin[k]) = ((float)cos, (float)sin);
        }

        _reversed = new int[n];
        for (var i = 1; i < n; i++)
        {
            _reversed[i] = (_reversed[i / 2] / 2) | ((i & 1) * (n / 2));
        }
    }

    public int Side { get; }

    /// <summary>In place. The image is indexed [y, x]; its spectrum, not scaled, is indexed [kx, ky] (transposed: one pass less).</summary>
    public void Forward(Span<float> re, Span<float> im) => Transform(re, im, sign: -1);

    /// <summary>In place, from a spectrum indexed [kx, ky] to an image indexed [y, x], scaled by 1/n².</summary>
    public void Inverse(Span<float> re, Span<float> im)
    {
        Transform(re, im, sign: 1);
        var scale = 1f / ((float)Side * Side);
        foreach (ref var v in MemoryMarshal.Cast<float, Vector4>(re))
        {
            v *= scale;
        }

        foreach (ref var v in MemoryMarshal.Cast<float, Vector4>(im))
        {
            v *= scale;
        }
    }

    private void Transform(Span<float> re, Span<float> im, float sign)
    {
        Columns(re, im, sign);
        Transpose(re);
        Transpose(im);
        Columns(re, im, sign);
    }

    private void Columns(Span<float> re, Span<float> im, float sign)
    {
        var n = Side;
        for (var i = 0; i < n; i++)
        {
            if (i < _reversed[i])
            {
                Swap(re.Slice(i * n, n), re.Slice(_reversed[i] * n, n));
                Swap(im.Slice(i * n, n), im.Slice(_reversed[i] * n, n));
            }
        }

        for (var half = 1; half < n; half *= 2)
        {
            var step = n / (2 * half);
            for (var start = 0; start < n; start += 2 * half)
            {
                for (var k = 0; k < half; k++)
                {
                    int a = (start + k) * n, b = a + (half * n);
                    Butterfly(re.Slice(a, n), im.Slice(a, n), re.Slice(b, n), im.Slice(b, n), _cos[k * step], sign * _sin[k * step]);
                }
            }
        }
    }

    private static void Butterfly(Span<float> aRe, Span<float> aIm, Span<float> bRe, Span<float> bIm, float cos, float sin)
    {
        var i = 0;
        if (aRe.Length >= Vector<float>.Count)
        {
            Vector<float> c = new(cos), s = new(sin);
            var ar = MemoryMarshal.Cast<float, Vector<float>>(aRe);
            var ai = MemoryMarshal.Cast<float, Vector<float>>(aIm)[..ar.Length];
            var br = MemoryMarshal.Cast<float, Vector<float>>(bRe)[..ar.Length];
            var bi = MemoryMarshal.Cast<float, Vector<float>>(bIm)[..ar.Length];
            for (var v = 0; v < ar.Length; v++)
            {
                var tr = (br[v] * c) - (bi[v] * s);
                var ti = (br[v] * s) + (bi[v] * c);
                br[v] = ar[v] - tr;
                bi[v] = ai[v] - ti;
                ar[v] += tr;
                ai[v] += ti;
            }

            i = ar.Length * Vector<float>.Count;
        }

        for (; i < aRe.Length; i++)
        {
            var tr = (bRe[i] * cos) - (bIm[i] * sin);
            var ti = (bRe[i] * sin) + (bIm[i] * cos);
            bRe[i] = aRe[i] - tr;
            bIm[i] = aIm[i] - ti;
            aRe[i] += tr;
            aIm[i] += ti;
        }
    }

    private void Transpose(Span<float> square)
    {
        var n = Side;
        const int Tile = 16;
        for (var top = 0; top < n; top += Tile)
        {
            for (var left = top; left < n; left += Tile)
            {
                for (var y = top; y < Math.Min(n, top + Tile); y++)
                {
                    for (var x = left == top ? y + 1 : left; x < Math.Min(n, left + Tile); x++)
                    {
                        (square[(y * n) + x], square[(x * n) + y]) = (square[(x * n) + y], square[(y * n) + x]);
                    }
                }
            }
        }
    }

    private static void Swap(Span<float> a, Span<float> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            (a[i], b[i]) = (b[i], a[i]);
        }
    }
}
