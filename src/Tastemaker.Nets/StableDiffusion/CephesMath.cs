using System.Runtime.CompilerServices;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// Logarithm, sine and cosine in single precision with the polynomials of S. Moshier's Cephes (<c>logf</c>, <c>sinf</c>, <c>cosf</c>), which torch's vectors of
/// eight evaluate (aten/src/ATen/native/cpu/avx_mathfun.h). Where the compiler that built torch joins a product and a sum into one rounding, so does this; the
/// same bits come on every machine.
/// </summary>
internal static class CephesMath
{
    private const float SqrtHalf = 0.707106781186547524f;

    // The logarithm of 2 as a short number and the rest.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    // −π/4 in three parts, the first two of which are short, so that their multiples are exact.
    private const float Eighth1 = -0.78515625f;
    private const float Eighth2 = -2.4187564849853515625e-4f;
    private const float Eighth3 = -3.77489497744594108e-8f;
    private const float EighthsPerRadian = 1.27323954473516f;

    private static ReadOnlySpan<float> LogTerms =>
    [
        7.0376836292E-2f, -1.1514610310E-1f, 1.1676998740E-1f, -1.2420140846E-1f, 1.4249322787E-1f,
        -1.6668057665E-1f, 2.0000714765E-1f, -2.4999993993E-1f, 3.3333331174E-1f,
    ];

    /// <summary>The natural logarithm of a positive normal number.</summary>
    public static float Log(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        float exponent = (int)(bits >> 23) - 126;
        var m = BitConverter.UInt32BitsToSingle((bits & 0x807F_FFFF) | 0x3F00_0000);
        if (m < SqrtHalf)
        {
            exponent--;
            m = m - 1 + m;
        }
        else
        {
            m--;
        }

        var square = m * m;
        var y = 0f;
        foreach (var term in LogTerms)
        {
            y = Fma(y, m, term);
        }

        y = Fma(y * m, square, exponent * Ln2Low);
        y = Fma(-square, 0.5f, y);
        return Fma(exponent, Ln2High, m + y);
    }

    /// <summary>Of an angle in radians, 0 to 8192.</summary>
    public static (float Sin, float Cos) SinCos(float angle)
    {
        var octant = ((int)(angle * EighthsPerRadian) + 1) & ~1;
        var x = Fma(octant, Eighth3, Fma(octant, Eighth2, Fma(octant, Eighth1, angle)));
        var square = x * x;

        var cos = Fma(Fma(2.443315711809948E-5f, square, -1.388731625493765E-3f), square, 4.166664568298827E-2f) * square;
        cos = Fma(cos, square, -(square * 0.5f)) + 1;
        var sin = Fma(Fma(-1.9515295891E-4f, square, 8.3321608736E-3f), square, -1.6666654611E-1f) * square;
        sin = Fma(sin, x, x);

        return (octant & 6) switch
        {
            0 => (sin, cos),
            2 => (cos, -sin),
            4 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);
}
