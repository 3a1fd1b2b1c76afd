using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>The directories of a TIFF file or of an EXIF block (TIFF 6.0, section 2).</summary>
internal sealed class TiffBlock
{
    public const int HeaderBytes = 8, EntryBytes = 12;
    public const int Ascii = 2, Short = 3, Long = 4, Undefined = 7;

    private readonly MetadataFile _bytes;

    private TiffBlock(MetadataFile bytes, bool isLittle, long first) => (_bytes, IsLittle, First) = (bytes, isLittle, first);

    public bool IsLittle { get; }

    /// <summary>Where the first directory is.</summary>
    public long First { get; }

    /// <returns>Null where it does not begin as a TIFF. BigTIFF is none here.</returns>
    public static TiffBlock? Open(MetadataFile bytes)
    {
        Span<byte> head = stackalloc byte[HeaderBytes];
        if (!bytes.Has(0, HeaderBytes))
        {
            return null;
        }

        bytes.Read(0, head);
        var isLittle = head.StartsWith("II*\0"u8);
        return isLittle || head.StartsWith("MM\0*"u8) ? new(bytes, isLittle, Read32(head[4..], isLittle)) : null;
    }

    public static uint Read32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    public static ushort Read16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    /// <returns>Null where there is none at that place, or it does not fit in.</returns>
    public TiffDirectory? Directory(long at)
    {
        Span<byte> head = stackalloc byte[4];
        if (at < HeaderBytes || !_bytes.Has(at, 2))
        {
            return null;
        }

        _bytes.Read(at, head[..2]);
        var count = Read16(head, IsLittle);
        if (!_bytes.Has(at + 2, count * EntryBytes))
        {
            return null;
        }

        var raw = _bytes.Take(at + 2, count * EntryBytes);
        var entries = new TiffEntry[count];
        for (var i = 0; i < count; i++)
        {
            var entry = raw.AsSpan(i * EntryBytes, EntryBytes);
            entries[i] = new(Read16(entry, IsLittle), Read16(entry[2..], IsLittle), Read32(entry[4..], IsLittle), Read32(entry[8..], IsLittle),
                at + 2 + i * EntryBytes);
        }

        // Some writers leave out the link to the next one at the end.
        var link = at + 2 + raw.Length;
        if (_bytes.Has(link, head.Length))
        {
            _bytes.Read(link, head);
            return new(at, entries, Read32(head, IsLittle));
        }

        return new(at, entries, 0);
    }

    /// <summary>Where an entry's value stands: in the entry itself where it fits.</summary>
    public static long PlaceOf(TiffEntry entry) => entry.Size <= 4 ? entry.At + 8 : entry.Offset;

    /// <returns>Null where it does not fit into the block.</returns>
    public byte[]? Value(TiffEntry entry) => _bytes.Has(PlaceOf(entry), entry.Size) ? _bytes.Take(PlaceOf(entry), entry.Size) : null;

    /// <summary>The first of an entry's whole numbers.</summary>
    public uint? Number(TiffEntry entry) => (entry.Type, Value(entry)) switch
    {
        (1, [var number, ..]) => number,
        (Short, { Length: >= 2 } value) => Read16(value, IsLittle),
        (Long or 13, { Length: >= 4 } value) => Read32(value, IsLittle),
        _ => null,
    };
}

/// <param name="At">Where it stands in the block.</param>
/// <param name="Next">Where the next one stands; 0 for none.</param>
internal sealed record TiffDirectory(long At, IReadOnlyList<TiffEntry> Entries, uint Next)
{
    /// <summary>The place behind its link to the next.</summary>
    public long End => At + 2 + (long)Entries.Count * TiffBlock.EntryBytes + 4;

    public TiffEntry? Find(int tag) => Entries.Where(e => e.Tag == tag).Cast<TiffEntry?>().FirstOrDefault();
}

/// <param name="Offset">The last four bytes as a number.</param>
/// <param name="At">Where it stands in the block.</param>
internal readonly record struct TiffEntry(int Tag, int Type, uint Count, uint Offset, long At)
{
    /// <summary>Bytes of the value; types that do not exist count as bytes.</summary>
    public long Size => Count * (Type switch
    {
        3 or 8 => 2L,
        4 or 9 or 11 or 13 => 4L,
        5 or 10 or 12 => 8L,
        _ => 1L,
    });
}
