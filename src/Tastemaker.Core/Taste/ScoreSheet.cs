using System.Runtime.InteropServices;
using Tastemaker.Core.Embedding;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Taste;

/// <summary>Every vector of a collection under every head, and each score's place among the others.</summary>
public sealed class ScoreSheet
{
    private readonly float[][] _raw; // [head][vector]
    private readonly float[][] _sorted;
    private readonly (double Mean, double Deviation)[] _scale;

    private ScoreSheet(IReadOnlyList<ScoringHead> heads, float[][] raw)
    {
        Heads = heads;
        _raw = raw;
        _sorted = [.. raw.Select(scores => scores.Order().ToArray())];
        _scale = [.. heads.Zip(raw, (head, scores) => head.Calibration is { } c ? (c.Mean, c.Deviation) : Moments(scores))];
    }

    public IReadOnlyList<ScoringHead> Heads { get; }

    /// <summary>Reads all stored vectors once, in place.</summary>
    public static ScoreSheet Of(VectorRows rows, IReadOnlyList<ScoringHead> heads, CancellationToken cancel)
    {
        var raw = heads.Select(_ => new float[rows.Count]).ToArray();
        var affine = Enumerable.Range(0, heads.Count).Where(h => heads[h].Folded is not null).ToArray();
        AffineHead[] folded = [.. affine.Select(h => heads[h].Folded!)];
        foreach (var run in rows.Runs())
        {
            cancel.ThrowIfCancellationRequested();
            var bytes = rows.Bytes(run);
            if (affine.Length > 0)
            {
                var scores = new float[run.Count * affine.Length];
                AffineHeads.Score(folded, bytes, rows.Stride, scores);
                for (var i = 0; i < scores.Length; i++)
                {
                    raw[affine[i % affine.Length]][run.First + (i / affine.Length)] = scores[i];
                }
            }

            for (var h = 0; h < heads.Count; h++)
            {
                if (heads[h].Folded is null)
                {
                    ByLayers(heads[h], bytes, rows, run, raw[h]);
                }
            }
        }

        return new(heads, raw);
    }

    /// <summary>Vectors that are not of the studio.</summary>
    public static ScoreSheet Of(IEnumerable<float[]> vectors, IReadOnlyList<ScoringHead> heads, CancellationToken cancel)
    {
        var raw = heads.Select(_ => new List<float>()).ToArray();
        foreach (var vector in vectors)
        {
            cancel.ThrowIfCancellationRequested();
            for (var h = 0; h < heads.Count; h++)
            {
                raw[h].Add(heads[h].Score(vector));
            }
        }

        return new(heads, [.. raw.Select(scores => scores.ToArray())]);
    }

    /// <param name="vector">By its place among the vectors that were given.</param>
    public IReadOnlyList<Score> Of(int vector) => [.. Heads.Select((_, h) => Of(h, _raw[h][vector]))];

    /// <summary>All vectors' scores under one head, on its own scale.</summary>
    internal ReadOnlyMemory<float> Raw(int head) => _raw[head];

    /// <summary>A vector that is not among those that were given, placed among them.</summary>
    public IReadOnlyList<Score> Of(ReadOnlySpan<float> vector)
    {
        var scores = new Score[Heads.Count];
        for (var h = 0; h < scores.Length; h++)
        {
            scores[h] = Of(h, Heads[h].Score(vector));
        }

        return scores;
    }

    private Score Of(int head, float raw)
    {
        var (mean, deviation) = _scale[head];
        var sorted = _sorted[head].AsSpan();
        var below = LowerBound(sorted, raw, orEqual: false);
        var upTo = LowerBound(sorted, raw, orEqual: true);
        return new(raw, deviation > 0 ? (raw - mean) / deviation : 0, sorted.Length > 0 ? 100.0 * (below + upTo) / (2.0 * sorted.Length) : 50);
    }

    private static void ByLayers(ScoringHead head, ReadOnlySpan<byte> bytes, VectorRows rows, VectorRun run, float[] into)
    {
        var vector = new float[rows.Dims];
        for (var i = 0; i < run.Count; i++)
        {
            var halves = MemoryMarshal.Cast<byte, Half>(bytes.Slice(i * rows.Stride, rows.Dims * 2));
            for (var d = 0; d < vector.Length; d++)
            {
                vector[d] = (float)halves[d];
            }

            into[run.First + i] = head.Score(vector);
        }
    }

    /// <summary>How many are smaller than a value, or as small.</summary>
    private static int LowerBound(ReadOnlySpan<float> sorted, float value, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || (orEqual && sorted[middle] == value))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static (double Mean, double Deviation) Moments(float[] scores)
    {
        if (scores.Length == 0)
        {
            return (0, 0);
        }

        var mean = scores.Average(s => (double)s);
        return (mean, Math.Sqrt(scores.Average(s => (s - mean) * (s - mean))));
    }
}

/// <param name="Raw">On the head's own scale.</param>
/// <param name="Z">Mean 0 and deviation 1 over the head's calibration set; without one, over the collection.</param>
/// <param name="Percentile">Share of the collection that scores lower, half of those that score the same included; 0 to 100.</param>
public readonly record struct Score(float Raw, double Z, double Percentile);
