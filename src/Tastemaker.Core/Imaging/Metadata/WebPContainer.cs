using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The chunks of a WebP that hold metadata: EXIF and XMP, which VP8X announces (RFC 9649, 2.7). A simple file becomes an extended one;
/// chunks that are put in anew follow the picture, EXIF before XMP.
/// </summary>
internal sealed class WebPContainer : EditableContainer
{
    private const int RiffSizeAt = 4, FirstChunkAt = 12, HeadBytes = 8;
    private const byte HasXmp = 0x04, HasExif = 0x08, HasAlpha = 0x10;

    private readonly MetadataFile _file;
    private readonly SpliceList _splices = new();
    private readonly uint _riffSize;
    private readonly Chunk _first;
    private readonly Chunk _picture;
    private readonly Chunk? _exif;
    private readonly Chunk? _xmp;
    private readonly HashSet<long> _padded = [];
    private byte _flags;

    public WebPContainer(MetadataFile file)
    {
        _file = file;
        var head = new byte[HeadBytes];
        file.Read(0, head);
        _riffSize = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(RiffSizeAt));
        var end = Math.Min(HeadBytes + (long)_riffSize, file.Length);
        for (long at = FirstChunkAt; at + HeadBytes <= end;)
        {
            file.Read(at, head);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
            var chunk = new Chunk(BinaryPrimitives.ReadUInt32BigEndian(head), at, length, Math.Min(at + HeadBytes + length + (length & 1L), end));
            if (at + HeadBytes + length > end)
            {
                throw HeadBytes + (long)_riffSize > file.Length ? file.EndsEarly() : file.Damaged("a chunk is longer than what holds it");
            }

            _first = at == FirstChunkAt ? chunk : _first;
            if (chunk.Type == Type("EXIF"u8))
            {
                _exif ??= chunk;
            }
            else if (chunk.Type == Type("XMP "u8))
            {
                _xmp ??= chunk;
            }
            else if (chunk.Type == Type("VP8 "u8) || chunk.Type == Type("VP8L"u8) || chunk.Type == Type("ALPH"u8) || chunk.Type == Type("ANMF"u8))
            {
                _picture = chunk;
            }

            at = chunk.End;
        }

        Exif = _exif is { } exif ? file.Block(ExifTags.WithoutPrefix(Data(exif))) : null;
        Xmp = _xmp is { } xmp ? Data(xmp) : null;
        _flags = (byte)((_exif is null ? 0 : HasExif) | (_xmp is null ? 0 : HasXmp));
    }

    public override void PutExif(byte[] block)
    {
        _flags |= HasExif;
        Put(_exif, _picture, "EXIF"u8, [.. _exif is { } exif ? ExifTags.PrefixOf(Data(exif)) : [], .. block]);
    }

    public override void PutXmp(byte[] packet)
    {
        _flags |= HasXmp;
        Put(_xmp, _exif ?? _picture, "XMP "u8, packet);
    }

    public override IReadOnlyList<Splice> Splices()
    {
        Announce();
        var size = _riffSize + _splices.Growth;
        if (size > uint.MaxValue)
        {
            throw _file.Unwritable("would grow beyond 4 GB, the most that a WebP may have. Write a sidecar instead.");
        }

        var (old, changed) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteUInt32LittleEndian(old, _riffSize);
        BinaryPrimitives.WriteUInt32LittleEndian(changed, (uint)size);
        _splices.Replace(RiffSizeAt, old, changed);
        return _splices.Ordered();
    }

    private static uint Type(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name);

    /// <summary>Sets the flags of VP8X, or puts one before a picture that has none.</summary>
    private void Announce()
    {
        if (_first.Type == Type("VP8X"u8))
        {
            var flags = _file.Byte(_first.Offset + HeadBytes);
            _splices.Replace(_first.Offset + HeadBytes, [flags], [(byte)(flags | _flags)]);
        }
        else if (_flags != 0)
        {
            var (width, height, hasAlpha) = Canvas();
            byte[] chunk = [.. "VP8X"u8, 10, 0, 0, 0, (byte)(_flags | (hasAlpha ? HasAlpha : 0)), 0, 0, 0, 0, 0, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(12), width - 1);
            BinaryPrimitives.WriteInt16LittleEndian(chunk.AsSpan(15), (short)(height - 1));
            _splices.Insert(FirstChunkAt, chunk);
        }
    }

    /// <summary>The size that a picture's own header states: RFC 6386, 9.1 for VP8, RFC 9649, 3.4 for VP8L.</summary>
    private (int Width, int Height, bool HasAlpha) Canvas()
    {
        Span<byte> head = stackalloc byte[10];
        head = head[..(int)Math.Min(head.Length, _first.Length)];
        _file.Read(_first.Offset + HeadBytes, head);
        if (_first.Type == Type("VP8 "u8) && head.Length == 10 && head[3..6].SequenceEqual<byte>([0x9D, 0x01, 0x2A]))
        {
            const int SizeBits = 0x3FFF;
            var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]) & SizeBits, BinaryPrimitives.ReadUInt16LittleEndian(head[8..]) & SizeBits);
            return width > 0 && height > 0 ? (width, height, false) : throw _file.Damaged($"it states a size of {width}×{height} pixels");
        }

        if (_first.Type == Type("VP8L"u8) && head.Length >= 5 && head[0] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(head[1..]);
            return ((int)(bits & 0x3FFF) + 1, (int)(bits >> 14 & 0x3FFF) + 1, (bits >> 28 & 1) != 0);
        }

        throw _file.Damaged("its first chunk is neither VP8X nor a picture");
    }

    private void Put(Chunk? old, Chunk after, ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] chunk = [.. type, 0, 0, 0, 0, .. data, .. new byte[data.Length & 1]];
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), data.Length);
        if (old is { } there)
        {
            _splices.Replace(there.Offset, _file.Take(there.Offset, there.End - there.Offset), chunk);
            _padded.Add(there.End);
            return;
        }

        // The last chunk may lack its padding, which it needs once another follows.
        var padding = _padded.Add(after.End) ? (after.End - after.Offset) & 1 : 0;
        _splices.Insert(after.End, [.. new byte[padding], .. chunk]);
    }

    private byte[] Data(Chunk chunk) => _file.Take(chunk.Offset + HeadBytes, chunk.Length);

    /// <param name="End">Behind its padding, where it has it.</param>
    private readonly record struct Chunk(uint Type, long Offset, uint Length, long End);
}
