using System.Buffers.Binary;
using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The EXIF and XMP items of an AVIF: <c>meta</c> lists them in <c>iinf</c> and says in <c>iloc</c> where they are
/// (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, annex A). Read only.
/// </summary>
internal sealed class AvifContainer : MetadataContainer
{
    private const int FullBoxBytes = 4;
    private const int MostItems = 4096;

    private readonly MetadataFile _file;

    public AvifContainer(MetadataFile file)
    {
        _file = file;
        if (Boxes(0, file.Length).FirstOrDefault(b => b.Type == "meta") is not { Type: not null } meta)
        {
            return;
        }

        var inside = Boxes(meta.From + FullBoxBytes, meta.End).ToList();
        if (inside.Find(b => b.Type == "iinf") is { Type: not null } list && inside.Find(b => b.Type == "iloc") is { Type: not null } places)
        {
            var items = Items(list).Take(MostItems).ToList();
            Exif = items.Find(i => i.Type == "Exif") is { Type: not null } exif && Data(places, exif.Id) is { } block ? Tiff(block) : null;
            Xmp = items.Find(i => i.Type == "mime" && i.Content == "application/rdf+xml") is { Type: not null } xmp ? Data(places, xmp.Id) : null;
        }
    }

    private IEnumerable<Box> Boxes(long at, long end)
    {
        while (end - at >= 8)
        {
            var (size, header) = (Number(at, 4), 8);
            if (size == 1)
            {
                (size, header) = (Number(at + 8, 8), 16);
            }

            size = size == 0 ? end - at : size;
            if (size < header || size > end - at)
            {
                throw size < header ? _file.Damaged($"a box states {size} bytes") : _file.EndsEarly();
            }

            yield return new(Text(at + 4, 4), at + header, at + size);
            at += size;
        }
    }

    private IEnumerable<Item> Items(Box list)
    {
        var entries = list.From + FullBoxBytes + (_file.Byte(list.From) == 0 ? 2 : 4);
        foreach (var entry in Boxes(entries, list.End).Where(b => b.Type == "infe"))
        {
            // Version 2 has ids of two bytes, version 3 of four; older ones have no types. Two bytes of protection follow.
            var version = _file.Byte(entry.From);
            var idBytes = version == 3 ? 4 : 2;
            var type = entry.From + FullBoxBytes + idBytes + 2;
            if (version is 2 or 3 && type + 4 <= entry.End)
            {
                // Behind the type stand name and, of a MIME item, its content, each ended by a zero.
                var names = Text(type + 4, (int)Math.Min(entry.End - type - 4, 256)).Split('\0');
                yield return new(Number(entry.From + FullBoxBytes, idBytes), Text(type, 4), names.ElementAtOrDefault(1) ?? "");
            }
        }
    }

    /// <summary>An item's bytes; null where they stand elsewhere than in the file itself.</summary>
    private byte[]? Data(Box places, long id)
    {
        var version = _file.Byte(places.From);
        var at = places.From + FullBoxBytes;
        var sizes = (int)Number(at, 2);
        var (offsetBytes, lengthBytes, baseBytes, indexBytes) = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, version == 0 ? 0 : sizes & 15);
        if (new[] { offsetBytes, lengthBytes, baseBytes, indexBytes }.Any(size => size is not (0 or 4 or 8)))
        {
            throw _file.Damaged("its items are nowhere");
        }

        var idBytes = version == 2 ? 4 : 2;
        var count = Number(at + 2, idBytes);
        at += 2 + idBytes;
        for (long i = 0; i < Math.Min(count, MostItems) && at < places.End; i++)
        {
            var isWanted = Number(at, idBytes) == id;
            at += idBytes;
            var isInFile = version == 0 || (Number(at, 2) & 15) == 0;
            at += (version == 0 ? 0 : 2) + 2;
            var start = Number(at, baseBytes);
            var extents = Number(at + baseBytes, 2);
            at += baseBytes + 2;
            if (isWanted)
            {
                at += indexBytes;
                return isInFile && extents == 1 ? _file.Take(Place(start, Number(at, offsetBytes)), Number(at + offsetBytes, lengthBytes)) : null;
            }

            at += extents * (indexBytes + offsetBytes + lengthBytes);
        }

        return null;
    }

    private long Place(long start, long offset) => start <= _file.Length && offset <= _file.Length ? start + offset : throw _file.EndsEarly();

    /// <summary>The block begins with the distance to its TIFF header.</summary>
    private MetadataFile? Tiff(byte[] block)
    {
        var start = block.Length > 4 ? 4L + BinaryPrimitives.ReadUInt32BigEndian(block) : long.MaxValue;
        return start < block.Length ? _file.Block(ExifTags.WithoutPrefix(block[(int)start..])) : null;
    }

    /// <summary>A big-endian number of so many bytes; none is 0.</summary>
    private long Number(long at, int bytes)
    {
        Span<byte> number = stackalloc byte[8];
        _file.Read(at, number[(8 - bytes)..]);
        return BinaryPrimitives.ReadInt64BigEndian(number) is >= 0 and var value ? value : throw _file.Damaged("it states a number beyond all bounds");
    }

    private string Text(long at, int bytes)
    {
        var text = new byte[bytes];
        _file.Read(at, text);
        return Encoding.Latin1.GetString(text);
    }

    /// <param name="From">Behind its header.</param>
    private readonly record struct Box(string Type, long From, long End);

    private readonly record struct Item(long Id, string Type, string Content);
}
