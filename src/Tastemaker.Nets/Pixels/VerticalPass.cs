using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tastemaker.Nets.Pixels;

/// <summary>
/// Filters rows of 8-bit samples along y. Follows <c>ImagingResampleVertical_8bpc</c> in Pillow 9.4, Resample.c.
/// </summary>
internal static class VerticalPass
{
    /// <summary>Strides are multiples of this, so that no path needs a tail.</summary>
    public const int Block = 32;

    /// <summary>Weighs and sums the rows of <paramref name="source"/> into one.</summary>
    /// <param name="source">A row for each weight, <paramref name="output"/>'s length apart.</param>
    /// <param name="output">A multiple of <see cref="Block"/> bytes.</param>
    public static void Filter(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<byte> output, SimdPath path)
    {
        Debug.Assert(output.Length % Block == 0 && source.Length == weights.Length * output.Length);
        switch (path)
        {
            case SimdPath.Avx2:
                FilterAvx2(source, weights, output);
                break;
            case SimdPath.Vector128:
                FilterVector128(source, weights, output);
                break;
            default:
                FilterScalar(source, weights, output);
                break;
        }
    }

    private static void FilterScalar(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<byte> output)
    {
        for (var x = 0; x < output.Length; x++)
        {
            var sum = 0;
            for (var row = 0; row < weights.Length; row++)
            {
                sum += source[row * output.Length + x] * weights[row];
            }

            output[x] = HorizontalPass.Clip(sum);
        }
    }

    private static void FilterVector128(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<byte> output)
    {
        var half = Vector128.Create(1 << (Taps.FractionBits - 1));
        for (var x = 0; x < output.Length; x += 16)
        {
            Vector128<int> a = half, b = half, c = half, d = half;
            for (var row = 0; row < weights.Length; row++)
            {
                var (lower, upper) = Vector128.Widen(Vector128.Create(source.Slice(row * output.Length + x, 16)));
                a += Vector128.WidenLower(lower).AsInt32() * weights[row];
                b += Vector128.WidenUpper(lower).AsInt32() * weights[row];
                c += Vector128.WidenLower(upper).AsInt32() * weights[row];
                d += Vector128.WidenUpper(upper).AsInt32() * weights[row];
            }

            Vector128.Narrow(Vector128.Narrow(Clip(a), Clip(b)), Vector128.Narrow(Clip(c), Clip(d))).CopyTo(output[x..]);
        }

        static Vector128<uint> Clip(Vector128<int> sum) =>
            Vector128.Clamp(sum >> Taps.FractionBits, Vector128<int>.Zero, Vector128.Create(255)).AsUInt32();
    }

    /// <summary>Pairs of rows at a time, as <see cref="WeightPairs"/> explains; an odd last row is paired with itself and weight 0.</summary>
    private static void FilterAvx2(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<byte> output)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        var half = Vector256.Create(1 << (Taps.FractionBits - 1));
        for (var x = 0; x < output.Length; x += Block)
        {
            Vector256<int> highA = default, highB = default, highC = default, highD = default;
            Vector256<int> lowA = half, lowB = half, lowC = half, lowD = half;
            for (var row = 0; row < weights.Length; row += 2)
            {
                var paired = row + 1 < weights.Length;
                var (high0, low0) = WeightPairs.Split(weights[row]);
                var (high1, low1) = WeightPairs.Split(paired ? weights[row + 1] : 0);
                var high = Vector256.Create((ushort)high0 | (high1 << 16)).AsInt16();
                var low = Vector256.Create((ushort)low0 | (low1 << 16)).AsInt16();
                var first = Vector256.LoadUnsafe(ref from, (nuint)(row * output.Length + x));
                var second = Vector256.LoadUnsafe(ref from, (nuint)((paired ? row + 1 : row) * output.Length + x));
                var lower = Avx2.UnpackLow(first, second);
                var upper = Avx2.UnpackHigh(first, second);

                Add(Avx2.UnpackLow(lower, default), high, low, ref highA, ref lowA);
                Add(Avx2.UnpackHigh(lower, default), high, low, ref highB, ref lowB);
                Add(Avx2.UnpackLow(upper, default), high, low, ref highC, ref lowC);
                Add(Avx2.UnpackHigh(upper, default), high, low, ref highD, ref lowD);
            }

            Avx2.PackUnsignedSaturate(
                Avx2.PackSignedSaturate(Join(highA, lowA), Join(highB, lowB)),
                Avx2.PackSignedSaturate(Join(highC, lowC), Join(highD, lowD))).CopyTo(output[x..]);
        }

        static Vector256<int> Join(Vector256<int> high, Vector256<int> low) => ((high << WeightPairs.LowBits) + low) >> Taps.FractionBits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<byte> samples, Vector256<short> high, Vector256<short> low,
        ref Vector256<int> highSum, ref Vector256<int> lowSum)
    {
        highSum += Avx2.MultiplyAddAdjacent(samples.AsInt16(), high);
        lowSum += Avx2.MultiplyAddAdjacent(samples.AsInt16(), low);
    }
}
