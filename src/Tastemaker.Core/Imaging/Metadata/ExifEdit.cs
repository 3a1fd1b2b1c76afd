using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// Changes tags of an EXIF block without moving anything in it: MakerNotes and thumbnails hold places in the block that no one but
/// their maker knows. A value that fits goes where the old one stood, as does one at the block's end; a larger one goes behind it; a directory that needs
/// another entry is written anew behind the end, and what pointed to the old one points to it.
/// </summary>
internal sealed class ExifEdit
{
    private const int MostDirectories = 16;

    /// <summary>Tags that point to directories (EXIF, GPS, interoperability), and to pictures in strips or directories of their own.</summary>
    private static readonly int[] Pointers = [ExifTags.ExifPointer, 0x8825, 0xA005], Elsewhere = [0x0111, 0x014A, 0x0144];

    private readonly MetadataFile _file;
    private readonly bool _isLittle;
    private byte[] _bytes;

    private ExifEdit(MetadataFile file, byte[] bytes, bool isLittle) => (_file, _bytes, _isLittle) = (file, bytes, isLittle);

    /// <param name="block">The block as it is; null where the file has none.</param>
    /// <returns>The very bytes where they say it already.</returns>
    /// <exception cref="ImageException">The block is damaged.</exception>
    public static byte[] Apply(MetadataFile file, byte[]? block, ExifChange change)
    {
        // Big-endian, as piexif makes it; no directory yet.
        block ??= [.. "MM\0*"u8, 0, 0, 0, 0];
        var opened = TiffBlock.Open(file.Block(block)) ?? throw file.Damaged("its EXIF has no TIFF header");
        var edit = new ExifEdit(file, block, opened.IsLittle);
        if (change.UserComment is { } comment)
        {
            edit.Comment(comment);
        }

        List<NewEntry> missing = [];
        foreach (var (tag, number) in new[] { (ExifTags.Rating, change.Rating), (ExifTags.RatingPercent, change.RatingPercent) })
        {
            if (number is { } value && !edit.Set(tag, (ushort)value))
            {
                missing.Add(edit.ShortEntry(tag, (ushort)value));
            }
        }

        edit.AddToFirst(missing);
        return edit._bytes;
    }

    private TiffBlock Block => TiffBlock.Open(_file.Block(_bytes))!;

    private TiffDirectory First => Block switch
    {
        { First: 0 } => new(0, [], 0),
        var block => Directory(block, block.First),
    };

    private TiffDirectory Directory(TiffBlock block, long at) =>
        block.Directory(at) ?? throw _file.Damaged("a directory of its EXIF does not fit into it. Write a sidecar instead");

    /// <summary>Changes a number where its tag is; says whether it is.</summary>
    private bool Set(int tag, ushort value)
    {
        if (First.Find(tag) is not { } entry)
        {
            return false;
        }

        if (Block.Number(entry) != value)
        {
            Overwrite(entry.At, ShortEntry(tag, value).Bytes);
        }

        return true;
    }

    private void Comment(string comment)
    {
        var block = Block;
        var pointer = First.Find(ExifTags.ExifPointer);
        var exif = pointer is { } p ? Directory(block, block.Number(p) ?? 0) : null;
        var entry = exif?.Find(ExifTags.Comment);
        var old = entry is { } e ? block.Value(e) ?? [] : [];
        if (entry is not null && UserComment.Decode(old, _isLittle) == comment)
        {
            return;
        }

        var value = UserComment.Encode(comment, old, _isLittle);
        if (entry is { } there)
        {
            var isOwn = there.Size > 4 && old.Length > 0 && IsItsOwn(block, there);
            var isFitting = isOwn && value.Length <= old.Length;
            if (isOwn && !isFitting && there.Offset + there.Size == _bytes.Length)
            {
                _bytes = _bytes[..(int)there.Offset];
            }

            Overwrite(there.At, Entry(ExifTags.Comment, TiffBlock.Undefined, value.Length, isFitting ? there.Offset : Append(value)));
            if (isFitting)
            {
                Overwrite(there.Offset, value);
            }

            return;
        }

        var added = new NewEntry(ExifTags.Comment, Entry(ExifTags.Comment, TiffBlock.Undefined, value.Length, Append(value)));
        var directory = Append(Written(exif ?? new(0, [], 0), [added]));
        if (pointer is { } from)
        {
            Overwrite(from.At, Entry(ExifTags.ExifPointer, TiffBlock.Long, 1, directory));
        }
        else
        {
            AddToFirst([new(ExifTags.ExifPointer, Entry(ExifTags.ExifPointer, TiffBlock.Long, 1, directory))]);
        }
    }

