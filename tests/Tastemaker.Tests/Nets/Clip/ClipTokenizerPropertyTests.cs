using FsCheck;
using FsCheck.Fluent;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Text;

namespace Tastemaker.Tests.Nets.Clip;

/// <summary>What holds for every text: drawn from single characters of all kinds, and from fragments that set repairs off.</summary>
public sealed class ClipTokenizerPropertyTests
{
    private static readonly string[] Fragments =
    [
        "a cat", "it's", "'ſ", "ΑΣ", "İ", "e\u0301", "각", "각", "ﬁ", "ＡＢ", "ｶﾞ", "“”", "’s", "Ã©", "Ã ", "â€™", "Â", "вЂ™", "√©", "â\u0080\u0099",
        "ðŸ˜€", "í\u00A0½í¸\u0080", "à", "\u0085", "\uFFFD", "😀", "\uD83D", "\uDE00", "\u001B[31m", "\u001A", "\0", "\uFEFF",
        "&amp;", "&amp", "&eacute;", "&NTILDE;", "&#233;", "&#x1F600;", "&#xD800;", "&#", "<|endoftext|>", "<", "</w>", " ", "\u00A0", "\u3000", "\t",
    ];

    private static readonly string[] LineBreaks = ["\n", "\r", "\r\n", "\u2028"];

    private static readonly Gen<string> OneLine = TextOf(Fragments, c => c is not ('\r' or '\n' or '\u2028' or '\u2029' or '<' or '&'));

    private static readonly Gen<string> AnyText = TextOf([.. Fragments, .. LineBreaks], _ => true);

    private static readonly ClipTokenizer Tokenizer =
        ClipTokenizer.FromBpe(File.ReadAllBytes(Path.Combine(Goldens.Own, "tokenizer_tiny", "bpe_tiny.txt.gz")));

    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20, 3);

    [Fact]
    public void Every_text_has_tokens_of_the_vocabulary() =>
        Holds(AnyText, text => Assert.All(Tokenizer.Encode(text), id => Assert.InRange(id, 0, Tokenizer.VocabularySize - 1)));

    [Fact]
    public void Tokens_spell_the_cleaned_text_but_for_its_spaces() =>
        Holds(AnyText, text => Assert.Equal(WithoutSpaces(ClipTokenizer.Clean(text)), WithoutSpaces(Tokenizer.Decode(Tokenizer.Encode(text)))));

    [Fact]
    public void Every_window_has_its_length_a_start_and_an_end() => Holds(AnyText, text =>
    {
        var row = Tokenizer.Window(text, TokenWindow.StableDiffusion1);
        Assert.Equal((77, 998L, 999L), (row.Length, row[0], row[^1]));
    });

    [Fact]
    public void A_repaired_line_needs_no_more_repair() => Holds(OneLine, text =>
    {
        var repaired = TextRepair.Fix(text);
        Assert.Equal(repaired, TextRepair.Fix(repaired));
    });

    [Fact]
    public void Cleaned_text_has_single_spaces_and_no_lone_surrogates() => Holds(AnyText, text =>
    {
        var clean = ClipTokenizer.Clean(text);
        Assert.Equal(string.Join(' ', clean.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), clean);
        Assert.Equal(string.Concat(clean.EnumerateRunes()), clean);
    });

    private static void Holds(Gen<string> texts, Action<string> property) => Prop.ForAll(texts.ToArbitrary(), property).Check(Often);

    private static string WithoutSpaces(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    private static Gen<string> TextOf(string[] fragments, Func<char, bool> mayHave)
    {
        var character = Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0x80, 0x17F), Gen.Choose(0x180, 0xFFFF)).Select(c => (char)c).Where(mayHave);
        var part = Gen.OneOf(Gen.Elements(fragments.Where(fragment => fragment.All(mayHave))), character.Select(c => c.ToString()));
        return part.ListOf().Select(string.Concat);
    }
}
