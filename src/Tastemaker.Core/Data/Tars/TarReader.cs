using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Tastemaker.Core.Data.Tars;

/// <summary>One member of a tar.</summary>
/// <param name="Kind">As the header has it: <c>0</c> a file, <c>1</c> and <c>2</c> links, <c>5</c> a folder.</param>
/// <param name="Size">In bytes.</param>
internal sealed record TarEntry(string Name, char Kind, long Size)
{
    public bool IsFile => Kind is '0' or '\0' or '7';

    public bool IsFolder => Kind == '5';
}

/// <summary>
/// Reads a tar from its start to its end, members in order, nothing to the disk: POSIX ustar with the long names of GNU (type <c>L</c>)
/// and of pax (type <c>x</c>). Whatever a header claims, no more is read than is asked for.
/// </summary>
internal sealed class TarReader(Stream stream)
{
    private const int Block = 512;
    private const int LongestName = 1 << 16;
    private const int LongestPax = 1 << 20;

    private readonly byte[] _header = new byte[Block];
    private long _at;
    private long _next;
    private TarEntry? _entry;

    /// <summary>Goes on to the next member; null after the last.</summary>
    /// <exception cref="DataException">The tar is damaged or ends early.</exception>
    public TarEntry? Next()
    {
        var (name, size) = ((string?)null, (long?)null);
        while (ReadHeader())
        {
            var entry = Header();
            switch (entry.Kind)
            {
                case 'L':
                    name = Encoding.UTF8.GetString(Own(entry, LongestName)).TrimEnd('\0');
                    break;
                case 'x':
                    foreach (var (key, value) in Pax(Own(entry, LongestPax)))
                    {
                        name = key == "path" ? value : name;
                        size = key == "size" && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : size;
                    }

                    break;
                case 'g' or 'K':
                    break;
                default:
                    _entry = entry with { Name = name ?? entry.Name, Size = size ?? entry.Size };
                    _next = Padded(_at, _entry.Size);
                    return _entry;
            }
        }

        return _entry = null;
    }

    /// <summary>The bytes of the member that <see cref="Next"/> gave, once.</summary>
    /// <param name="most">Its size must not be larger.</param>
    public byte[] Read(int most) => Own(_entry ?? throw new InvalidOperationException("there is no member to read."), most);

    private bool ReadHeader()
    {
        if (_next > stream.Length)
        {
            throw new DataException($"it ends inside '{Shown(_entry?.Name ?? "")}', at byte {stream.Length} of {_next}. Is the download complete?");
        }

        stream.Position = _at = _next;
        var read = stream.ReadAtLeast(_header, Block, throwOnEndOfStream: false);
        if (read == 0 || (read == Block && !_header.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return false;
        }

        if (read < Block || !IsSound())
        {
            throw new DataException($"there is no header of a member at byte {_at}. Is it a tar, and the download complete?");
        }

        _at += Block;
        return true;
    }

    /// <summary>The sum of the header's bytes, its own field taken as blanks.</summary>
    private bool IsSound()
    {
        const int Field = 148, Length = 8;
        var sum = 0L;
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= Field and < Field + Length ? ' ' : _header[i];
        }

        return Number(Field, Length) == sum;
    }

    private TarEntry Header()
    {
        var isUstar = _header.AsSpan(257, 5).SequenceEqual("ustar"u8);
        var prefix = isUstar && _header[262] == 0 ? Text(345, 155) : ""; // GNU has other fields there.
        var name = Text(0, 100);
        var entry = new TarEntry(prefix.Length > 0 ? $"{prefix}/{name}" : name, (char)_header[156], Number(124, 12) ?? -1);
        if (entry.Size < 0)
        {
            throw new DataException($"the size of '{Shown(entry.Name)}' is no number, at byte {_at}. The tar is damaged.");
        }

        _next = Padded(_at, entry.Size);
        return entry;
    }

    private byte[] Own(TarEntry entry, int most)
    {
        if (entry.Size > most)
        {
            throw new DataException($"'{Shown(entry.Name)}' is said to have {entry.Size} bytes; at most {most} are read.");
        }

        if (entry.Size > stream.Length - _at)
        {
            throw new DataException($"it ends inside '{Shown(entry.Name)}'. Is the download complete?");
        }

        var bytes = new byte[entry.Size];
        stream.Position = _at;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private string Text(int at, int length)
    {
        var field = _header.AsSpan(at, length);
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>Octal digits, or GNU's form for large numbers: the top bit, then the number in binary.</summary>
    private long? Number(int at, int length)
    {
        var field = _header.AsSpan(at, length);
        var value = 0L;
        if ((field[0] & 0x80) != 0)
        {
            foreach (var b in field[1..])
            {
                value = value > long.MaxValue >> 16 ? -1 : (value << 8) | b;
                if (value < 0)
                {
                    return null;
                }
            }

            return value;
        }

        var digits = field.Trim(" \0"u8);
        foreach (var b in digits)
        {
            if (b is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            value = (value << 3) | (uint)(b - '0');
        }

        return value;
    }

    private static long Padded(long at, long size) =>
        size <= long.MaxValue - at - Block ? at + ((size + Block - 1) / Block * Block) : long.MaxValue;

    /// <summary>Records <c>LENGTH KEY=VALUE\n</c>, the length that of the whole record.</summary>
    private static IEnumerable<(string Key, string Value)> Pax(byte[] records)
    {
        for (var at = 0; at < records.Length;)
        {
            if (!Utf8Parser.TryParse(records.AsSpan(at), out int length, out var digits) || length <= digits + 1 || length > records.Length - at)
            {
                yield break;
            }

            var record = Encoding.UTF8.GetString(records, at + digits + 1, length - digits - 1).TrimEnd('\n');
            var equals = record.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                yield return (record[..equals], record[(equals + 1)..]);
            }

            at += length;
        }
    }

    private static string Shown(string name)
    {
        const int Longest = 80;
        return string.Concat((name.Length <= Longest ? name : $"{name[..Longest]}…").Select(c => char.IsControl(c) ? '?' : c));
    }
}
