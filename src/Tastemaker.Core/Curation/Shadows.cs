using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Curation;

/// <summary>
/// Unit vectors seen along the directions in which they differ most. The shadow of a vector v is its coordinates p along a few orthonormal
/// directions, and the length r of what they leave of it. As a·b = pₐ·p_b + (the rests' product) ≤ pₐ·p_b + rₐ r_b, two shadows' inner
/// product is never less than the vectors' cosine: pairs whose shadows are further apart than the threshold need no other look.
/// </summary>
/// <remarks>
/// The rows are put in the order of a k-d tree over the shadows and cut into blocks, so that neighbours are in one block, and blocks whose
/// boxes are too far apart are skipped whole. The rest is a matrix product in single precision, for which bounds are loosened by <see cref="Slack"/>.
/// </remarks>
internal sealed class Shadows
{
    /// <summary>Rows in a block: its narrow shadows stay in the second cache.</summary>
    public const int Rows = 128;

    /// <summary>Columns that the product's innermost loop does at once, and rows.</summary>
    private const int Tile = 16, Strip = 4, Lanes = 8;

    /// <summary>Numbers in the wide shadows, the rest's length among them.</summary>
    private const int Wide = 128;

    /// <summary>Many times what rounding of sums of a few hundred products of parts of unit vectors can come to.</summary>
    private const double Slack = 5e-5;

    private const int Sample = 2048, SampledPairs = 20_000;

    /// <summary>What looking at a pair's wide shadows, and at its vectors, costs in numbers of narrow ones multiplied: measured.</summary>
    private const double WideCost = 1500, VectorCost = 75_000;

    private static readonly int[] Narrow = [16, 32, 64, Wide];

    private readonly int[] _order; // the vector of a row
    private readonly int _width; // of the narrow shadows
    private readonly float[][] _tiles; // a block's narrow shadows: [row / Tile][width][row % Tile]
    private readonly float[][] _wide; // of every vector
    private readonly float[][] _least, _most; // corners of the blocks' boxes: [block][width]
    private readonly float _threshold;

    private Shadows(int[] order, float[][] wide, int width, float threshold)
    {
        (_order, _wide, _width, _threshold) = (order, wide, width, threshold);
        Blocks = (order.Length + Rows - 1) / Rows;
        _tiles = new float[Blocks][];
        (_least, _most) = (new float[Blocks][], new float[Blocks][]);
    }

    public int Blocks { get; }

    public static Shadows Of(UnitVectors vectors, double threshold, CancellationToken cancel)
    {
        var loosened = (float)(threshold - NearDuplicates.Rounding - Slack);
        var directions = Directions(vectors, cancel);
        var width = vectors.Dimensions <= Wide ? 0 : ChooseWidth(vectors, directions, loosened);
        if (width == 0)
        {
            directions = null;
        }

        // With the vectors themselves as shadows the product compares every pair, but still in single precision.
        var wideWidth = directions is null ? (vectors.Dimensions + Lanes - 1) / Lanes * Lanes : Wide;
        var wide = new float[vectors.Count][];
        Each(vectors, (index, unit) => Cast(unit, directions, wide[index] = new float[wideWidth]), cancel);

        int[] order = [.. Enumerable.Range(0, vectors.Count)];
        Arrange(order, wide, 0, order.Length, cancel);
        var shadows = new Shadows(order, wide, directions is null ? wideWidth : width, loosened);
        Parallel.For(0, shadows.Blocks, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, shadows.Fill);
        return shadows;
    }

    public int Vector(int row) => _order[row];

    public int Start(int block) => Math.Min(block * Rows, _order.Length);

    /// <summary>Whether no row of the one block can be near one of the other: |a − b|² = 2 − 2 a·b for shadows, as they too have length 1.</summary>
    public bool AreApart(int block, int other)
    {
        var (leastA, mostA, leastB, mostB) = (_least[block], _most[block], _least[other], _most[other]);
        var far = 2 - (2 * _threshold);
        var squares = 0f;
        for (var i = 0; i < _width && squares <= far; i++)
        {
            var gap = Math.Max(leastA[i] - mostB[i], leastB[i] - mostA[i]);
            squares += gap > 0 ? gap * gap : 0;
        }

        return squares > far;
    }

