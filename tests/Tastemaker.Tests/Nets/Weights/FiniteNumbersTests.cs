using System.Buffers.Binary;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

/// <summary>One number that is none is found wherever it stands, and the largest number is still one.</summary>
public sealed class FiniteNumbersTests
{
    private const int Count = 67; // Whole vectors of any machine, and a rest.

    [Theory]
    [InlineData(ElementType.F16, 0x7C00, 0x7BFF)]
    [InlineData(ElementType.F16, 0xFE00, 0xFBFF)]
    [InlineData(ElementType.BF16, 0x7FC0, 0x7F7F)]
    [InlineData(ElementType.F32, 0xFF80_0001, 0xFF7F_FFFF)]
    [InlineData(ElementType.F64, 0x7FF8_0000_0000_0000, 0x7FEF_FFFF_FFFF_FFFF)]
    public void A_single_one_is_found_at_every_place(ElementType type, ulong damage, ulong largest)
    {
        for (var place = 0; place < Count; place++)
        {
            Assert.False(FiniteNumbers.Are(With(place, type.Size, damage, largest), type));
        }

        Assert.True(FiniteNumbers.Are(With(0, type.Size, largest, largest), type));
        Assert.True(FiniteNumbers.Are([], type));
    }

    [Fact]
    public void Integers_are_numbers_whatever_their_bits() => Assert.True(FiniteNumbers.Are([0xFF, 0xFF, 0xFF, 0xFF], ElementType.I32));

    private static byte[] With(int place, int size, ulong number, ulong others)
    {
        var bytes = new byte[(Count * size) + sizeof(ulong)];
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * size), i == place ? number : others);
        }

        return bytes[..(Count * size)];
    }
}
