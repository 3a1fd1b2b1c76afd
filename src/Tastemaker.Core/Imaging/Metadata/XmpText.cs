using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>The bytes of an XMP packet or sidecar as text, in the encoding that they are in.</summary>
internal static class XmpText
{
    /// <summary>No honest packet has as many; darktable's sidecars with long histories have some hundred thousand.</summary>
    public const int MostBytes = 4 << 20;

    private const char Mark = '\uFEFF';

    /// <summary>The text without its byte order mark and padding; what cannot be decoded is marked.</summary>
    public static string Show(byte[] bytes) => EncodingOf(bytes).GetString(bytes).TrimStart(Mark).TrimEnd('\0');

    /// <summary>The text of which <see cref="Encode"/> gives back the very bytes.</summary>
    /// <exception cref="ImageException">There is none, or it is too long.</exception>
    public static string Decode(byte[] bytes)
    {
        if (bytes.Length > MostBytes)
        {
            throw XmpDocument.Refused($"has {bytes.Length} bytes; at most {MostBytes >> 20} MB was wanted.");
        }

        var encoding = EncodingOf(bytes);
        var text = encoding.GetString(bytes);
        return encoding.GetBytes(text).AsSpan().SequenceEqual(bytes) ? text : throw XmpDocument.Refused("is not text in UTF-8 or UTF-16.");
    }

    /// <param name="like">Bytes whose encoding is kept.</param>
    public static byte[] Encode(string text, byte[] like) => EncodingOf(like).GetBytes(text);

    /// <summary>UTF-8, unless the first bytes are those of UTF-16, with a mark or without.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFE, 0xFF, ..] or [0, (byte)'<', ..] => Encoding.BigEndianUnicode,
        [0xFF, 0xFE, ..] or [(byte)'<', 0, ..] => Encoding.Unicode,
        _ => Encoding.UTF8,
    };
}
