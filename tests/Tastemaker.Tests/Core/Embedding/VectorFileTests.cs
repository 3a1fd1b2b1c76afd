using System.Runtime.InteropServices;
using Tastemaker.Core.Embedding;

namespace Tastemaker.Tests.Core.Embedding;

public sealed class VectorFileTests
{
    // The check value of CRC-32C (RFC 3720, appendix B.4, and the usual "123456789").
    [Theory]
    [InlineData("313233343536373839", 0xE3069283)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AA)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43)]
    public void The_check_is_crc_32c(string hex, uint expected)
    {
        Assert.Equal(expected, ~VectorFile.Crc32C(~0u, Convert.FromHexString(hex)));
    }

    [Fact]
    public void A_row_holds_the_nearest_halves_and_saturates()
    {
        var row = new byte[VectorFile.Stride(6)];
        VectorFile.Encode([1f, -0.333333f, 65520f, -1e30f, 1e-9f, 2049f], new byte[32], row);
        var numbers = new float[6];
        VectorFile.Decode(row, numbers);

        Assert.Equal([1f, -0.33325195f, 65504f, -65504f, 0f, 2048f], numbers);
        Assert.Equal((Half)1, MemoryMarshal.Cast<byte, Half>(row)[0]);
    }

    [Fact]
    public void Every_changed_bit_and_another_image_are_noticed()
    {
        var (row, content) = (new byte[VectorFile.Stride(4)], new byte[32]);
        VectorFile.Encode([1, 2, 3, 4], content, row);

        Assert.True(VectorFile.IsWhole(row, content));
        for (var bit = 0; bit < row.Length * 8; bit++)
        {
            row[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(VectorFile.IsWhole(row, content));
            row[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        content[31] = 1;
        Assert.False(VectorFile.IsWhole(row, content));
    }
}
