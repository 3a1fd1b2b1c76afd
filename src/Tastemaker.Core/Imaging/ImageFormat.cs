using System.Buffers.Binary;
using System.Text;

namespace Tastemaker.Core.Imaging;

internal enum ImageFormat
{
    Png,
    Jpeg,
    WebP,
    Avif,
    Gif,
    Tiff,
    Bmp,
}

/// <summary>Recognises what a file holds by its first bytes; names and extensions mean nothing.</summary>
internal static class ImageFormats
{
    /// <summary>Bytes that recognition looks at.</summary>
    public const int HeadBytes = 256;

    private static readonly (byte[] Start, string Content)[] OtherContents =
    [
        ([.. "%PDF"u8], "a PDF document"),
        ([.. "PK\x3\x4"u8], "a zip archive"),
        ([0x1F, 0x8B], "gzip data"),
        ([.. "8BPS"u8], "a Photoshop document"),
        ([0xFF, 0x0A], "a JPEG XL image, a format that is not supported"),
        ([0, 0, 0, 12, .. "JXL "u8], "a JPEG XL image, a format that is not supported"),
        ([0, 0, 0, 12, .. "jP  "u8], "a JPEG 2000 image, a format that is not supported"),
        ([0x1A, 0x45, 0xDF, 0xA3], "a Matroska or WebM video"),
        ([.. "SQLite format 3\0"u8], "a SQLite database"),
    ];

    /// <summary>The format that <paramref name="head"/> begins; null for anything else.</summary>
    public static ImageFormat? Recognise(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith<byte>([0x89, .. "PNG\r\n\x1A\n"u8]))
        {
            return ImageFormat.Png;
        }

        if (head.StartsWith<byte>([0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        if (head.StartsWith("RIFF"u8) && head.Length >= 12 && head[8..12].SequenceEqual("WEBP"u8))
        {
            return ImageFormat.WebP;
        }

        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8))
        {
            return ImageFormat.Gif;
        }

        if (head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8))
        {
            return ImageFormat.Tiff;
        }

        if (BrandOf(head) is "avif" or "avis")
        {
            return ImageFormat.Avif;
        }

        return IsBmp(head) ? ImageFormat.Bmp : null;
    }

    /// <summary>What <paramref name="head"/>, which is no image of ours, seems to be: "text", "a PDF document".</summary>
    public static string Describe(ReadOnlySpan<byte> head)
    {
        foreach (var (start, content) in OtherContents)
        {
            if (head.StartsWith(start))
            {
                return content;
            }
        }

        if (BrandOf(head) is { } brand)
        {
            return brand is "heic" or "heix" or "mif1" or "msf1" or "heim" or "heis"
                ? "a HEIC image, a format that is not supported"
                : $"a media file of the brand '{brand}'";
        }

        if (!IsText(head))
        {
            return "data of no known image format";
        }

        return head.IndexOf("<svg"u8) >= 0 ? "an SVG drawing, a format that is not supported" : "text";
    }

    public static string Title(this ImageFormat format) => format switch
    {
        ImageFormat.Png => "PNG",
        ImageFormat.Jpeg => "JPEG",
        ImageFormat.WebP => "WebP",
        ImageFormat.Avif => "AVIF",
        ImageFormat.Gif => "GIF",
        ImageFormat.Tiff => "TIFF",
        ImageFormat.Bmp => "BMP",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "This is no image format."),
    };

    /// <summary>"BM", a pixel offset and a size of the second header that exist.</summary>
    private static bool IsBmp(ReadOnlySpan<byte> head) =>
        head.Length >= 18 && head.StartsWith("BM"u8) && BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) is 12 or (>= 40 and <= 124);

    /// <summary>The brand of an ISO media file: the first of its own and its compatible ones that is AVIF's, else its own.</summary>
    private static string? BrandOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < 16 || !head[4..8].SequenceEqual("ftyp"u8))
        {
            return null;
        }

        var end = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(head), (uint)head.Length);
        for (var at = 8; at + 4 <= end; at += 4)
        {
            if (at != 12 && (head.Slice(at, 4).SequenceEqual("avif"u8) || head.Slice(at, 4).SequenceEqual("avis"u8)))
            {
                return "avif";
            }
        }

        return new string([.. Encoding.Latin1.GetString(head[8..12]).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '?')]);
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
        {
            if (b is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C) or 0x7F)
            {
                return false;
            }
        }

        // The head may cut a character in two.
        var whole = head;
        for (var cut = 0; cut < 4 && whole.Length > 0; cut++, whole = whole[..^1])
        {
            if (System.Text.Unicode.Utf8.IsValid(whole))
            {
                return true;
            }
        }

        return false;
    }
}
