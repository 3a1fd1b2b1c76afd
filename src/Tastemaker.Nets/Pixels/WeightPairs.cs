using System.Runtime.Intrinsics;

namespace Tastemaker.Nets.Pixels;

/// <summary>
/// Weights laid out for the multiply-add of 16-bit pairs (<c>vpmaddwd</c>), which is twice as fast as 32-bit products: a weight
/// is high·2^11 + low, both fit 16 bits, and the sums of the two parts join to the exact 32-bit sum.
/// </summary>
internal sealed class WeightPairs
{
    public const int LowBits = 11;

    /// <summary>Bytes that one group reads from the source; fewer of them may be used.</summary>
    public const int GroupBytes = 16;

    /// <summary>16-bit weights of a group: 16 high parts, then 16 low parts.</summary>
    public const int GroupWeights = 32;

    private readonly short[] _weights;

    public WeightPairs(Taps taps, int bands)
    {
        // Three bands are given the room of four, so that a pixel never straddles the two halves of a register.
        Lanes = bands == 3 ? 4 : bands;
        Pixels = 16 / Lanes;
        Groups = [.. taps.Length.Select(length => (length + Pixels - 1) / Pixels)];
        GroupCapacity = Groups.Max();
        Gather = GatherOf(bands);
        _weights = new short[taps.Count * GroupCapacity * GroupWeights];
        for (var i = 0; i < taps.Count; i++)
        {
            Lay(taps.Fixed.AsSpan(i * taps.Capacity, taps.Length[i]), _weights.AsSpan(i * GroupCapacity * GroupWeights));
        }
    }

    /// <summary>32-bit sums per pixel: the bands, or 4 for 3.</summary>
    public int Lanes { get; }

    /// <summary>Pixels of a group.</summary>
    public int Pixels { get; }

    /// <summary>Groups of each output pixel.</summary>
    public int[] Groups { get; }

    /// <summary>Groups that each output pixel has room for.</summary>
    public int GroupCapacity { get; }

    /// <summary>The byte shuffle that turns the 16 bytes of a group, present in both halves, into pairs of 16-bit samples of one band.</summary>
    public Vector256<byte> Gather { get; }

    public ReadOnlySpan<short> Weights => _weights;

    /// <summary>The high and the low part of a weight.</summary>
    public static (short High, short Low) Split(int weight)
    {
        const int Half = 1 << (LowBits - 1);
        var low = ((weight + Half) & (2 * Half - 1)) - Half;
        return ((short)((weight - low) >> LowBits), (short)low);
    }

    private void Lay(ReadOnlySpan<int> weights, Span<short> into)
    {
        for (var lane = 0; lane < (weights.Length + Pixels - 1) / Pixels * 16; lane++)
        {
            var (group, within) = (lane / 16, lane % 16);
            var pixel = group * Pixels + PixelOf(within, Lanes);
            var (high, low) = Split(pixel < weights.Length ? weights[pixel] : 0);
            into[group * GroupWeights + within] = high;
            into[group * GroupWeights + 16 + within] = low;
        }
    }

    private static Vector256<byte> GatherOf(int bands)
    {
        const byte Zero = 0x80;
        var lanes = bands == 3 ? 4 : bands;
        var bytes = new byte[32];
        for (var lane = 0; lane < 16; lane++)
        {
            var band = lane / 2 % lanes;
            bytes[2 * lane] = band < bands ? (byte)(PixelOf(lane, lanes) * bands + band) : Zero;
            bytes[2 * lane + 1] = Zero;
        }

        return Vector256.Create(bytes);
    }

    /// <summary>The pixel of a group whose sample a 16-bit lane holds: lanes 2q and 2q + 1 hold the same band of neighbours.</summary>
    private static int PixelOf(int lane, int lanes) => 2 * (lane / 2 / lanes) + lane % 2;
}
