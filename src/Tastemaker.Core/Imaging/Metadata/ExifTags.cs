using System.Collections.ObjectModel;
using System.Globalization;
using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>The texts of an EXIF block.</summary>
internal sealed record ExifTags(IReadOnlyDictionary<int, string> Texts, string? UserComment)
{
    public const int Rating = 0x4746, RatingPercent = 0x4749, Comment = 0x9286, ExifPointer = 0x8769;

    /// <summary>What stands before the block in a JPEG, and by mistake in some PNG and WebP.</summary>
    public static readonly byte[] Prefix = [.. "Exif\0\0"u8];

    public static readonly ExifTags None = new(ReadOnlyDictionary<int, string>.Empty, null);

    private const int XpComment = 0x9C9C, XpKeywords = 0x9C9E;

    private static readonly int[] TextTags = [0x010E, 0x010F, 0x0110, 0x0131];

    public static byte[] PrefixOf(byte[] block) => block.AsSpan().StartsWith(Prefix) ? Prefix : [];

    public static byte[] WithoutPrefix(byte[] block) => block[PrefixOf(block).Length..];

    /// <summary>What can be read of it: a block that is damaged in part still has its other tags.</summary>
    public static ExifTags Read(MetadataFile file)
    {
        if (TiffBlock.Open(file) is not { } block || block.Directory(block.First) is not { } directory)
        {
            return None;
        }

        var texts = new Dictionary<int, string>();
        foreach (var entry in directory.Entries)
        {
            if (Show(block, entry) is { Length: > 0 } text)
            {
                texts.TryAdd(entry.Tag, text);
            }
        }

        return new(texts, CommentOf(block, directory));
    }

    private static string? Show(TiffBlock block, TiffEntry entry) => entry.Tag switch
    {
        Rating => block.Number(entry)?.ToString(CultureInfo.InvariantCulture),
        XpComment or XpKeywords => block.Value(entry) is { } value ? Encoding.Unicode.GetString(value).TrimEnd('\0') : null,
        _ when TextTags.Contains(entry.Tag) => block.Value(entry) is { } value ? LooseText.Decode(value.AsSpan().TrimEnd((byte)0)) : null,
        _ => null,
    };

    private static string? CommentOf(TiffBlock block, TiffDirectory directory) =>
        directory.Find(ExifPointer) is { } pointer && block.Number(pointer) is { } at && block.Directory(at) is { } exif
            && exif.Find(Comment) is { } entry && block.Value(entry) is { } value
            ? Metadata.UserComment.Decode(value, block.IsLittle)
            : null;
}
