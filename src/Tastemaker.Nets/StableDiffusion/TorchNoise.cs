using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// torch's generator on the CPU, and <c>torch.rand</c> and <c>torch.randn</c> from it. Draws of 16 normal numbers or more are, to the bit and on every machine,
/// those of torch on a processor with AVX2. Follows CPUGeneratorImpl.cpp, DistributionsHelper.h and cpu/DistributionTemplates.h in pytorch, aten/src/ATen.
/// </summary>
/// <param name="seed">torch seeds this generator with the low 32 bits alone: 2³² is 0 again.</param>
public sealed class TorchNoise(ulong seed) : INoise
{
    /// <summary>What the Box-Muller transform is done to at once: eight radii, then eight angles.</summary>
    private const int Block = 16;
    private const int Half = Block / 2;

    private readonly MersenneTwister _words = new((uint)seed);
    private double? _kept;

    private delegate void InPlace<T>(Span<T> values);

    /// <summary><c>torch.rand</c>: numbers in [0, 1) of 24 bits.</summary>
    public void Uniform(Span<float> values)
    {
        foreach (ref var value in values)
        {
            value = (_words.Next() & 0xFF_FFFF) * (1f / (1 << 24));
        }
    }

    /// <summary><c>torch.randn</c></summary>
    public void Normal(Span<float> values)
    {
        if (values.Length >= Block)
        {
            NormalByBlocks(values, Uniform, BoxMuller);
            return;
        }

        foreach (ref var value in values)
        {
            value = (float)NextNormal();
        }
    }

    /// <summary><c>torch.randn</c> with <c>dtype=torch.float64</c></summary>
    public void Normal(Span<double> values)
    {
        if (values.Length >= Block)
        {
            NormalByBlocks(values, Uniform, BoxMuller);
            return;
        }

        foreach (ref var value in values)
        {
            value = NextNormal();
        }
    }

    /// <summary>Where blocks do not fill the span, its last 16 numbers are drawn anew and replace what the blocks before left there.</summary>
    private static void NormalByBlocks<T>(Span<T> values, InPlace<T> uniform, InPlace<T> boxMuller)
    {
        uniform(values);
        for (var at = 0; at + Block <= values.Length; at += Block)
        {
            boxMuller(values.Slice(at, Block));
        }

        if (values.Length % Block != 0)
        {
            uniform(values[^Block..]);
            boxMuller(values[^Block..]);
        }
    }

    private static void BoxMuller(Span<float> block)
    {
        for (var i = 0; i < Half; i++)
        {
            var radius = MathF.Sqrt(-2 * CephesMath.Log(1 - block[i]));
            var (sin, cos) = CephesMath.SinCos(float.Tau * block[i + Half]);
            block[i] = radius * cos;
            block[i + Half] = radius * sin;
        }
    }

    private static void BoxMuller(Span<double> block)
    {
        for (var i = 0; i < Half; i++)
        {
            var radius = Math.Sqrt(-2 * PortableMath.Log(1 - block[i]));
            var (cos, sin) = PortableMath.Turn(block[i + Half]);
            block[i] = radius * cos;
            block[i + Half] = radius * sin;
        }
    }

    /// <summary>One at a time, as short draws are made: in double precision, and of each pair the second is kept for the next call.</summary>
    private double NextNormal()
    {
        if (_kept is { } kept)
        {
            _kept = null;
            return kept;
        }

        var turns = NextUniform();
        var radius = Math.Sqrt(-2 * PortableMath.Log(1 - NextUniform()));
        var (cos, sin) = PortableMath.Turn(turns);
        _kept = radius * sin;
        return radius * cos;
    }

    private void Uniform(Span<double> values)
    {
        foreach (ref var value in values)
        {
            value = NextUniform();
        }
    }

    /// <summary>In [0, 1), of 53 bits.</summary>
    private double NextUniform() => (_words.Next64() & ((1UL << 53) - 1)) * (1.0 / (1UL << 53));
}
