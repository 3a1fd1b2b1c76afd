using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tastemaker.Nets.Heads;

/// <summary>
/// Inner products that have the same bits on every machine: 32 running sums, sum <c>i</c> of the elements <c>i, i + 32, …</c>, by
/// fused multiply-add, then added up in the order of <see cref="Total"/>. Where a machine has no such vectors, .NET computes the
/// same operations one by one.
/// </summary>
internal static class RowDot
{
    /// <summary>Elements per step: rows and weights are padded with zeros to a multiple of it, which changes no sum.</summary>
    public const int Block = 32;

    private const int Lanes = 8;
    private const int HalfBytes = sizeof(ushort);

    /// <summary>
    /// Every finite half is below 65 536, and <see cref="WidenEight"/> makes infinities and NaNs at least that, so that a row with one
    /// of them has no smaller sum of squares.
    /// </summary>
    private const float SquaresOfSuspicion = 65536f * 65536f;

    public static int Padded(int length) => (length + Block - 1) / Block * Block;

    /// <summary>w·x and x·x of one row of halves, in one pass over it.</summary>
    /// <param name="row">Little-endian, of any alignment.</param>
    /// <param name="weights">As many floats as the row has halves, padded with zeros to a multiple of <see cref="Block"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a million rows are done before the tiers would have noticed
    public static (float Dot, float Squares) OfHalves(ReadOnlySpan<byte> row, ReadOnlySpan<float> weights)
    {
        Debug.Assert(weights.Length == Padded(row.Length / HalfBytes), "the weights are not padded, or not the row's");
        var whole = row.Length / HalfBytes / Block * Block;
        if (whole < weights.Length)
        {
            const int OnStack = 4096;
            var length = weights.Length * HalfBytes;
            Span<byte> padded = length <= OnStack ? stackalloc byte[OnStack] : new byte[length];
            row.CopyTo(padded);
            padded[row.Length..].Clear();
            return OfHalves(padded[..length], weights);
        }

        ref var x = ref MemoryMarshal.GetReference(row);
        ref var w = ref MemoryMarshal.GetReference(weights);
        var (dot0, dot1, dot2, dot3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var (square0, square1, square2, square3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (nuint i = 0; i < (nuint)whole; i += Block)
        {
            var x0 = WidenEight(ref x, i);
            var x1 = WidenEight(ref x, i + Lanes);
            var x2 = WidenEight(ref x, i + (2 * Lanes));
            var x3 = WidenEight(ref x, i + (3 * Lanes));
            dot0 = Vector256.FusedMultiplyAdd(x0, Vector256.LoadUnsafe(ref w, i), dot0);
            dot1 = Vector256.FusedMultiplyAdd(x1, Vector256.LoadUnsafe(ref w, i + Lanes), dot1);
            dot2 = Vector256.FusedMultiplyAdd(x2, Vector256.LoadUnsafe(ref w, i + (2 * Lanes)), dot2);
            dot3 = Vector256.FusedMultiplyAdd(x3, Vector256.LoadUnsafe(ref w, i + (3 * Lanes)), dot3);
            square0 = Vector256.FusedMultiplyAdd(x0, x0, square0);
            square1 = Vector256.FusedMultiplyAdd(x1, x1, square1);
            square2 = Vector256.FusedMultiplyAdd(x2, x2, square2);
            square3 = Vector256.FusedMultiplyAdd(x3, x3, square3);
        }

        var squares = Total(square0, square1, square2, square3);
        return squares < SquaresOfSuspicion ? (Total(dot0, dot1, dot2, dot3), squares) : OfAnyHalves(row, weights);
    }

    /// <summary>The inner product of two rows of floats of the same length, a multiple of <see cref="Block"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float OfFloats(ReadOnlySpan<float> row, ReadOnlySpan<float> weights)
    {
        Debug.Assert(row.Length % Block == 0 && row.Length == weights.Length, "the rows are not padded, or differ");
        ref var x = ref MemoryMarshal.GetReference(row);
        ref var w = ref MemoryMarshal.GetReference(weights);
        var (dot0, dot1, dot2, dot3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (nuint i = 0; i < (nuint)row.Length; i += Block)
        {
            dot0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, i), Vector256.LoadUnsafe(ref w, i), dot0);
            dot1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, i + Lanes), Vector256.LoadUnsafe(ref w, i + Lanes), dot1);
            dot2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, i + (2 * Lanes)), Vector256.LoadUnsafe(ref w, i + (2 * Lanes)), dot2);
            dot3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, i + (3 * Lanes)), Vector256.LoadUnsafe(ref w, i + (3 * Lanes)), dot3);
        }

        return Total(dot0, dot1, dot2, dot3);
    }

    /// <summary>A row of halves as floats, and x·x of it.</summary>
    /// <param name="into">As long as the row, padded with zeros to a multiple of <see cref="Block"/>.</param>
    public static float Widen(ReadOnlySpan<byte> row, Span<float> into)
    {
        var whole = row.Length / HalfBytes / Lanes * Lanes;
        ref var x = ref MemoryMarshal.GetReference(row);
        ref var y = ref MemoryMarshal.GetReference(into);
        for (nuint i = 0; i < (nuint)whole; i += Lanes)
        {
            WidenEight(ref x, i).StoreUnsafe(ref y, i);
        }

        WidenEach(row[(whole * HalfBytes)..], into[whole..]);
        var squares = OfFloats(into, into);
        if (squares < SquaresOfSuspicion)
        {
            return squares;
        }

        WidenEach(row, into);
        return OfFloats(into, into);
    }

    /// <summary>The same sums as <see cref="OfHalves"/>, where a number may be infinite or none.</summary>
    private static (float Dot, float Squares) OfAnyHalves(ReadOnlySpan<byte> row, ReadOnlySpan<float> weights)
    {
        var floats = new float[weights.Length];
        WidenEach(row, floats);
        return (OfFloats(floats, weights), OfFloats(floats, floats));
    }

    private static void WidenEach(ReadOnlySpan<byte> row, Span<float> into)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(row);
        for (var i = 0; i < halves.Length; i++)
        {
            into[i] = (float)halves[i];
        }
    }

    /// <summary>
    /// Eight finite halves as floats. Their bits are moved to where a float has exponent and fraction; the exponent is then too
    /// small by the difference of the two biases, 112, and a multiplication makes good for it, subnormal halves included.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenEight(ref byte halves, nuint at)
    {
        const int FractionBits = 23 - 10;
        const int SignExponentFraction = unchecked((int)0x8fffe000);
        var rebias = Vector256.Create(5.192296858534828e33f); // 2^112
        var narrow = Vector128.LoadUnsafe(ref halves, at * HalfBytes).AsInt16();
        var wide = Avx2.IsSupported
            ? Avx2.ConvertToVector256Int32(narrow)
            : Vector256.Create(Vector128.WidenLower(narrow), Vector128.WidenUpper(narrow));
        return (Vector256.ShiftLeft(wide, FractionBits) & Vector256.Create(SignExponentFraction)).AsSingle() * rebias;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Total(Vector256<float> sum0, Vector256<float> sum1, Vector256<float> sum2, Vector256<float> sum3)
    {
        var eight = (sum0 + sum1) + (sum2 + sum3);
        var four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }
}
