using System.Numerics;
using System.Runtime.InteropServices;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>Finds NaN and infinity in stored numbers: those whose exponent has all its bits set (IEEE 754).</summary>
public static class FiniteNumbers
{
    /// <summary>Whether all are finite. Integers always are.</summary>
    /// <param name="bytes">Whole numbers of <paramref name="type"/>.</param>
    public static bool Are(ReadOnlySpan<byte> bytes, ElementType type) => type switch
    {
        ElementType.F16 => Miss<ushort>(bytes, 0x7C00),
        ElementType.BF16 => Miss<ushort>(bytes, 0x7F80),
        ElementType.F32 => Miss(bytes, 0x7F80_0000u),
        ElementType.F64 => Miss(bytes, 0x7FF0_0000_0000_0000ul),
        _ => true,
    };

    private static bool Miss<T>(ReadOnlySpan<byte> bytes, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var numbers = MemoryMarshal.Cast<byte, T>(bytes);
        var (mask, found) = (Vector.Create(exponent), Vector<T>.Zero);
        while (numbers.Length >= Vector<T>.Count)
        {
            found |= Vector.Equals(Vector.Create(numbers) & mask, mask);
            numbers = numbers[Vector<T>.Count..];
        }

        foreach (var number in numbers)
        {
            if ((number & exponent) == exponent)
            {
                return false;
            }
        }

        return found == Vector<T>.Zero;
    }
}