    private void AddToFirst(List<NewEntry> added)
    {
        if (added.Count > 0)
        {
            var at = Append(Written(First, added));
            Overwrite(4, Number(at));
        }
    }

    /// <summary>Whether nothing else is known to stand where an entry's value does.</summary>
    private static bool IsItsOwn(TiffBlock block, TiffEntry own)
    {
        var (from, to) = (own.Offset, own.Offset + own.Size);
        var left = new Queue<long>([block.First]);
        for (var seen = 0; left.TryDequeue(out var at); seen++)
        {
            if (seen == MostDirectories || block.Directory(at) is not { } directory || Overlaps(directory.At, directory.End)
                || directory.Entries.Any(e => Elsewhere.Contains(e.Tag)))
            {
                return false;
            }

            foreach (var entry in directory.Entries.Where(e => e.At != own.At))
            {
                if (entry.Size > 4 && Overlaps(entry.Offset, entry.Offset + entry.Size))
                {
                    return false;
                }

                if (Pointers.Contains(entry.Tag))
                {
                    left.Enqueue(entry.Offset);
                }
            }

            // A thumbnail: JPEGInterchangeFormat and its length.
            if (directory.Find(0x0201) is { } thumbnail && (directory.Find(0x0202) is not { } length || Overlaps(thumbnail.Offset, thumbnail.Offset + length.Offset)))
            {
                return false;
            }

            if (directory.Next != 0)
            {
                left.Enqueue(directory.Next);
            }
        }

        return from >= TiffBlock.HeaderBytes;

        bool Overlaps(long start, long end) => start < to && from < end;
    }

    /// <summary>A directory with more entries, in the order of their tags.</summary>
    private byte[] Written(TiffDirectory directory, List<NewEntry> added)
    {
        var entries = directory.Entries.Select(e => new NewEntry(e.Tag, _bytes[(int)e.At..((int)e.At + TiffBlock.EntryBytes)]))
            .Concat(added).OrderBy(e => e.Tag).ToList();
        return entries.Count <= ushort.MaxValue
            ? [.. Number((ushort)entries.Count), .. entries.SelectMany(e => e.Bytes), .. Number(directory.Next)]
            : throw _file.Unwritable("has an EXIF directory without place for another tag. Write a sidecar instead.");
    }

    /// <summary>Puts bytes behind the end, at an even place; returns where they are.</summary>
    private uint Append(byte[] bytes)
    {
        var at = _bytes.Length + (_bytes.Length & 1);
        _bytes = [.. _bytes, .. new byte[at - _bytes.Length], .. bytes];
        return (uint)at;
    }

    private void Overwrite(long at, byte[] bytes)
    {
        _bytes = (byte[])_bytes.Clone();
        bytes.CopyTo(_bytes, at);
    }

    private NewEntry ShortEntry(int tag, ushort value) =>
        new(tag, [.. Number((ushort)tag), .. Number((ushort)TiffBlock.Short), .. Number(1u), .. Number(value), 0, 0]);

    private byte[] Entry(int tag, int type, int count, uint value) =>
        [.. Number((ushort)tag), .. Number((ushort)type), .. Number((uint)count), .. Number(value)];

    private byte[] Number(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        if (_isLittle)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        }

        return bytes;
    }

    private byte[] Number(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        if (_isLittle)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        }

        return bytes;
    }

    private readonly record struct NewEntry(int Tag, byte[] Bytes);
}
