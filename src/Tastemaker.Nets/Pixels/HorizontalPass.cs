using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tastemaker.Nets.Pixels;

/// <summary>
/// Filters rows of 8-bit samples along x. Follows <c>ImagingResampleHorizontal_8bpc</c> in Pillow 9.4, Resample.c:
/// sums in 32-bit fixed point, rounded and clipped to a byte.
/// </summary>
internal sealed class HorizontalPass
{
    /// <summary>Rows that one call filters.</summary>
    public const int Rows = 4;

    /// <summary>Bytes that may be read, and are ignored, past the end of the last row.</summary>
    public const int Slack = 64;

    private readonly Taps _taps;
    private readonly int _bands;
    private readonly SimdPath _path;
    private readonly WeightPairs? _pairs;

    public HorizontalPass(Taps taps, int bands, SimdPath path)
    {
        (_taps, _bands) = (taps, bands);
        _path = path == SimdPath.Vector128 && bands < 3 ? SimdPath.Scalar : path;
        _pairs = path == SimdPath.Avx2 ? new WeightPairs(taps, bands) : null;
    }

    /// <summary>Filters <see cref="Rows"/> rows.</summary>
    /// <param name="source">The rows, <paramref name="sourceStride"/> bytes apart, and <see cref="Slack"/> bytes behind the last.</param>
    /// <param name="output">Rows <paramref name="outputStride"/> bytes apart; up to 3 bytes behind a row are overwritten.</param>
    public void Filter(ReadOnlySpan<byte> source, int sourceStride, Span<byte> output, int outputStride)
    {
        Debug.Assert(source.Length >= (Rows - 1) * sourceStride + _taps.End * _bands + Slack);
        Debug.Assert(outputStride >= _taps.Count * _bands + 3 && output.Length >= Rows * outputStride);
        switch (_path)
        {
            case SimdPath.Avx2:
                FilterAvx2(ref MemoryMarshal.GetReference(source), sourceStride, ref MemoryMarshal.GetReference(output), outputStride);
                break;
            case SimdPath.Vector128:
                FilterVector128(source, sourceStride, output, outputStride);
                break;
            default:
                FilterScalar(source, sourceStride, output, outputStride);
                break;
        }
    }

    /// <summary>Rounds a sum and clips it to a byte.</summary>
    internal static byte Clip(int sum) => (byte)Math.Clamp((sum + (1 << (Taps.FractionBits - 1))) >> Taps.FractionBits, 0, 255);

    private void FilterScalar(ReadOnlySpan<byte> source, int sourceStride, Span<byte> output, int outputStride)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var x = 0; x < _taps.Count; x++)
            {
                var weights = _taps.Fixed.AsSpan(x * _taps.Capacity, _taps.Length[x]);
                for (var band = 0; band < _bands; band++)
                {
                    var sum = 0;
                    var at = row * sourceStride + _taps.First[x] * _bands + band;
                    foreach (var weight in weights)
                    {
                        sum += source[at] * weight;
                        at += _bands;
                    }

                    output[row * outputStride + x * _bands + band] = Clip(sum);
                }
            }
        }
    }

    /// <summary>A pixel of three or four bands a step, a band a lane.</summary>
    private void FilterVector128(ReadOnlySpan<byte> source, int sourceStride, Span<byte> output, int outputStride)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var x = 0; x < _taps.Count; x++)
            {
                var sum = Vector128<int>.Zero;
                var at = row * sourceStride + _taps.First[x] * _bands;
                foreach (var weight in _taps.Fixed.AsSpan(x * _taps.Capacity, _taps.Length[x]))
                {
                    var pixel = Vector128.CreateScalarUnsafe(MemoryMarshal.Read<uint>(source[at..])).AsByte();
                    sum += Vector128.WidenLower(Vector128.WidenLower(pixel)).AsInt32() * weight;
                    at += _bands;
                }

                for (var band = 0; band < _bands; band++)
                {
                    output[row * outputStride + x * _bands + band] = Clip(sum[band]);
                }
            }
        }
    }

    private void FilterAvx2(ref byte source, int sourceStride, ref byte output, int outputStride)
    {
        var pairs = _pairs!;
        var gather = pairs.Gather;
        var groupStep = pairs.Pixels * _bands;
        ref var weights = ref MemoryMarshal.GetReference(pairs.Weights);
        for (var x = 0; x < _taps.Count; x++)
        {
            Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
            Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
            ref var row0 = ref Unsafe.Add(ref source, _taps.First[x] * _bands);
            ref var row1 = ref Unsafe.Add(ref row0, sourceStride);
            ref var row2 = ref Unsafe.Add(ref row1, sourceStride);
            ref var row3 = ref Unsafe.Add(ref row2, sourceStride);
            ref var weight = ref Unsafe.Add(ref weights, x * pairs.GroupCapacity * WeightPairs.GroupWeights);
            for (nint at = 0, end = (nint)pairs.Groups[x] * groupStep; at < end; at += groupStep)
            {
                var high = Vector256.LoadUnsafe(ref weight);
                var low = Vector256.LoadUnsafe(ref weight, 16);
                weight = ref Unsafe.Add(ref weight, WeightPairs.GroupWeights);

                var pixels = Gather(ref row0, at, gather);
                high0 += Avx2.MultiplyAddAdjacent(pixels, high);
                low0 += Avx2.MultiplyAddAdjacent(pixels, low);
                pixels = Gather(ref row1, at, gather);
                high1 += Avx2.MultiplyAddAdjacent(pixels, high);
                low1 += Avx2.MultiplyAddAdjacent(pixels, low);
                pixels = Gather(ref row2, at, gather);
                high2 += Avx2.MultiplyAddAdjacent(pixels, high);
                low2 += Avx2.MultiplyAddAdjacent(pixels, low);
                pixels = Gather(ref row3, at, gather);
                high3 += Avx2.MultiplyAddAdjacent(pixels, high);
                low3 += Avx2.MultiplyAddAdjacent(pixels, low);
            }

            ref var to = ref Unsafe.Add(ref output, x * _bands);
            var bytes = Sse2.PackUnsignedSaturate(
                Sse2.PackSignedSaturate(Join(high0, low0, pairs.Lanes), Join(high1, low1, pairs.Lanes)),
                Sse2.PackSignedSaturate(Join(high2, low2, pairs.Lanes), Join(high3, low3, pairs.Lanes))).AsUInt32();
            for (var row = 0; row < Rows; row++)
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, row * outputStride), bytes[row]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Gather(ref byte row, nint at, Vector256<byte> gather)
    {
        var bytes = Vector128.LoadUnsafe(ref row, (nuint)at);
        return Avx2.Shuffle(Vector256.Create(bytes, bytes), gather).AsInt16();
    }

    /// <summary>The rounded sums of the bands, in the first lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Join(Vector256<int> high, Vector256<int> low, int lanes)
    {
        var both = (high << WeightPairs.LowBits) + low;
        var sum = both.GetLower() + both.GetUpper();
        if (lanes <= 2)
        {
            sum += Vector128.Shuffle(sum, Vector128.Create(2, 3, 0, 1));
        }

        if (lanes == 1)
        {
            sum += Vector128.Shuffle(sum, Vector128.Create(1, 0, 3, 2));
        }

        return (sum + Vector128.Create(1 << (Taps.FractionBits - 1))) >> Taps.FractionBits;
    }
}
