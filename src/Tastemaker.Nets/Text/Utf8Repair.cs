using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// UTF-8 that went through programs which did not know it for UTF-8. Byte strings are strings of characters up to U+00FF.
/// Follows <c>restore_byte_a0</c>, <c>replace_lossy_sequences</c> and the codec <c>utf-8-variants</c> of ftfy 6.3.1.
/// </summary>
internal static class Utf8Repair
{
    private static readonly CharSet Space = CharSet.Of(" ");
    private static readonly CharSet Continuation = CharSet.Of("\u0080-\u00BF");

    /// <summary>Without A0, which is what a space stands for, and without 85, an ellipsis in Windows-1252.</summary>
    private static readonly CharSet PlainContinuation = Continuation - CharSet.Of("\u0085\u00A0");

    /// <summary>Sequences that would be UTF-8 if their space were A0, a no-break space; only for leads of likely letters.</summary>
    private static readonly Sequences Spaced = new(
        [CharSet.Of("\u00C2\u00C3\u00C5\u00CE\u00D0\u00D9"), Space],
        [CharSet.Of("\u00E2\u00E3"), Space, PlainContinuation],
        [CharSet.Of("\u00E0-\u00E3"), PlainContinuation, Space],
        [CharSet.Of("\u00F0"), Space, Continuation, Continuation],
        [CharSet.Of("\u00F0"), Continuation, Space, Continuation],
        [CharSet.Of("\u00F0"), Continuation, Continuation, Space]);

    private static readonly CharSet Lost = CharSet.Of("\u001A");
    private static readonly CharSet Mark = CharSet.Of("\u001A?");
    private static readonly CharSet LostOrKept = Lost | Continuation;
    private static readonly CharSet MarkOrKept = Mark | Continuation;
    private static readonly CharSet Lead3 = CharSet.Of("\u00E0-\u00EF");
    private static readonly CharSet Lead4 = CharSet.Of("\u00F0-\u00F4");
    private static readonly CharSet SurrogateLead = CharSet.Of("\u00ED");
    private static readonly CharSet High = CharSet.Of("\u00A0-\u00AF");
    private static readonly CharSet Low = CharSet.Of("\u00B0-\u00BF");

    /// <summary>UTF-8 and CESU-8 of which continuation bytes were lost (1A), one of them perhaps to a question mark.</summary>
    private static readonly Sequences Lossy = new(
        [CharSet.Of("\u00C2-\u00DF"), Lost],
        [CharSet.Of("\u00C2\u00C3"), CharSet.Of("?")],
        [SurrogateLead, High, Mark, SurrogateLead, Low, MarkOrKept],
        [SurrogateLead, High, MarkOrKept, SurrogateLead, Low, Mark],
        [Lead3, Mark, LostOrKept],
        [Lead3, LostOrKept, Mark],
        [Lead4, Mark, LostOrKept, LostOrKept],
        [Lead4, LostOrKept, Mark, LostOrKept],
        [Lead4, LostOrKept, LostOrKept, Mark],
        [Lost]);

    /// <summary>Bytes that begin a word which à joins in Portuguese; before others à stands alone.</summary>
    private static readonly string[] JoinedAfterGrave = [" ", "quele", "quela", "quilo", "s "];

    /// <summary>Puts A0 back where a program took it for a space.</summary>
    public static string RestoreNoBreakSpaces(string bytes) =>
        Spaced.OccurIn(bytes) ? Spaced.Replace(SeparateGrave(bytes), match => match.Replace(' ', '\u00A0')) : bytes;

    /// <summary>Turns sequences with lost bytes into the UTF-8 of U+FFFD.</summary>
    public static string ReplaceLossySequences(string bytes) => Lossy.Replace(bytes, static _ => "\u00EF\u00BF\u00BD");

    /// <summary>Strict UTF-8, and besides CESU-8's six-byte pairs and Java's C0 80 for U+0000.</summary>
    public static bool TryDecode(string bytes, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var raw = Encoding.Latin1.GetBytes(bytes);
        var result = new StringBuilder(raw.Length);
        for (var rest = raw.AsSpan(); rest.Length > 0;)
        {
            // The reference lets a final line feed pass for 80 here, so that "C0 0A" at the end is U+0000.
            if (rest is [0xC0, 0x80, ..] or [0xC0, 0x0A])
            {
                result.Append('\0');
                rest = rest[2..];
            }
            else if (IsSurrogatePair(rest))
            {
                result.Append((char)(0xD000 | (rest[1] & 0x3F) << 6 | rest[2] & 0x3F));
                result.Append((char)(0xD000 | (rest[4] & 0x3F) << 6 | rest[5] & 0x3F));
                rest = rest[6..];
            }
            else if (Rune.DecodeFromUtf8(rest, out var rune, out var consumed) == System.Buffers.OperationStatus.Done)
            {
                result.Append(rune.ToString());
                rest = rest[consumed..];
            }
            else
            {
                return false;
            }
        }

        text = result.ToString();
        return true;
    }

    private static bool IsSurrogatePair(ReadOnlySpan<byte> bytes) =>
        bytes is [0xED, >= 0xA0 and <= 0xAF, >= 0x80 and <= 0xBF, 0xED, >= 0xB0 and <= 0xBF, >= 0x80 and <= 0xBF, ..];

    private static string SeparateGrave(string bytes)
    {
        var result = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            result.Append(bytes[i]);
            if (bytes[i] == '\u00C3' && i + 1 < bytes.Length && bytes[i + 1] == ' ' && !IsJoined(bytes, i + 2))
            {
                result.Append('\u00A0');
            }
        }

        return result.ToString();
    }

    private static bool IsJoined(string bytes, int at) =>
        JoinedAfterGrave.Any(word => string.CompareOrdinal(bytes, at, word, 0, word.Length) == 0);
}
