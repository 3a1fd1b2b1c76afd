using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>Smooth random fields over the plane: gradient noise on the integer lattice (Perlin 2002).</summary>
internal sealed class Noise(ulong seed)
{
    private readonly uint _seed = (uint)Dice.Mix(seed);

    /// <summary>About −1 to 1, with features one unit wide.</summary>
    public float At(float x, float y)
    {
        float fx = MathF.Floor(x), fy = MathF.Floor(y);
        int ix = (int)fx, iy = (int)fy;
        x -= fx;
        y -= fy;
        float u = x * x * x * ((x * ((x * 6) - 15)) + 10), v = y * y * y * ((y * ((y * 6) - 15)) + 10);
        var top = float.Lerp(Corner(ix, iy, x, y), Corner(ix + 1, iy, x - 1, y), u);
        var bottom = float.Lerp(Corner(ix, iy + 1, x, y - 1), Corner(ix + 1, iy + 1, x - 1, y - 1), u);
        return 1.5f * float.Lerp(top, bottom, v);
    }

    /// <summary>Octaves of <see cref="At"/>, each half as wide and half as strong.</summary>
    public float Fractal(Vector2 p, int octaves)
    {
        float sum = 0, strength = 0.5f;
        for (var i = 0; i < octaves; i++, p = (p * 2) + new Vector2(17.3f, 5.1f), strength /= 2)
        {
            sum += strength * At(p.X, p.Y);
        }

        return sum;
    }

    /// <summary>White noise in [0, 1) for a lattice point.</summary>
    public float Grain(int x, int y) => (Hash(x, y) >> 8) * (1f / (1 << 24));

    private float Corner(int ix, int iy, float x, float y)
    {
        var h = Hash(ix, iy);
        var along = (h & 1) == 0 ? x : -x;
        var across = (h & 2) == 0 ? y : -y;
        return (h & 4) == 0 ? along + (0.5f * across) : (0.5f * along) + across;
    }

    private uint Hash(int x, int y)
    {
        var h = ((uint)x * 0x8DA6B343u) ^ ((uint)y * 0xD8163841u) ^ _seed;
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return h ^ (h >> 15);
    }
}
