using System.Collections.Frozen;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// Character references of HTML5. <see cref="Unescape"/> reads as browsers do, <see cref="UnescapeClosed"/> only what is surely meant.
/// Follows <c>html.unescape</c> of Python 3.11 and <c>ftfy.fixes.unescape_html</c> of ftfy 6.3.1.
/// </summary>
internal static class HtmlEntities
{
    /// <summary>Of the longest name in HTML, without its semicolon.</summary>
    private const int LongestName = 32;

    private const int LongestClosedName = 24;

    private static readonly FrozenDictionary<string, Entity> ByName = Read();

    /// <param name="IsBare">Read without its semicolon too.</param>
    /// <param name="IsHtml">False for names in capitals that HTML does not know, such as <c>NTILDE</c>.</param>
    private readonly record struct Entity(string Text, bool IsBare, bool IsHtml);

    /// <summary>Every reference of HTML5, with or without a semicolon: <c>&amp;ampx</c> is <c>&amp;x</c>.</summary>
    public static string Unescape(string text) => Replace(text, static (text, at) => Reference(text, at));

    /// <summary>References that end in a semicolon, and those in capitals that nothing else can mean: <c>&amp;NTILDE;</c>.</summary>
    public static string UnescapeClosed(string text) => Replace(text, static (text, at) => ClosedReference(text, at));

    private delegate (int Length, string Text)? ReadReference(string text, int at);

    private static string Replace(string text, ReadReference read)
    {
        var at = text.IndexOf('&');
        if (at < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var copied = 0;
        while (at >= 0)
        {
            var next = at + 1;
            if (read(text, at) is var (length, replacement))
            {
                result.Append(text, copied, at - copied).Append(replacement);
                next = copied = at + length;
            }

            at = next < text.Length ? text.IndexOf('&', next) : -1;
        }

        return result.Append(text, copied, text.Length - copied).ToString();
    }

    private static (int Length, string Text)? Reference(string text, int at)
    {
        if (Numeric(text, at) is { } numeric)
        {
            return numeric;
        }

        var end = at + 1;
        while (end < text.Length && end - at <= LongestName && char.IsAsciiLetterOrDigit(text[end]))
        {
            end++;
        }

        var name = text[(at + 1)..end];
        if (end < text.Length && text[end] == ';' && ByName.TryGetValue(name, out var closed) && closed.IsHtml)
        {
            return (end + 1 - at, closed.Text);
        }

        for (var length = name.Length; length > 1; length--)
        {
            if (ByName.TryGetValue(name[..length], out var bare) && bare.IsBare)
            {
                return (1 + length, bare.Text);
            }
        }

        return null;
    }

    private static (int Length, string Text)? ClosedReference(string text, int at)
    {
        var start = at + 1 < text.Length && text[at + 1] == '#' ? at + 2 : at + 1;
        var end = start;
        while (end < text.Length && end - start < LongestClosedName && char.IsAsciiLetterOrDigit(text[end]))
        {
            end++;
        }

        if (end == start || end == text.Length || text[end] != ';')
        {
            return null;
        }

        var length = end + 1 - at;
        if (start == at + 1)
        {
            return ByName.TryGetValue(text[start..end], out var entity) ? (length, entity.Text) : null;
        }

        return Numeric(text, at) is var (read, character) && read == length && character != ";" ? (length, character) : null;
    }

    /// <summary>A numeric reference with all its digits, and its semicolon if it has one.</summary>
    private static (int Length, string Text)? Numeric(string text, int at)
    {
        if (at + 2 >= text.Length || text[at + 1] != '#')
        {
            return null;
        }

        var isHex = text[at + 2] is 'x' or 'X';
        var start = isHex ? at + 3 : at + 2;
        var end = start;
        var number = 0;
        while (end < text.Length && (isHex ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            number = Math.Min(0x110000, number * (isHex ? 16 : 10) + Digit(text[end]));
            end++;
        }

        if (end == start)
        {
            return null;
        }

        var length = end - at + (end < text.Length && text[end] == ';' ? 1 : 0);
        return (length, Character(number));
    }

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    private static string Character(int number) => number switch
    {
        0 => "\uFFFD",
        '\r' => "\r",
        >= 0x80 and <= 0x9F => CodePage.Windows1252[number].ToString(),
        _ when !Rune.IsValid(number) => "\uFFFD",
        (>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
        _ when (number & 0xFFFE) == 0xFFFE => "",
        _ => char.ConvertFromUtf32(number),
    };

    private static FrozenDictionary<string, Entity> Read()
    {
        var entities = new Dictionary<string, Entity>(StringComparer.Ordinal);
        foreach (var line in Tables.Lines("entities.txt"))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var name = line[..space].TrimEnd('*', '^');
            var texts = line[(space + 1)..].Split('/');
            entities.Add(name, new Entity(Tables.Text(texts[0]), IsBare: line[..space].Contains('*', StringComparison.Ordinal), IsHtml: true));
            if (line[space - 1] == '^')
            {
                entities.Add(name.ToUpperInvariant(), new Entity(Tables.Text(texts[^1]), IsBare: false, IsHtml: false));
            }
        }

        return entities.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
