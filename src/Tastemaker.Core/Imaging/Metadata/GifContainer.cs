using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>Comments of a GIF, and the XMP in its application extension (GIF89a, 24 and 26; XMP specification, part 3, 1.1.2). Read only.</summary>
internal sealed class GifContainer : MetadataContainer
{
    private const byte Extension = (byte)'!', Picture = (byte)',', Trailer = (byte)';', Comment = 0xFE, Application = 0xFF;
    private const int ScreenFlagsAt = 10, BlocksAt = 13, PictureFlagsAt = 9, PictureBytes = 10;

    private readonly List<TextEntry> _comments = [];

    public GifContainer(MetadataFile file)
    {
        for (var at = BlocksAt + PaletteBytes(file.Byte(ScreenFlagsAt)); ;)
        {
            switch (file.Byte(at))
            {
                case Extension:
                    var label = file.Byte(at + 1);
                    var (from, end) = (at + 2, Skip(file, at + 2));
                    if (label == Comment)
                    {
                        _comments.Add(new("comment", LooseText.Decode(Join(file, from, end).TrimEnd((byte)0))));
                    }
                    else if (label == Application && Xmp is null)
                    {
                        Xmp = Packet(file.Take(from, end - from));
                    }

                    at = end;
                    break;
                case Picture:
                    // Behind the palette stands the number of bits that codes start with.
                    at = Skip(file, at + PictureBytes + PaletteBytes(file.Byte(at + PictureFlagsAt)) + 1);
                    break;
                case Trailer:
                    return;
                case var block:
                    throw file.Damaged($"a block of the kind {block:X2} does not exist");
            }
        }
    }

    public override IReadOnlyList<TextEntry> Texts() => _comments;

    private static long PaletteBytes(byte flags) => (flags & 128) != 0 ? 3L << ((flags & 7) + 1) : 0;

    /// <summary>The place behind a chain of sub-blocks.</summary>
    private static long Skip(MetadataFile file, long at)
    {
        while (file.Byte(at) is > 0 and var length)
        {
            at += 1 + length;
        }

        return at + 1;
    }

    /// <summary>What a chain of sub-blocks holds.</summary>
    private static ReadOnlySpan<byte> Join(MetadataFile file, long from, long end)
    {
        var bytes = file.Take(from, end - from);
        var count = 0;
        for (var at = 0; bytes[at] is > 0 and var length; at += 1 + length)
        {
            bytes.AsSpan(at + 1, length).CopyTo(bytes.AsSpan(count));
            count += length;
        }

        return bytes.AsSpan(0, count);
    }

    /// <summary>
    /// XMP stands there raw: its characters pass for lengths of sub-blocks, and a run of falling numbers behind it catches whoever skips.
    /// </summary>
    private static byte[]? Packet(byte[] chain)
    {
        const int TrailerBytes = 258;
        var name = Encoding.Latin1.GetBytes("\u000BXMP DataXMP");
        return chain.AsSpan().StartsWith(name) && chain.Length >= name.Length + TrailerBytes ? chain[name.Length..^TrailerBytes] : null;
    }
}
