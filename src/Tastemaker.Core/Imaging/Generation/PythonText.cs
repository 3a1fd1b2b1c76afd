using System.Globalization;
using System.Text;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>Text as the generators' Python sees it, where .NET sees it otherwise.</summary>
internal static class PythonText
{
    /// <summary><c>str.isspace</c> and <c>\s</c>: what .NET calls white space, and the four separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';

    /// <summary><c>\w</c>: letters, digits and numbers of every script, and the underscore. .NET's has marks, and lacks some numbers.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary><c>str.strip()</c>.</summary>
    public static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsSpace(text[start]))
        {
            start++;
        }

        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary><c>json.dumps(text, ensure_ascii=False)</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\f' => quoted.Append("\\f"),
                '\b' => quoted.Append("\\b"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary><c>json.loads(text)</c> where that is a string; null where Python would raise.</summary>
    public static string? Unquote(ReadOnlySpan<char> text)
    {
        if (text is not ['"', .. var inner, '"'])
        {
            return null;
        }

        var plain = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] is '"' or < ' ')
            {
                return null;
            }

            if (inner[i] != '\\')
            {
                plain.Append(inner[i]);
            }
            else if (Escaped(inner[(i + 1)..]) is var (c, length))
            {
                plain.Append(c);
                i += length;
            }
            else
            {
                return null;
            }
        }

        return plain.ToString();
    }

    /// <summary>The character that stands behind a backslash, and in how many characters it is written.</summary>
    private static (char Character, int Length)? Escaped(ReadOnlySpan<char> rest)
    {
        const string Escapes = "\"\\/bfnrt", Meanings = "\"\\/\b\f\n\r\t";
        if (rest.Length > 0 && Escapes.IndexOf(rest[0], StringComparison.Ordinal) is >= 0 and var place)
        {
            return (Meanings[place], 1);
        }

        return rest.Length >= 5 && rest[0] == 'u' && ushort.TryParse(rest[1..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? ((char)code, 5)
            : null;
    }
}
