using System.Globalization;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>Lower case with Unicode's two exceptions to one letter for one: İ becomes i and a dot, and Σ at a word's end ς.</summary>
internal static class LetterCase
{
    public static string ToLower(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var units) != System.Buffers.OperationStatus.Done)
            {
                result.Append(text, at, units);
            }
            else
            {
                result.Append(rune.Value switch
                {
                    'İ' => "i\u0307",
                    'Σ' => EndsWord(text, at) ? "ς" : "σ",
                    _ => Rune.ToLowerInvariant(rune).ToString(),
                });
            }

            at += units;
        }

        return result.ToString();
    }

    /// <summary>Whether a cased letter comes before and none after, marks and the like passed over (The Unicode Standard, table 3-17, Final_Sigma).</summary>
    private static bool EndsWord(string text, int sigma)
    {
        var before = sigma;
        var last = default(Rune);
        while (before > 0)
        {
            Rune.DecodeLastFromUtf16(text.AsSpan(0, before), out last, out var units);
            before -= units;
            if (!IsIgnorable(last))
            {
                break;
            }

            last = default;
        }

        return IsCased(last) && !IsCased(FirstNotIgnorable(text.AsSpan(sigma + 1)));
    }

    private static Rune FirstNotIgnorable(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsIgnorable(rune))
            {
                return rune;
            }
        }

        return default;
    }

    private static bool IsIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or '·' or '\u0387' or '՟' or '״' or '‘' or '’'
            or '․' or '‧' or '︓' or '﹒' or '﹕' or '＇' or '．' or '：';

    private static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 'ª' or 'º' or (>= 'Ⅰ' and <= 'ⅿ') or (>= 'Ⓐ' and <= 'ⓩ')
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
