namespace Tastemaker.Nets.StableDiffusion;

/// <summary>mt19937 of Matsumoto and Nishimura (1998), 32 bits at a time.</summary>
internal sealed class MersenneTwister
{
    private const int Words = 624;
    private const int Middle = 397;

    private readonly uint[] _state = new uint[Words];
    private int _at = Words;

    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Words; i++)
        {
            _state[i] = (1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
        }
    }

    public uint Next()
    {
        if (_at == Words)
        {
            Twist();
        }

        var y = _state[_at++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }

    /// <summary>Two words, the first of which is the high one.</summary>
    public ulong Next64()
    {
        var high = (ulong)Next();
        return (high << 32) | Next();
    }

    private void Twist()
    {
        for (var i = 0; i < Words; i++)
        {
            var y = (_state[i] & 0x80000000) | (_state[(i + 1) % Words] & 0x7fffffff);
            _state[i] = _state[(i + Middle) % Words] ^ (y >> 1) ^ ((y & 1) * 0x9908b0df);
        }

        _at = 0;
    }
}
