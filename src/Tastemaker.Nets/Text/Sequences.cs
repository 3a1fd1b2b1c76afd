using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// Alternatives, each a sequence of character sets; the first that fits wins, as in a regular expression without repetition.
/// A set takes one code point, so a surrogate pair counts once.
/// </summary>
internal sealed class Sequences
{
    private readonly CharSet[][] _alternatives;
    private readonly CharSet _first;

    public Sequences(params CharSet[][] alternatives)
    {
        _alternatives = alternatives;
        _first = alternatives.Select(sequence => sequence[0]).Aggregate((a, b) => a | b);
    }

    public bool OccurIn(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (LengthAt(text, at) > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many UTF-16 units the first fitting alternative takes at <paramref name="at"/>; 0 where none fits.</summary>
    public int LengthAt(ReadOnlySpan<char> text, int at)
    {
        if (!_first.Contains(CodePointAt(text, at, out _)))
        {
            return 0;
        }

        foreach (var sequence in _alternatives)
        {
            if (LengthOf(sequence, text, at) is > 0 and var length)
            {
                return length;
            }
        }

        return 0;
    }

    /// <summary>The text with every occurrence, from the left and without overlap, exchanged.</summary>
    public string Replace(string text, Func<string, string> exchange)
    {
        StringBuilder? result = null;
        var copied = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (LengthAt(text, at) is > 0 and var length)
            {
                result ??= new StringBuilder(text.Length);
                result.Append(text, copied, at - copied).Append(exchange(text.Substring(at, length)));
                copied = at + length;
                at = copied - 1;
            }
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    private static int LengthOf(CharSet[] sequence, ReadOnlySpan<char> text, int start)
    {
        var at = start;
        foreach (var set in sequence)
        {
            if (at >= text.Length || !set.Contains(CodePointAt(text, at, out var units)))
            {
                return 0;
            }

            at += units;
        }

        return at - start;
    }

    private static int CodePointAt(ReadOnlySpan<char> text, int at, out int units)
    {
        var paired = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
        units = paired ? 2 : 1;
        return paired ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
    }
}
