using System.Text;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// The last line of an infotext, read in one pass as <c>findall</c> does with
/// <c>\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)</c> (AUTOMATIC1111/stable-diffusion-webui, modules/infotext_utils.py).
/// </summary>
internal static class SettingsLine
{
    /// <summary>A line with fewer settings than this is none, but the end of a prompt.</summary>
    public const int Fewest = 3;

    /// <param name="wholeBrackets">
    /// Reads a value that begins with a bracket up to its closing one, commas and all, as some writers forget to quote lists and JSON.
    /// </param>
    public static List<KeyValuePair<string, string>> Read(ReadOnlySpan<char> line, bool wholeBrackets = false)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var at = 0;
        while (NextKey(line, at) is var (keyStart, keyEnd))
        {
            var start = keyEnd + 1;
            while (start < line.Length && PythonText.IsSpace(line[start]))
            {
                start++;
            }

            var end = ClosingQuote(line, start);
            if (end < 0 && wholeBrackets && start < line.Length && line[start] is '[' or '{')
            {
                // A bracket that stays open would be looked for again from every later setting.
                end = ClosingBracket(line, start);
                wholeBrackets = end >= 0;
            }

            if (end < 0)
            {
                var comma = line[start..].IndexOf(',');
                end = comma < 0 ? line.Length : start + comma;
            }

            var value = line[start..end];
            settings.Add(new(line[keyStart..keyEnd].ToString(), PythonText.Unquote(value) ?? value.ToString()));
            at = Math.Min(end + 1, line.Length);
        }

        return settings;
    }

    /// <summary>
    /// The value as it is written: quoted where the webui's writer quotes (a comma, a colon, a line break), and where the reader would
    /// not give the same value back without quotes.
    /// </summary>
    public static string Write(string value) =>
        value.AsSpan().ContainsAny(',', ':', '\n') || value.StartsWith('"') || PythonText.Strip(value).Length != value.Length
            ? PythonText.Quote(value)
            : value;

    /// <summary>
    /// The next run of a word character and at least one more of words, spaces, hyphens and slashes before a colon.
    /// </summary>
    private static (int Start, int End)? NextKey(ReadOnlySpan<char> line, int from)
    {
        var (start, characters) = (-1, 0);
        for (var i = from; i < line.Length;)
        {
            var length = 1;
            var isWord = line[i] < 0x80 ? char.IsAsciiLetterOrDigit(line[i]) || line[i] == '_' : IsWord(line[i..], out length);
            if (isWord || (start >= 0 && line[i] is ' ' or '-' or '/'))
            {
                start = start < 0 ? i : start;
                characters++;
            }
            else if (line[i] == ':' && characters >= 2)
            {
                return (start, i);
            }
            else
            {
                (start, characters) = (-1, 0);
            }

            i += length;
        }

        return null;
    }

    private static bool IsWord(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        return PythonText.IsWord(rune);
    }

    /// <summary>Behind the quoted value that begins here and ends before a comma or the end; -1 where none does.</summary>
    private static int ClosingQuote(ReadOnlySpan<char> line, int start)
    {
        if (start >= line.Length || line[start] != '"')
        {
            return -1;
        }

        for (var i = start + 1; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                i++;
            }
            else if (line[i] == '"')
            {
                return i > start + 1 && EndsValue(line, i + 1) ? i + 1 : -1;
            }
        }

        return -1;
    }

    /// <summary>Behind the bracketed value that begins here and ends before a comma or the end; -1 where none does.</summary>
    private static int ClosingBracket(ReadOnlySpan<char> line, int start)
    {
        var (depth, isString) = (0, false);
        for (var i = start; i < line.Length; i++)
        {
            if (isString && line[i] == '\\')
            {
                i++;
            }
            else if (line[i] == '"')
            {
                isString = !isString;
            }
            else if (!isString)
            {
                depth += line[i] is '[' or '{' ? 1 : line[i] is ']' or '}' ? -1 : 0;
            }

            if (depth == 0)
            {
                return EndsValue(line, i + 1) ? i + 1 : -1;
            }
        }

        return -1;
    }

    private static bool EndsValue(ReadOnlySpan<char> line, int at) => at == line.Length || line[at] == ',';
}
