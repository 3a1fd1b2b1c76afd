using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging;

/// <summary>The tags of a TIFF's first directory that decide on its mode.</summary>
/// <param name="Depth">Bits of the first sample.</param>
/// <param name="Extra">What the sample after the colours is: 0 unspecified, 1 premultiplied alpha, 2 alpha; null where nothing says.</param>
internal readonly record struct TiffHeader(int Photometric, int Depth, int? Extra)
{
    /// <summary>Photometric interpretations.</summary>
    public const int WhiteIsZero = 0, BlackIsZero = 1, Palette = 3, Separated = 5;

    private const int MaxTags = 4096;

    public static TiffHeader Read(ImageSource source)
    {
        using var stream = source.Open();
        var head = Take(source, stream, 16);
        var isLittle = head[0] == (byte)'I';
        var isBig = head[isLittle ? 2 : 3] == 43;
        var directory = isBig ? (long)Number(head.AsSpan(8, 8), isLittle) : (long)Number(head.AsSpan(4, 4), isLittle);
        var (countSize, entrySize) = isBig ? (8, 20) : (2, 12);
        if (directory < 8 || directory > stream.Length - countSize)
        {
            throw source.EndsEarly("its directory is past its end");
        }

        stream.Position = directory;
        var count = Number(Take(source, stream, countSize), isLittle);
        if (count > MaxTags)
        {
            throw source.Damaged($"its directory states {count} tags");
        }

        var header = new TiffHeader(BlackIsZero, 1, null);
        var entries = Take(source, stream, (int)count * entrySize);
        for (var at = 0; at < entries.Length; at += entrySize)
        {
            var entry = entries.AsSpan(at, entrySize);
            var values = entry[(isBig ? 12 : 8)..];
            header = Number(entry[..2], isLittle) switch
            {
                258 => header with { Depth = FirstShort(source, stream, entry, values, isLittle, isBig) },
                262 => header with { Photometric = (int)Number(values[..2], isLittle) },
                338 => header with { Extra = FirstShort(source, stream, entry, values, isLittle, isBig) },
                _ => header,
            };
        }

        return header;
    }

    /// <summary>The first of an entry's shorts, which stand elsewhere where they do not fit.</summary>
    private static int FirstShort(ImageSource source, Stream stream, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> values, bool isLittle, bool isBig)
    {
        var count = Number(entry.Slice(4, isBig ? 8 : 4), isLittle);
        if (count <= (ulong)(values.Length / sizeof(short)))
        {
            return (int)Number(values[..2], isLittle);
        }

        var offset = (long)Number(values, isLittle);
        if (offset < 0 || offset > stream.Length - 2)
        {
            throw source.EndsEarly("a tag's values are past its end");
        }

        stream.Position = offset;
        return (int)Number(Take(source, stream, 2), isLittle);
    }

    private static byte[] Take(ImageSource source, Stream stream, int count)
    {
        var bytes = new byte[count];
        return stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes : throw source.EndsEarly();
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, bool isLittle)
    {
        Span<byte> padded = stackalloc byte[8];
        if (isLittle)
        {
            bytes.CopyTo(padded);
            return BinaryPrimitives.ReadUInt64LittleEndian(padded);
        }

        bytes.CopyTo(padded[(8 - bytes.Length)..]);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}
