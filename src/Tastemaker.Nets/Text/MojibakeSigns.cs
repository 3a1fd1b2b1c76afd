using System.Globalization;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// Whether a text looks as if it were UTF-8 that was read in a single-byte encoding.
/// Some four hundred characters occur in such text; they fall into categories, and what gives mojibake away is which categories
/// stand side by side. Follows the heuristic <c>ftfy.badness</c> of ftfy 6.3.1.
/// </summary>
internal static class MojibakeSigns
{
    private static readonly CharSet Small = CharSet.Of("a-z");
    private static readonly CharSet Latin = CharSet.Of("a-zA-Z");
    private static readonly CharSet Space = CharSet.Of(" ");
    private static readonly CharSet WhiteSpace = CharSet.Of("\t-\r\u001C-\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000");
    private static readonly CharSet Word = CharSet.Where(rune => Rune.IsLetter(rune) || IsNumber(rune) || rune.Value == '_');
    private static readonly CharSet NotLineFeed = ~CharSet.Of("\n");

    /// <summary>Found in many contexts, so no sign by themselves.</summary>
    private static readonly CharSet Common = CharSet.Of("\u00A0\u00AD·´–—―…’");

    /// <summary>Control characters that have no use any more.</summary>
    private static readonly CharSet C1 = CharSet.Of("\u0080-\u009F");

    /// <summary>Found in hardly anything but mojibake.</summary>
    private static readonly CharSet Bad = CharSet.Of("¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\uFFFDªº");

    private static readonly CharSet Law = CharSet.Of("¶§");
    private static readonly CharSet Currency = CharSet.Of("¢£¥₧€");

    /// <summary>Of the start of a word or sentence; U+F8FF is Apple's logo.</summary>
    private static readonly CharSet Opening = CharSet.Of("¡«¿©΄΅‘‚“„•‹\uF8FF");

    private static readonly CharSet Closing = CharSet.Of("®»˝”›™");
    private static readonly CharSet Numeric = CharSet.Of("²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№");

    /// <summary>Letters that faces are made of, which may stand anywhere.</summary>
    private static readonly CharSet Faces = CharSet.Of("Ò-ÖÙ-Üò-öø-üŐŌŪŲ°");

    private static readonly CharSet UpperAccented = CharSet.Of("À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ");
    private static readonly CharSet LowerAccented = CharSet.Of("ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ");
    private static readonly CharSet Accented = UpperAccented | LowerAccented;
    private static readonly CharSet UpperCommon = CharSet.Of("ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я");
    private static readonly CharSet LowerCommon = CharSet.Of("α-ωάέήίΰа-џ");
    private static readonly CharSet Box = CharSet.Of("│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓");

    private static readonly CharSet Odd = Accented | Box | Opening | Closing | Currency | Numeric | Law;
    private static readonly CharSet Arabic = Common | Currency | Bad | Numeric | Opening | CharSet.Of("ŸŠ®°µ»");
    private static readonly CharSet Between = C1 | Bad | Opening | Closing | Currency | CharSet.Of("°");

    private static readonly Sequences Signs = new(
        [C1],
        [Bad | Odd, Bad],
        [Latin, LowerCommon | UpperCommon, Bad],
        [Bad, Odd],
        [LowerAccented | LowerCommon | Box | Closing | Currency | Numeric, UpperAccented],
        [Box | Closing | Currency | Numeric, LowerAccented],
        [LowerAccented | Box | Closing, Currency],
        [WhiteSpace, UpperAccented, Currency],
        [UpperAccented | Box, Numeric | Law],
        [Accented | Box | Currency | Closing, Opening, Numeric],
        [Accented | Currency | Numeric | Box | Law, Closing, Opening],
        [Currency | Numeric | Box, Opening],
        [Small, UpperAccented, Opening | Currency],
        [Box, Faces],
        [Accented | Currency | Numeric | Opening | Closing | Law, Box],
        [Box, Closing],
        [Accented, Opening | Closing, Word],
        [CharSet.Of("Œœ"), ~Latin],
        [UpperAccented, CharSet.Of("°")],

        // Pairs of Windows-1252.
        [CharSet.Of("ÂÃÎÐ"), Opening | Closing | CharSet.Of("€œŠš¢£Ÿž\u00A0\u00AD®©°·»–—´")],
        [CharSet.Of("×"), CharSet.Of("²³")],
        [CharSet.Of("Ã"), CharSet.Of("\u00A0¡")],
        [CharSet.Of("à"), CharSet.Of("²µ¹¼½¾")],

        // Arabic in Windows-1252, where common characters count, so that two letters are needed.
        [CharSet.Of("ØÙ"), Arabic, CharSet.Of("ØÙ"), Arabic],

        // MacRoman.
        [CharSet.Of("√"), CharSet.Of("±∂†≠®™´≤≥¥µø")],
        [CharSet.Of("≈"), CharSet.Of("°¢")],
        [CharSet.Of("‚"), CharSet.Of("Ä"), CharSet.Of("ìîïòôúùû†°¢π")],
        [CharSet.Of("‚"), CharSet.Of("âó"), CharSet.Of("àä°ê")],

        // Windows-1251: punctuation, letters, and a doubly misread letter beside Latin ones.
        [CharSet.Of("в"), CharSet.Of("Ђ")],
        [CharSet.Of("ВГРС"), Between | CharSet.Of("µ"), CharSet.Of("ВГРС")],
        [CharSet.Of("Г"), CharSet.Of("ў"), CharSet.Of("В"), CharSet.Of("Ђ"), CharSet.Of("В"), NotLineFeed, Latin | Space],

        // À and a no-break space in Windows-1252, of which a plain space was made.
        [Small, CharSet.Of("ÃÂ"), Space],
        [Small, WhiteSpace, CharSet.Of("ÃÂ"), Space],
        [Small | Closing | CharSet.Of(".,?!"), CharSet.Of("Â"), Space | Opening | Closing],

        // Windows-1253 and Windows-1257.
        [CharSet.Of("β"), CharSet.Of("€"), CharSet.Of("™\u00A0Ά\u00AD®°")],
        [CharSet.Of("ΒΓΞΟ"), Between, CharSet.Of("ΒΓΞΟ")],
        [CharSet.Of("ā"), CharSet.Of("€")]);

    public static bool AreIn(string text) => text is ['Ã' or 'Â', ' ', ..] || Signs.OccurIn(text);

    private static bool IsNumber(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
