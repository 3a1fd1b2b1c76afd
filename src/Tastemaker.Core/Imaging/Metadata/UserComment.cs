using System.Globalization;
using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// EXIF's UserComment: eight bytes that name its encoding, then the text (CIPA DC-008, 4.6.5, UserComment). The byte order of its
/// UNICODE is not laid down: piexif, which most generators use, always writes big-endian, others the order of the block.
/// </summary>
internal static class UserComment
{
    private const int PrefixBytes = 8;

    private static ReadOnlySpan<byte> Unicode => "UNICODE\0"u8;

    private static ReadOnlySpan<byte> Ascii => "ASCII\0\0\0"u8;

    /// <param name="isLittle">The byte order of the block that it is in.</param>
    public static string Decode(ReadOnlySpan<byte> value, bool isLittle)
    {
        if (value.StartsWith(Unicode))
        {
            var text = value[PrefixBytes..];
            return EncodingOf(text, isLittle).GetString(text[..(text.Length & ~1)]).TrimStart('\uFEFF').TrimEnd('\0');
        }

        if (value.StartsWith(Ascii))
        {
            return LooseText.Decode(value[PrefixBytes..].TrimEnd((byte)0));
        }

        var isUndefined = value.Length >= PrefixBytes && !value[..PrefixBytes].ContainsAnyExcept((byte)0);
        return LooseText.DecodeIgnoring(value[(isUndefined ? PrefixBytes : 0)..].TrimEnd((byte)0));
    }

    /// <summary>UNICODE, in the byte order that the old value has, else big-endian, which A1111 expects.</summary>
    public static byte[] Encode(string text, ReadOnlySpan<byte> old, bool isLittle)
    {
        var wasLittle = old.StartsWith(Unicode) && old.Length > PrefixBytes + 1 && EncodingOf(old[PrefixBytes..], isLittle) == Encoding.Unicode;
        var encoding = wasLittle ? Encoding.Unicode : Encoding.BigEndianUnicode;
        return [.. Unicode, .. encoding.GetBytes(text)];
    }

    /// <summary>By its mark; else the order in which more of its characters are ordinary; else that of the block.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> text, bool isLittle)
    {
        if (text.StartsWith<byte>([0xFE, 0xFF]))
        {
            return Encoding.BigEndianUnicode;
        }

        if (text.StartsWith<byte>([0xFF, 0xFE]))
        {
            return Encoding.Unicode;
        }

        var bigger = 0;
        for (var at = 0; at + 1 < text.Length; at += 2)
        {
            bigger += Likelihood((char)(text[at] << 8 | text[at + 1])) - Likelihood((char)(text[at + 1] << 8 | text[at]));
        }

        return bigger > 0 || (bigger == 0 && !isLittle) ? Encoding.BigEndianUnicode : Encoding.Unicode;
    }

    private static int Likelihood(char c) => c switch
    {
        '\n' or '\r' or '\t' or (>= ' ' and <= '~') => 3,
        _ when char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse => 0,
        _ when char.IsSurrogate(c) => 1,
        <= '\u024F' => 2,
        _ => 1,
    };
}
