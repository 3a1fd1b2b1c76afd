using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>Random numbers from a seed: SplitMix64 (Steele, Lea and Flood 2014), whose stream is part of what a seed means here.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Bits()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>In [0, 1).</summary>
    public float Unit() => (Bits() >> 40) * (1f / (1 << 24));

    public float Between(float low, float high) => low + ((high - low) * Unit());

    public int Below(int count) => (int)(Bits() % (ulong)count);

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    public bool Chance(float p) => Unit() < p;

    /// <summary>About normal: mean 0, deviation 1, within ±3.5.</summary>
    public float Bell() => (Unit() + Unit() + Unit() + Unit() - 2) * 1.7320508f;

    public Vector2 Point(float margin) => new(Between(margin, 1 - margin), Between(margin, 1 - margin));

    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
