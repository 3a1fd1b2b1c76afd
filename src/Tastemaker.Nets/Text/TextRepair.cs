using System.Collections.Frozen;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// Repairs text as CLIP's tokenizer was trained to see it: mojibake, HTML entities, ligatures, character widths, curly quotes, line
/// breaks, surrogates, terminal escapes, control characters, normalization. Follows <c>ftfy.fix_text</c> of ftfy 6.3.1 with its defaults.
/// </summary>
internal static class TextRepair
{
    /// <summary>Code points that are repaired together; lines are always apart.</summary>
    private const int LongestSegment = 1_000_000;

    private static readonly FrozenDictionary<char, string> Ligatures = new Dictionary<char, string>
    {
        ['Ĳ'] = "IJ",
        ['ĳ'] = "ij",
        ['ŉ'] = "ʼn",
        ['Ǳ'] = "DZ",
        ['ǲ'] = "Dz",
        ['ǳ'] = "dz",
        ['Ǆ'] = "DŽ",
        ['ǅ'] = "Dž",
        ['ǆ'] = "dž",
        ['Ǉ'] = "LJ",
        ['ǈ'] = "Lj",
        ['ǉ'] = "lj",
        ['Ǌ'] = "NJ",
        ['ǋ'] = "Nj",
        ['ǌ'] = "nj",
        ['ﬀ'] = "ff",
        ['ﬁ'] = "fi",
        ['ﬂ'] = "fl",
        ['ﬃ'] = "ffi",
        ['ﬄ'] = "ffl",
        ['ﬅ'] = "ſt",
        ['ﬆ'] = "st",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<char, string> Widths = Tables.Section("unicode.txt", "widths")
        .Select(line => line.Split(' ', 2))
        .ToFrozenDictionary(entry => (char)Tables.Hex(entry[0]), entry => Tables.Text(entry[1]));

    public static string Fix(string text)
    {
        var work = new Work(text.Length);
        var result = new StringBuilder(text.Length);
        var mayBeEscaped = true;
        for (var start = 0; start < text.Length;)
        {
            var segment = text[start..SegmentEnd(text, start)];

            // Angle brackets make it HTML, whose entities are meant; so they are in all that follows.
            mayBeEscaped &= !segment.Contains('<', StringComparison.Ordinal);
            result.Append(FixSegment(segment, mayBeEscaped, work));
            start += segment.Length;
        }

        return result.ToString();
    }

    private static int SegmentEnd(string text, int start)
    {
        var line = text.IndexOf('\n', start) + 1;
        var end = line == 0 ? text.Length : line;
        if (end - start <= LongestSegment)
        {
            return end;
        }

        var at = start;
        for (var points = 0; points < LongestSegment && at < end; points++)
        {
            at += char.IsHighSurrogate(text[at]) && at + 1 < end && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        }

        return at;
    }

    private static string FixSegment(string text, bool mayBeEscaped, Work work)
    {
        while (work.Allows(text.Length))
        {
            var original = text;
            if (mayBeEscaped)
            {
                text = HtmlEntities.UnescapeClosed(text);
            }

            text = Mojibake.Fix(text, work);
            text = Mojibake.ReadControlsAsWindows1252(text);
            text = Exchange(text, Ligatures);
            text = Exchange(text, Widths);
            text = FixQuotes(text);
            text = FixLineBreaks(text);
            text = FixSurrogates(text);
            text = RemoveTerminalEscapes(text);
            text = RemoveControls(text);
            text = Normalization.ToNfc(text);
            if (text == original)
            {
                break;
            }
        }

        return text;
    }

    private static string Exchange(string text, FrozenDictionary<char, string> exchanges)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = exchanges.TryGetValue(c, out var other) ? result.Append(other) : result.Append(c);
        }

        return result.ToString();
    }

    private static string FixQuotes(string text) => Map(text, static c => c switch
    {
        '\u02BC' or (>= '\u2018' and <= '\u201B') => '\'',
        >= '\u201C' and <= '\u201F' => '"',
        _ => c,
    });

    private static string FixLineBreaks(string text) =>
        Map(text.Replace("\r\n", "\n", StringComparison.Ordinal), static c => c is '\r' or '\u2028' or '\u2029' or '\u0085' ? '\n' : c);

    private static string FixSurrogates(string text)
    {
        StringBuilder? result = null;
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(text[at]))
            {
                result ??= new StringBuilder(text);
                result[at] = '\uFFFD';
            }
        }

        return result?.ToString() ?? text;
    }

    /// <summary>ANSI sequences: escape, bracket, numbers with semicolons, a letter.</summary>
    private static string RemoveTerminalEscapes(string text)
    {
        if (!text.Contains('\u001B', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (EscapeAt(text, at) is > 0 and var length)
            {
                at += length - 1;
            }
            else
            {
                result.Append(text[at]);
            }
        }

        return result.ToString();
    }

    private static int EscapeAt(string text, int start)
    {
        if (!text.AsSpan(start).StartsWith("\u001B["))
        {
            return 0;
        }

        var at = start + 2;
        while (at < text.Length && Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var units) == System.Buffers.OperationStatus.Done
            && (rune.Value == ';' || Rune.IsDigit(rune)))
        {
            at += units;
        }

        return at < text.Length && char.IsAsciiLetter(text[at]) ? at + 1 - start : 0;
    }

    /// <summary>Leaves white space, C1 (a clue to mojibake), directions and joiners.</summary>
    private static string RemoveControls(string text) => text.Any(IsRemoved) ? string.Concat(text.Where(c => !IsRemoved(c))) : text;

    private static bool IsRemoved(char c) =>
        c is <= '\b' or '\v' or (>= '\u000E' and <= '\u001F') or '\u007F'
            or (>= '\u206A' and <= '\u206F') or '\uFEFF' or (>= '\uFFF9' and <= '\uFFFC');

    private static string Map(string text, Func<char, char> map) => string.Create(text.Length, (text, map), static (into, state) =>
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = state.map(state.text[i]);
        }
    });
}
