using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Benchmarks;

/// <summary>How fast stored vectors are scored on one core, against how fast the same bytes can be read at all.</summary>
public static class HeadsBenchmark
{
    private const int Dimensions = 768, Stride = (Dimensions * 2) + 4, Block = 4096, Trials = 7;

    /// <param name="rows">Vectors of 768 float16, laid out as the store keeps them.</param>
    public static IReadOnlyList<Measurement> Run(int rows, CancellationToken cancel)
    {
        var blocks = Enumerable.Range(0, (rows + Block - 1) / Block).Select(b => Rows(Math.Min(Block, rows - (b * Block)), b)).ToArray();
        var random = new Random(2);
        var head = new AffineHead([.. Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f)], 5);
        var scores = new float[Block];
        var (score, read, checksum) = (double.MaxValue, double.MaxValue, 0L);
        for (var trial = 0; trial < Trials; trial++)
        {
            cancel.ThrowIfCancellationRequested();
            read = Math.Min(read, Time(() =>
            {
                foreach (var block in blocks)
                {
                    checksum ^= Read(block);
                }
            }));
            score = Math.Min(score, Time(() =>
            {
                foreach (var block in blocks)
                {
                    head.Score(block, Stride, scores.AsSpan(0, block.Length / Stride));
                }
            }));
        }

        var bytes = (double)rows * Stride;
        return
        [
            new($"{rows} vectors of {Dimensions} scored", score, "s on one core"),
            new("scoring reads", bytes / score / 1e9, "GB/s"),
            new("reading alone", bytes / read / 1e9, "GB/s"),
            new("scoring against reading", read / score, "of its rate"),
        ];
    }

    private static byte[] Rows(int count, int seed)
    {
        var bytes = new byte[count * Stride];
        var random = new Random(seed);
        for (var row = 0; row < count; row++)
        {
            foreach (ref var number in MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(row * Stride, Dimensions * 2)))
            {
                number = (Half)(random.NextSingle() - 0.5f);
            }
        }

        return bytes;
    }

    private static long Read(byte[] block)
    {
        var sums = Vector<long>.Zero;
        foreach (var word in MemoryMarshal.Cast<byte, Vector<long>>(block))
        {
            sums ^= word;
        }

        return sums[0];
    }

    private static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }
}
