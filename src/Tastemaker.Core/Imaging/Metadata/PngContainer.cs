using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The chunks of a PNG that hold metadata: tEXt, zTXt, iTXt (of which one is XMP), eXIf (PNG specification, third edition, 11.3).
/// Chunks that are put in anew stand before the picture and its animation, where every reader looks.
/// </summary>
internal sealed class PngContainer : EditableContainer
{
    private const string XmpKeyword = "XML:com.adobe.xmp";
    private const int HeadBytes = 8, CrcBytes = 4;

    private readonly MetadataFile _file;
    private readonly List<TextChunk> _texts = [];
    private readonly SpliceList _splices = new();
    private readonly TextChunk? _xmp;
    private readonly Chunk? _exif;
    private readonly long _pictureAt;

    public PngContainer(MetadataFile file)
    {
        _file = file;
        foreach (var chunk in Chunks(file))
        {
            if (PngText.IsText(chunk.Type))
            {
                file.Spend(0);
                var text = new TextChunk(chunk, PngText.Keyword(file, chunk.DataAt, chunk.Length));
                if (text.Keyword != XmpKeyword)
                {
                    _texts.Add(text);
                }
                else if (chunk.Type == PngText.International)
                {
                    _xmp ??= text;
                }
            }
            else if (chunk.Type == Type("eXIf"u8))
            {
                _exif ??= chunk;
            }
            else if (_pictureAt == 0 && (chunk.Type == Type("IDAT"u8) || chunk.Type == Type("acTL"u8) || chunk.Type == Type("fcTL"u8)))
            {
                _pictureAt = chunk.Offset;
            }
        }

        Exif = _exif is { } exif ? file.Block(ExifTags.WithoutPrefix(file.Take(exif.DataAt, exif.Length))) : null;
        Xmp = _xmp is { } packet ? PngText.Body(file, Data(packet.Chunk), packet.Chunk.Type) : null;
    }

    public static uint Type(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name);

    public override IReadOnlyList<TextEntry> Texts() => [.. _texts.Select(t => new TextEntry(t.Keyword, Read(t)))];

    /// <summary>The text of a keyword; of several the last, as readers that make a dictionary of them have it.</summary>
    public string? Text(string keyword) => _texts.FindLast(t => t.Keyword == keyword) is { Keyword: not null } found ? Read(found) : null;

    /// <summary>
    /// Puts text in the place of the first chunk of its keyword, and takes out the others; null takes out all.
    /// </summary>
    public void PutText(string keyword, string? text)
    {
        var there = _texts.FindAll(t => t.Keyword == keyword);
        if (text is not null && there is [var only] && Read(only) == text)
        {
            return;
        }

        foreach (var (chunk, _) in there.Skip(text is null ? 0 : 1))
        {
            _splices.Replace(chunk.Offset, Whole(chunk), []);
        }

        if (text is not null)
        {
            var (type, data) = PngText.Encode(keyword, text);
            Put(there is [var first, ..] ? first.Chunk : null, type, data);
        }
    }

    public override void PutExif(byte[] block)
    {
        var prefix = _exif is { } exif ? ExifTags.PrefixOf(Data(exif)) : [];
        Put(_exif, Type("eXIf"u8), [.. prefix, .. block]);
    }

    public override void PutXmp(byte[] packet) =>
        Put(_xmp?.Chunk, PngText.International, [.. System.Text.Encoding.Latin1.GetBytes(XmpKeyword), 0, 0, 0, 0, 0, .. packet]);

    public override IReadOnlyList<Splice> Splices() => _splices.Ordered();

    private static IEnumerable<Chunk> Chunks(MetadataFile file)
    {
        var head = new byte[HeadBytes];
        for (var at = (long)HeadBytes; ;)
        {
            file.Read(at, head);
            var chunk = new Chunk(Type(head.AsSpan(4)), at, BinaryPrimitives.ReadUInt32BigEndian(head));
            if (chunk.Length > int.MaxValue || (at == HeadBytes) != (chunk.Type == Type("IHDR"u8)))
            {
                throw file.Damaged(chunk.Length > int.MaxValue ? $"a chunk states {chunk.Length} bytes" : "it does not begin with its only IHDR chunk");
            }

            if (!file.Has(at, chunk.End - at))
            {
                throw file.EndsEarly();
            }

            if (chunk.Type == Type("IEND"u8))
            {
                yield break;
            }

            yield return chunk;
            at = chunk.End;
        }
    }

    private void Put(Chunk? old, uint type, byte[] data)
    {
        var chunk = new byte[HeadBytes + data.Length + CrcBytes];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4), type);
        data.CopyTo(chunk, HeadBytes);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(HeadBytes + data.Length), Crc(chunk.AsSpan(4..^CrcBytes)));
        if (old is { } there)
        {
            _splices.Replace(there.Offset, Whole(there), chunk);
        }
        else
        {
            _splices.Insert(_pictureAt, chunk);
        }
    }

    private string Read(TextChunk text) => PngText.Text(_file, Data(text.Chunk), text.Chunk.Type);

    private byte[] Data(Chunk chunk) => _file.Take(chunk.DataAt, chunk.Length);

    private byte[] Whole(Chunk chunk) => _file.Take(chunk.Offset, chunk.End - chunk.Offset);

    /// <summary>CRC-32 as in ISO 3309 (PNG specification, annex D).</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    private readonly record struct Chunk(uint Type, long Offset, uint Length)
    {
        public long DataAt => Offset + HeadBytes;

        public long End => DataAt + Length + CrcBytes;
    }

    private readonly record struct TextChunk(Chunk Chunk, string Keyword);
}
