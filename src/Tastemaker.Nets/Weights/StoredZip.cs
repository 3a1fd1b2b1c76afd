using System.Buffers.Binary;
using System.Text;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// The directory of a zip file whose wanted entries are stored, as torch stores them: each is then a range of the file, and
/// nothing is ever inflated. Follows PKWARE's APPNOTE 6.3.10, with zip64, without spanning.
/// </summary>
internal sealed class StoredZip
{
    private const int MaxDirectoryBytes = 1 << 26;
    private const int EndBytes = 22;
    private const int Zip64LocatorBytes = 20;
    private const int Zip64EndBytes = 56;
    private const int CentralBytes = 46;
    private const int LocalBytes = 30;
    private const uint EndSignature = 0x06054b50;
    private const uint Zip64LocatorSignature = 0x07064b50;
    private const uint Zip64EndSignature = 0x06064b50;
    private const uint CentralSignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;

    private readonly ByteSource _source;
    private readonly long _directory;
    private readonly Dictionary<string, Entry> _entries = [];

    private StoredZip(ByteSource source, long directory) => (_source, _directory) = (source, directory);

    public IReadOnlyCollection<string> Names => _entries.Keys;

    public static StoredZip Open(ByteSource source)
    {
        var (offset, size) = FindDirectory(source);
        if (size > MaxDirectoryBytes)
        {
            throw new WeightException($"the directory of the zip file is said to have {size} bytes; at most {MaxDirectoryBytes} are read.");
        }

        var zip = new StoredZip(source, offset);
        zip.ReadDirectory(source.Bytes(offset, (int)size, "the zip directory"));
        return zip;
    }

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>Where an entry's bytes lie in the file.</summary>
    public (long Offset, long Length) Locate(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw new WeightException($"the zip file has no entry '{name}', which its pickle names.");
        }

        if (entry.Method != 0 || entry.IsEncrypted)
        {
            throw new WeightException($"the entry '{name}' is {(entry.IsEncrypted ? "encrypted" : $"compressed (method {entry.Method})")}; "
                + "torch stores its entries as they are. Save the file again with torch.save.");
        }

        Span<byte> local = stackalloc byte[LocalBytes];
        _source.Fill(entry.Header, local, $"the zip entry '{name}'");
        var nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(local[26..]);
        var data = entry.Header + LocalBytes + nameBytes + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        var isSame = BinaryPrimitives.ReadUInt32LittleEndian(local) == LocalSignature
            && BinaryPrimitives.ReadUInt16LittleEndian(local[8..]) == 0
            && Encoding.UTF8.GetString(_source.Bytes(entry.Header + LocalBytes, nameBytes, $"the zip entry '{name}'")) == name;
        if (!isSame)
        {
            throw new WeightException($"the zip entry '{name}' is not where the directory of the file says, or is another one there.");
        }

        return data <= _directory - entry.Size ? (data, entry.Size)
            : throw new WeightException($"the zip entry '{name}' of {entry.Size} bytes at {data} reaches into the directory at {_directory}.");
    }

    private static (long Offset, long Size) FindDirectory(ByteSource source)
    {
        const int MaxComment = ushort.MaxValue;
        var tail = source.Bytes(Math.Max(0, source.Length - EndBytes - MaxComment), (int)Math.Min(source.Length, EndBytes + MaxComment), "the zip directory");
        for (var at = tail.Length - EndBytes; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            var isEnd = BinaryPrimitives.ReadUInt32LittleEndian(end) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) == end.Length - EndBytes;
            if (isEnd)
            {
                return Directory(source, source.Length - end.Length, end);
            }
        }

        throw new WeightException("the zip file has no directory at its end. Is the download complete?");
    }

    private static (long Offset, long Size) Directory(ByteSource source, long endOffset, ReadOnlySpan<byte> end)
    {
        long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        var limit = endOffset;
        var isZip64 = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]) == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue;
        if (isZip64)
        {
            Span<byte> locator = stackalloc byte[Zip64LocatorBytes];
            source.Fill(endOffset - Zip64LocatorBytes, locator, "the zip64 locator");
            limit = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
            Span<byte> end64 = stackalloc byte[Zip64EndBytes];
            source.Fill(limit, end64, "the zip64 directory");
            if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Zip64LocatorSignature
                || BinaryPrimitives.ReadUInt32LittleEndian(end64) != Zip64EndSignature)
            {
                throw new WeightException("the zip file needs a zip64 directory and has none where it should be.");
            }

            size = BinaryPrimitives.ReadInt64LittleEndian(end64[40..]);
            offset = BinaryPrimitives.ReadInt64LittleEndian(end64[48..]);
        }

        return size >= 0 && offset >= 0 && offset <= limit - size ? (offset, size)
            : throw new WeightException($"the zip directory is said to be {size} bytes at {offset}, beyond its own end at {limit}.");
    }

    private void ReadDirectory(ReadOnlySpan<byte> directory)
    {
        while (directory.Length > 0)
        {
            if (directory.Length < CentralBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != CentralSignature)
            {
                throw new WeightException($"the directory of the zip file is malformed after {_entries.Count} entries.");
            }

            int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            var length = CentralBytes + nameBytes + extraBytes + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (length > directory.Length)
            {
                throw new WeightException($"the directory of the zip file ends inside entry {_entries.Count}.");
            }

            var name = Encoding.UTF8.GetString(directory.Slice(CentralBytes, nameBytes));
            if (!_entries.TryAdd(name, ReadEntry(directory, name, directory.Slice(CentralBytes + nameBytes, extraBytes))))
            {
                throw new WeightException($"the entry '{name}' is twice in the zip file.");
            }

            directory = directory[length..];
        }
    }

    private static Entry ReadEntry(ReadOnlySpan<byte> central, string name, ReadOnlySpan<byte> extra)
    {
        const int Encrypted = 1;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(central[8..]);
        var method = BinaryPrimitives.ReadUInt16LittleEndian(central[10..]);
        var wide = Zip64Field(extra);
        var size = Size(central[24..], ref wide);
        var packed = Size(central[20..], ref wide);
        var header = Size(central[42..], ref wide);
        return size >= 0 && header >= 0 && (method != 0 || packed == size) ? new(header, size, method, (flags & Encrypted) != 0)
            : throw new WeightException($"the sizes of the zip entry '{name}' contradict each other.");
    }

    private static long Size(ReadOnlySpan<byte> field, ref ReadOnlySpan<byte> wide)
    {
        var size = BinaryPrimitives.ReadUInt32LittleEndian(field);
        if (size != uint.MaxValue || wide.Length < 8)
        {
            return size;
        }

        var value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[8..];
        return value;
    }

    /// <summary>The 64-bit values that replace those of a central entry: uncompressed size, compressed size, offset, each only where it is needed.</summary>
    private static ReadOnlySpan<byte> Zip64Field(ReadOnlySpan<byte> extra)
    {
        const int Zip64 = 1;
        while (extra.Length >= 4)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == Zip64)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return [];
    }

    private readonly record struct Entry(long Header, long Size, int Method, bool IsEncrypted);
}
