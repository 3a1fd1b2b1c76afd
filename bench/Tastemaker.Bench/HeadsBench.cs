using System.Numerics;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Bench;

/// <summary>
/// How close does scoring stored vectors come to reading them? It decides whether a collection is scored anew on every change of a
/// taste, or its scores are kept. 200 000 rows of 768 halves (307 MB, beyond every cache) on one core.
/// </summary>
[MemoryDiagnoser]
public class HeadsBench
{
    private const int Width = 768;
    private const int Count = 200_000;

    private readonly byte[] _rows = GC.AllocateUninitializedArray<byte>(Count * Width * 2);
    private readonly float[] _scores = new float[Count];
    private readonly float[] _fourScores = new float[Count * 4];
    private AffineHead[] _heads = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var halves = MemoryMarshal.Cast<byte, Half>(_rows.AsSpan());
        for (var i = 0; i < halves.Length; i++)
        {
            halves[i] = (Half)((random.NextSingle() - 0.5f) * 0.12f);
        }

        _heads = [.. Enumerable.Range(0, 4).Select(_ => new AffineHead([.. Enumerable.Range(0, Width).Select(_ => random.NextSingle() - 0.5f)], 5))];
    }

    /// <summary>What the memory gives: a sum over the same bytes in the widest vectors, eight at a time.</summary>
    [Benchmark(Baseline = true)]
    public ulong Read()
    {
        var words = MemoryMarshal.Cast<byte, Vector<ulong>>(_rows);
        var (a, b, c, d) = (Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero);
        var (e, f, g, h) = (Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero);
        for (var i = 0; i + 7 < words.Length; i += 8)
        {
            a += words[i];
            b += words[i + 1];
            c += words[i + 2];
            d += words[i + 3];
            e += words[i + 4];
            f += words[i + 5];
            g += words[i + 6];
            h += words[i + 7];
        }

        return Vector.Sum(a + b + c + d + e + f + g + h);
    }

    [Benchmark]
    public float OneHead()
    {
        _heads[0].Score(_rows, Width * 2, _scores);
        return _scores[^1];
    }

    [Benchmark]
    public float FourHeads()
    {
        AffineHeads.Score(_heads, _rows, Width * 2, _fourScores);
        return _fourScores[^1];
    }
}
