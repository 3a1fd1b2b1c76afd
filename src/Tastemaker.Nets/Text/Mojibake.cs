using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// Takes back the reading of UTF-8 in a single-byte encoding, as often as it was done. Follows <c>ftfy.fix_encoding</c> of ftfy 6.3.1.
/// </summary>
internal static class Mojibake
{
    // What the bytes of UTF-8 look like in the encodings that resemble Latin-1.
    private static readonly CharSet First2 = Reading(0xC2, 0xDF);
    private static readonly CharSet First3 = Reading(0xE0, 0xEF);
    private static readonly CharSet First4 = Reading(0xF0, 0xF0) | Reading(0xF3, 0xF3);
    private static readonly CharSet Continuation = Reading(0x80, 0xBF) | CharSet.Of("\u0080-\u00BF ");

    /// <summary>Without those that stand for themselves beside mojibake.</summary>
    private static readonly CharSet StrictContinuation = Continuation - CharSet.Of(" –—―‘’‚“”„•…");

    private static readonly Sequences Utf8Like = new(
        [First2, Continuation],
        [First3, Continuation, Continuation],
        [First4, Continuation, Continuation, Continuation]);

    /// <param name="work">Spent by the characters that are looked at.</param>
    public static string Fix(string text, Work work)
    {
        while (work.Allows(text.Length))
        {
            var @fixed = FixOnce(text, work);
            if (@fixed == text)
            {
                break;
            }

            text = @fixed;
        }

        return text;
    }

    /// <summary>C1 controls as Windows-1252 has them, which is how browsers read them.</summary>
    public static string ReadControlsAsWindows1252(string text) =>
        text.AsSpan().ContainsAnyInRange('\u0080', '\u009F')
            ? string.Create(text.Length, text, static (into, from) =>
            {
                for (var i = 0; i < into.Length; i++)
                {
                    into[i] = from[i] is >= '\u0080' and <= '\u009F' ? CodePage.Windows1252[from[i]] : from[i];
                }
            })
            : text;

    private static string FixOnce(string text, Work work)
    {
        if (Ascii.IsValid(text) || !MojibakeSigns.AreIn(text))
        {
            return text;
        }

        foreach (var page in CodePage.Candidates)
        {
            if (page.Encode(text) is { } bytes && TryReadUtf8(bytes, page) is { } utf8)
            {
                return utf8;
            }
        }

        var embedded = FixEmbedded(text, work);
        if (embedded != text)
        {
            return embedded;
        }

        // What remains of C1 controls is Windows-1252 that was read as Latin-1.
        return ReadControlsAsWindows1252(text);
    }

    private static string? TryReadUtf8(string bytes, CodePage page)
    {
        if (page != CodePage.MacRoman)
        {
            bytes = Utf8Repair.RestoreNoBreakSpaces(bytes);
        }

        if (page.IsSloppy)
        {
            bytes = Utf8Repair.ReplaceLossySequences(bytes);
        }

        return Utf8Repair.TryDecode(bytes, out var text) ? text : null;
    }

    /// <summary>Runs of what looks like UTF-8 amid other text, each fixed by itself. They are shorter than the text, so this ends.</summary>
    private static string FixEmbedded(string text, Work work)
    {
        var result = new StringBuilder(text.Length);
        var copied = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var isInside = at > 0 && StrictContinuation.Contains(text[at - 1]);
            var length = isInside ? 0 : RunAt(text, at);
            if (length == text.Length)
            {
                return text;
            }

            if (length == 0)
            {
                continue;
            }

            var run = text.Substring(at, length);
            if (MojibakeSigns.AreIn(run))
            {
                result.Append(text, copied, at - copied).Append(work.Deeper(() => Fix(run, work), run));
                copied = at + length;
            }

            at += length - 1;
        }

        return result.Append(text, copied, text.Length - copied).ToString();
    }

    private static int RunAt(string text, int start)
    {
        var at = start;
        while (at < text.Length && Utf8Like.LengthAt(text, at) is > 0 and var length)
        {
            at += length;
        }

        return at - start;
    }

    private static CharSet Reading(int firstByte, int lastByte) =>
        CharSet.Of(string.Concat(
            from page in CodePage.Candidates.Take(7)
            from b in Enumerable.Range(firstByte, lastByte - firstByte + 1)
            select page[b]));
}
