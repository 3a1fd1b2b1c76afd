using System.IO.Compression;
using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// Text chunks of a PNG: tEXt and zTXt are Latin-1, iTXt is UTF-8 (PNG specification, 11.3.3). Programs that put UTF-8 into tEXt are
/// common, so bytes that can be UTF-8 are.
/// </summary>
internal static class PngText
{
    public static readonly uint International = PngContainer.Type("iTXt"u8);

    private const int LongestKeyword = 79;
    private const int LongestText = 8 << 20;

    private static readonly uint Plain = PngContainer.Type("tEXt"u8);
    private static readonly uint Packed = PngContainer.Type("zTXt"u8);

    public static bool IsText(uint type) => type == Plain || type == Packed || type == International;

    /// <summary>What stands before the first zero.</summary>
    public static string Keyword(MetadataFile file, long at, long length)
    {
        var head = new byte[(int)Math.Min(length, LongestKeyword + 1)];
        file.Read(at, head);
        var end = head.AsSpan().IndexOf((byte)0);
        return Encoding.Latin1.GetString(head, 0, end < 0 ? head.Length : end);
    }

    public static string Text(MetadataFile file, byte[] data, uint type)
    {
        var body = Body(file, data, type);
        return type == International ? Encoding.UTF8.GetString(body) : LooseText.Decode(body);
    }

    /// <summary>What follows the keyword and its flags, inflated.</summary>
    public static byte[] Body(MetadataFile file, byte[] data, uint type)
    {
        var rest = After(data, 0);
        if (type == Plain)
        {
            return data[rest..];
        }

        if (type == Packed)
        {
            return rest < data.Length ? Inflate(file, data, rest + 1) : [];
        }

        // Two flags, language and translated keyword, each ended by a zero.
        var body = After(data, After(data, Math.Min(rest + 2, data.Length)));
        return rest < data.Length && data[rest] != 0 ? Inflate(file, data, body) : data[body..];
    }

    /// <summary>A chunk that reads back as this very text: tEXt where Latin-1 has all of it, else iTXt.</summary>
    public static (uint Type, byte[] Data) Encode(string keyword, string text)
    {
        Demand(keyword, text);
        var name = Encoding.Latin1.GetBytes(keyword);
        var latin = Encoding.Latin1.GetBytes(text);
        return LooseText.Decode(latin) == text
            ? (Plain, [.. name, 0, .. latin])
            : (International, [.. name, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)]);
    }

    /// <summary>The rules of 11.3.3.2.</summary>
    private static void Demand(string keyword, string text)
    {
        var isGood = keyword.Length is > 0 and <= LongestKeyword && keyword.All(c => c is (>= ' ' and <= '~') or (>= '\u00A1' and <= '\u00FF'))
            && keyword.Trim(' ') == keyword && !keyword.Contains("  ", StringComparison.Ordinal);
        if (!isGood)
        {
            throw new ImageException(ImageProblem.Unwritable,
                $"'{keyword}' cannot be a keyword in a PNG: 1 to {LongestKeyword} characters of Latin-1 were wanted, without spaces at its ends or in a row.");
        }

        if (text.Contains('\0', StringComparison.Ordinal) || text.Length > LongestText)
        {
            throw new ImageException(ImageProblem.Unwritable,
                $"the text of '{keyword}' cannot be written into a PNG: at most {LongestText >> 20} million characters without a zero were wanted.");
        }
    }

    /// <summary>The place behind the next zero, or the end.</summary>
    private static int After(byte[] data, int from)
    {
        var zero = data.AsSpan(from).IndexOf((byte)0);
        return zero < 0 ? data.Length : from + zero + 1;
    }

    private static byte[] Inflate(MetadataFile file, byte[] data, int from)
    {
        from = Math.Min(from, data.Length);
        using var packed = new ZLibStream(new MemoryStream(data, from, data.Length - from), CompressionMode.Decompress);
        using var text = new MemoryStream();
        var buffer = new byte[1 << 14];
        try
        {
            while (packed.Read(buffer) is > 0 and var count)
            {
                if (text.Length + count > LongestText)
                {
                    throw new ImageException(ImageProblem.TooLarge, $"{file.Title} holds a text that unpacks to more than {LongestText >> 20} MB.");
                }

                text.Write(buffer, 0, count);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw file.Damaged("a compressed text cannot be unpacked", e);
        }

        file.Spend(text.Length);
        return text.ToArray();
    }
}
