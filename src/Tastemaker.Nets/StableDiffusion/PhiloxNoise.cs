using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// torch's generator on CUDA, Philox 4×32-10 (Salmon et al. 2011), and <c>torch.randn</c> from it, as A1111 and ComfyUI seeds assume. Follows
/// modules/rng_philox.py in AUTOMATIC1111/stable-diffusion-webui.
/// </summary>
/// <param name="seed">All 64 bits count.</param>
public sealed class PhiloxNoise(ulong seed) : INoise
{
    private const int Rounds = 10;
    private const float PerWord = 1f / (1UL << 32);

    /// <summary>2π/2³² as curand has it, in single precision.</summary>
    private const float RadiansPerWord = (float)(2.3283064e-10 * 6.2831855);

    private uint _draws;

    public void Normal(Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y) = Words((uint)i);
            var u = (x * (double)PerWord) + (PerWord / 2);
            var v = (y * (double)RadiansPerWord) + (RadiansPerWord / 2);
            values[i] = (float)(Math.Sqrt(-2 * PortableMath.Log(u)) * PortableMath.Turn(v / Math.Tau).Sin);
        }

        _draws++;
    }

    /// <summary>The first two of the four words at the counter of this draw and place; the transform to a normal number uses no more.</summary>
    private (uint First, uint Second) Words(uint place)
    {
        var (c0, c1, c2, c3) = (_draws, 0u, place, 0u);
        var (k0, k1) = ((uint)seed, (uint)(seed >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var (a, b) = (0xD2511F53UL * c0, 0xCD9E8D57UL * c2);
            (c0, c1, c2, c3) = ((uint)(b >> 32) ^ c1 ^ k0, (uint)b, (uint)(a >> 32) ^ c3 ^ k1, (uint)a);
            (k0, k1) = (k0 + 0x9E3779B9, k1 + 0xBB67AE85);
        }

        return (c0, c1);
    }
}
