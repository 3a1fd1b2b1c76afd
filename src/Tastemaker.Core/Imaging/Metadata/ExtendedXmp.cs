using System.Buffers.Binary;
using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The XMP that does not fit into a JPEG's one segment for it (XMP specification, part 3, 1.1.3.1): pieces, each with the 32 letters by
/// which the packet calls what belongs to it, the length of the whole, and its place in that.
/// </summary>
internal sealed class ExtendedXmp
{
    private const int NameBytes = 32, LengthAt = NameBytes, PlaceAt = NameBytes + 4, HeadBytes = NameBytes + 8;

    /// <summary>Of all segments, heads counted.</summary>
    private const int MostBytes = XmpText.MostBytes + (XmpText.MostBytes >> 8);

    private readonly List<(string Name, uint Length, uint Place, ReadOnlyMemory<byte> Bytes)> _pieces = [];

    public static byte[] Prefix { get; } = [.. "http://ns.adobe.com/xmp/extension/\0"u8];

    private long _bytes;

    public bool IsEmpty => _bytes == 0;

    /// <param name="length">Of the payload of a segment that begins with the prefix; one that is too short counts as a piece of nothing.</param>
    /// <param name="read">Gives the payload, where it is wanted: depth maps are too long.</param>
    public void Add(long length, Func<byte[]> read)
    {
        _bytes += length;
        if (_bytes > MostBytes)
        {
            return;
        }

        var payload = read();
        var piece = payload.AsMemory(Prefix.Length);
        var head = new byte[HeadBytes];
        piece.Span[..Math.Min(piece.Length, HeadBytes)].CopyTo(head);
        _pieces.Add((Encoding.Latin1.GetString(head, 0, NameBytes), BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(LengthAt)),
            BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(PlaceAt)), piece[Math.Min(piece.Length, HeadBytes)..]));
    }

    /// <summary>What belongs to a packet; null where the packet names none of it, or pieces are missing.</summary>
    public byte[]? Of(byte[] packet)
    {
        foreach (var pieces in _pieces.GroupBy(piece => (piece.Name, piece.Length)))
        {
            if (pieces.Key.Length is > 0 and <= XmpText.MostBytes && packet.AsSpan().IndexOf(Encoding.Latin1.GetBytes(pieces.Key.Name)) >= 0)
            {
                return Joined((int)pieces.Key.Length, pieces.Select(piece => (piece.Place, piece.Bytes)).OrderBy(piece => piece.Place));
            }
        }

        return null;
    }

    private static byte[]? Joined(int length, IEnumerable<(uint Place, ReadOnlyMemory<byte> Bytes)> pieces)
    {
        var (whole, end) = (new byte[length], 0);
        foreach (var (place, bytes) in pieces)
        {
            if (place > end || place + bytes.Length > length)
            {
                return null;
            }

            bytes.Span.CopyTo(whole.AsSpan((int)place));
            end = Math.Max(end, (int)place + bytes.Length);
        }

        return end == length ? whole : null;
    }
}