    /// <summary>Every pair of rows, one of each block, whose narrow shadows reach the threshold; of one block each pair once.</summary>
    public void FindCandidates(int block, int other, List<(int First, int Second)> into)
    {
        var (first, second) = (_tiles[block], _tiles[other]);
        var tile = Tile * _width;
        for (var column = 0; column < Rows; column += Tile)
        {
            for (var row = 0; row < Rows; row += Strip)
            {
                if (block == other && row >= column + Tile)
                {
                    break;
                }

                var hits = Reaching(first.AsSpan(row / Tile * tile, tile), row % Tile, second.AsSpan(column / Tile * tile, tile), _threshold);
                for (; hits != 0; hits &= hits - 1)
                {
                    var hit = System.Numerics.BitOperations.TrailingZeroCount(hits);
                    var (a, b) = (Start(block) + row + (hit / Tile), (other * Rows) + column + (hit % Tile));
                    if (a < b)
                    {
                        into.Add((a, b));
                    }
                }
            }
        }
    }

    /// <summary>The wide shadows' word on two rows.</summary>
    public bool MayBeNear(int a, int b) => Dense.Dot(WideOf(a), WideOf(b)) >= _threshold;

    private ReadOnlySpan<float> WideOf(int row) => _wide[_order[row]];

    /// <summary>Which of four rows and sixteen columns have a product that reaches a number: bit 16 · row + column.</summary>
    /// <param name="rows">A tile, <c>[width][16]</c>.</param>
    /// <param name="at">The first of the four in it.</param>
    /// <param name="columns">Another tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Reaching(ReadOnlySpan<float> rows, int at, ReadOnlySpan<float> columns, float threshold)
    {
        ref var a = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows), at);
        ref var b = ref MemoryMarshal.GetReference(columns);
        var (s00, s01, s10, s11) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var (s20, s21, s30, s31) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (nuint i = 0; i < (nuint)columns.Length; i += Tile)
        {
            var (left, right) = (Vector256.LoadUnsafe(ref b, i), Vector256.LoadUnsafe(ref b, i + Lanes));
            var x = Vector256.Create(Unsafe.Add(ref a, i));
            s00 = Vector256.MultiplyAddEstimate(x, left, s00);
            s01 = Vector256.MultiplyAddEstimate(x, right, s01);
            x = Vector256.Create(Unsafe.Add(ref a, i + 1));
            s10 = Vector256.MultiplyAddEstimate(x, left, s10);
            s11 = Vector256.MultiplyAddEstimate(x, right, s11);
            x = Vector256.Create(Unsafe.Add(ref a, i + 2));
            s20 = Vector256.MultiplyAddEstimate(x, left, s20);
            s21 = Vector256.MultiplyAddEstimate(x, right, s21);
            x = Vector256.Create(Unsafe.Add(ref a, i + 3));
            s30 = Vector256.MultiplyAddEstimate(x, left, s30);
            s31 = Vector256.MultiplyAddEstimate(x, right, s31);
        }

        var least = Vector256.Create(threshold);
        return Bits(s00, s01) | (Bits(s10, s11) << Tile) | (Bits(s20, s21) << (2 * Tile)) | (Bits(s30, s31) << (3 * Tile));

        ulong Bits(Vector256<float> left, Vector256<float> right) =>
            Vector256.GreaterThanOrEqual(left, least).ExtractMostSignificantBits()
            | (Vector256.GreaterThanOrEqual(right, least).ExtractMostSignificantBits() << Lanes);
    }

    /// <summary>The narrow shadows of a block: the first coordinates, and the length of what they leave. Rows beyond the last are zeros, near nothing.</summary>
    private void Fill(int block)
    {
        var tiles = new float[Rows * _width];
        var (least, most) = (new float[_width], new float[_width]);
        Array.Fill(least, float.PositiveInfinity);
        Array.Fill(most, float.NegativeInfinity);
        (_least[block], _most[block]) = (least, most);
        var shadow = new float[_width];
        for (var row = Start(block); row < Start(block + 1); row++)
        {
            Narrowed(WideOf(row), shadow);
            var at = row - Start(block);
            for (var i = 0; i < _width; i++)
            {
                tiles[(at / Tile * Tile * _width) + (i * Tile) + (at % Tile)] = shadow[i];
                least[i] = Math.Min(least[i], shadow[i]);
                most[i] = Math.Max(most[i], shadow[i]);
            }
        }

        _tiles[block] = tiles;
    }

    private static void Narrowed(ReadOnlySpan<float> wide, Span<float> narrow)
    {
        wide[..narrow.Length].CopyTo(narrow);
        if (narrow.Length < wide.Length)
        {
            var rest = wide[(narrow.Length - 1)..];
            narrow[^1] = MathF.Sqrt(Dense.Dot(rest, rest));
        }
    }

    /// <summary>The wide shadow of a vector; the vector itself where there are no directions.</summary>
    private static void Cast(ReadOnlySpan<float> unit, float[][]? directions, Span<float> shadow)
    {
        if (directions is null)
        {
            unit[..Math.Min(unit.Length, shadow.Length)].CopyTo(shadow);
            return;
        }

        var rest = (double)Dense.Dot(unit, unit);
        for (var k = 0; k < directions.Length; k++)
        {
            shadow[k] = Dense.Dot(unit, directions[k]);
            rest -= (double)shadow[k] * shadow[k];
        }

        shadow[^1] = (float)Math.Sqrt(Math.Max(rest, 0));
    }

    /// <summary>Halves the rows, at a whole number of blocks, along the direction in which they spread most, until each part is a block.</summary>
    private static void Arrange(int[] order, float[][] wide, int from, int to, CancellationToken cancel)
    {
        const int Considered = 16;
        var blocks = (to - from + Rows - 1) / Rows;
        if (blocks < 2)
        {
            return;
        }

        cancel.ThrowIfCancellationRequested();
        var keys = new float[to - from];
        var (widest, spread) = (0, double.NegativeInfinity);
        for (var axis = 0; axis < Math.Min(Considered, wide[0].Length); axis++)
        {
            Read(axis);
            var (sum, squares) = (0.0, 0.0);
            foreach (var key in keys)
            {
                (sum, squares) = (sum + key, squares + ((double)key * key));
            }

            var variance = squares - (sum * sum / keys.Length);
            (widest, spread) = variance > spread ? (axis, variance) : (widest, spread);
        }

        Read(widest);
        keys.AsSpan().Sort(order.AsSpan(from, to - from));
        var middle = from + (blocks / 2 * Rows);
        Arrange(order, wide, from, middle, cancel);
        Arrange(order, wide, middle, to, cancel);

        void Read(int axis)
        {
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = wide[order[from + i]][axis];
            }
        }
    }

    /// <summary>Orthonormal directions of most variance in a sample, the first of them of most.</summary>
    private static float[][] Directions(UnitVectors vectors, CancellationToken cancel)
    {
        if (vectors.Dimensions <= Wide)
        {
            return [];
        }

        var taken = Math.Min(vectors.Count, Sample);
        var mean = new double[vectors.Dimensions];
        var unit = new float[vectors.Padded];
        var rows = new double[taken][];
        for (var i = 0; i < taken; i++)
        {
            vectors.Read((int)((long)i * vectors.Count / taken), unit);
            rows[i] = Array.ConvertAll(unit[..mean.Length], x => (double)x);
            Dense.Add(1.0 / taken, rows[i], mean);
        }

        foreach (var row in rows)
        {
            Dense.Add(-1, mean, row);
        }

        return [.. FeatureBasis.Leading(rows, mean.Length, Wide - 1, cancel).Select(direction =>
        {
            var padded = new float[vectors.Padded];
            for (var i = 0; i < direction.Length; i++)
            {
                padded[i] = (float)direction[i];
            }

            return padded;
        })];
    }

    /// <summary>The narrow width that makes the least work, judged by pairs drawn at random; 0 where comparing the vectors themselves is less.</summary>
    private static int ChooseWidth(UnitVectors vectors, float[][] directions, float threshold)
    {
        var dice = new Random(1);
        var sample = new float[Math.Min(vectors.Count, Sample)][];
        var unit = new float[vectors.Padded];
        for (var i = 0; i < sample.Length; i++)
        {
            vectors.Read((int)((long)i * vectors.Count / sample.Length), unit);
            Cast(unit, directions, sample[i] = new float[Wide]);
        }

        var reached = new int[Narrow.Length];
        for (var pair = 0; pair < SampledPairs; pair++)
        {
            var (a, b) = (sample[dice.Next(sample.Length)], sample[dice.Next(sample.Length)]);
            for (var w = 0; w < Narrow.Length && a != b; w++)
            {
                var (narrowA, narrowB) = (new float[Narrow[w]], new float[Narrow[w]]);
                Narrowed(a, narrowA);
                Narrowed(b, narrowB);
                if (Dense.Dot(narrowA, narrowB) < threshold)
                {
                    break; // A wider shadow is no nearer.
                }

                reached[w]++;
            }
        }

        var (best, least) = (0, (double)vectors.Dimensions);
        for (var w = 0; w < Narrow.Length; w++)
        {
            var work = Narrow[w] + (WideCost * reached[w] / SampledPairs) + (VectorCost * reached[^1] / SampledPairs);
            (best, least) = work < least ? (Narrow[w], work) : (best, least);
        }

        return best;
    }

    private delegate void Visit(int index, ReadOnlySpan<float> unit);

    private static void Each(UnitVectors vectors, Visit visit, CancellationToken cancel)
    {
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, vectors.Count, options, () => new float[vectors.Padded], (index, _, unit) =>
        {
            vectors.Read(index, unit);
            visit(index, unit);
            return unit;
        }, _ => { });
    }
}
