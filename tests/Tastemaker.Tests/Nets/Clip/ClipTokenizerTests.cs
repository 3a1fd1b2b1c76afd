using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tastemaker.Nets.Clip;

namespace Tastemaker.Tests.Nets.Clip;

[Trait("Kind", "golden")]
public sealed class ClipTokenizerTests
{
    private static readonly string Tiny = Path.Combine(Goldens.Own, "tokenizer_tiny");

    private static readonly ClipTokenizer Tokenizer = Vocabularies(Tiny).First();

    /// <summary>Folders of cases beside a vocabulary, in OpenAI's form or in Hugging Face's.</summary>
    public static TheoryData<string> Folders => [.. Goldens.Folders("cases.json").Where(folder => Vocabularies(folder).Any())];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Tokens_are_those_of_the_reference(string folder)
    {
        foreach (var tokenizer in Vocabularies(folder))
        {
            var cases = Cases(folder);
            Assert.NotEmpty(cases);
            var wrong = cases.Where(c => !tokenizer.Encode(Text(c)).SequenceEqual(Ids(c, "ids").Select(id => (int)id)));
            Assert.Equal([], wrong.Select(Text));
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Cleaned_text_is_that_of_the_reference(string folder)
    {
        var cases = Cases(folder).Where(c => c.TryGetProperty("clean", out _));
        Assert.Equal(cases.Select(c => c.GetProperty("clean").GetString()), cases.Select(c => ClipTokenizer.Clean(Text(c))));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Windows_are_those_of_openai_and_of_both_stable_diffusions(string folder)
    {
        var truncated = TokenWindow.OpenAI with { Overflow = TokenOverflow.Truncate };
        var windows = new Dictionary<string, TokenWindow>
        {
            ["openai_77"] = truncated,
            ["hf77"] = TokenWindow.StableDiffusion1,
            ["hf77_pad_eot"] = TokenWindow.StableDiffusion1,
            ["hf77_pad_bang"] = TokenWindow.StableDiffusion2,
        };
        var tokenizer = Vocabularies(folder).First();
        var checks = 0;
        foreach (var c in Cases(folder))
        {
            foreach (var (name, window) in windows.Where(w => c.TryGetProperty(w.Key, out _)))
            {
                Assert.Equal(Ids(c, name), tokenizer.Window(Text(c), window));
                checks++;
            }

            if (c.TryGetProperty("openai_tokenize_error", out _))
            {
                var error = Assert.Throws<TokenizerException>(() => tokenizer.Window(Text(c), TokenWindow.OpenAI));
                Assert.Equal(Ids(c, "ids").Length + 2, error.Tokens);
            }
        }

        Assert.NotEqual(0, checks);
    }

    [Fact]
    public void Published_vocabulary_gives_the_published_tokens()
    {
        var tokenizer = ClipTokenizer.FromBpe(File.ReadAllBytes(Goldens.UpstreamFile("clip/bpe_simple_vocab_16e6.txt.gz")));
        Assert.Equal((49406, 49407, 49408), (tokenizer.StartToken, tokenizer.EndToken, tokenizer.VocabularySize));
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Goldens.UpstreamFile("clip/golden_tokens_ascii.json")));
        foreach (var text in expected.RootElement.EnumerateObject())
        {
            Assert.Equal(text.Value.EnumerateArray().Select(id => id.GetInt32()), tokenizer.Encode(text.Name));
        }
    }

    [Fact]
    public void Both_forms_of_a_vocabulary_give_the_same_tokenizer()
    {
        var forms = Vocabularies(Tiny).ToList();
        Assert.Equal(2, forms.Count);
        Assert.All(forms, form => Assert.Equal((998, 999, 1000), (form.StartToken, form.EndToken, form.VocabularySize)));
        Assert.All(Enumerable.Range(0, 1000), id => Assert.Equal(forms[0].Decode([id]), forms[1].Decode([id])));
    }

    [Fact]
    public void Special_tokens_in_a_text_are_tokens()
    {
        Assert.Equal([Tokenizer.StartToken, Tokenizer.EndToken], Tokenizer.Encode("<|startoftext|><|ENDOFTEXT|>"));
        Assert.DoesNotContain(Tokenizer.EndToken, Tokenizer.Encode("!<|endoftext|>"));
    }

    [Theory]
    [InlineData("a cat's tail, 42!", "a cat 's tail , 4 2 !")]
    [InlineData("DON'T", "don 't")]
    [InlineData("x'ſ", "x 'ſ")]
    [InlineData("x'ß", "x ' ß")]
    [InlineData("𝔘nicode ½x", "𝔘nicode ½ x")]
    [InlineData("</w> w", "</ w > w")]
    public void Words_are_letters_single_numbers_endings_or_the_rest(string text, string words) =>
        Assert.Equal(words, Tokenizer.Decode(Tokenizer.Encode(text)));

    [Fact]
    public void Tokens_outside_the_vocabulary_have_no_text()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([1000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([-1]));
    }

    [Fact]
    public void Too_long_a_text_says_how_long()
    {
        var error = Assert.Throws<TokenizerException>(() => Tokenizer.Window(Enumerable.Repeat(5, 76).ToArray(), TokenWindow.OpenAI));
        Assert.Equal("the text takes 78 tokens, start and end included; 77 are wanted at most. Shorten it.", error.Message);
        Assert.Equal(78, error.Tokens);
        Assert.Equal(77, Tokenizer.Window(Enumerable.Repeat(5, 75).ToArray(), TokenWindow.OpenAI).Count(id => id != 0));
    }

    [Fact]
    public void A_window_of_another_length_holds_start_and_end_at_least()
    {
        Assert.Equal([998L, 999], Tokenizer.Window("many more words", new TokenWindow { Length = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Window("", new TokenWindow { Length = 1 }));
    }

    [Fact]
    public void One_word_of_400_000_letters_is_encoded()
    {
        var word = string.Concat(Enumerable.Repeat("painting", 50_000));
        Assert.Equal(word, Tokenizer.Decode(Tokenizer.Encode(word)));
    }

    [Theory]
    [InlineData("&amp;")]
    [InlineData("Ã&nbsp;")]
    [InlineData("&")]
    [InlineData("â€")]
    [InlineData("Ã\u0083Â")]
    [InlineData("\u0301\u0323")]
    [InlineData("Σ\u0301")]
    [InlineData("'ſ")]
    [InlineData("<")]
    public void Hostile_repetition_ends(string part) => Assert.NotNull(Tokenizer.Encode(string.Concat(Enumerable.Repeat(part, 50_000))));

    [Fact]
    public void Entities_nested_beyond_reason_end() => Assert.EndsWith("lt;", ClipTokenizer.Clean("&" + string.Concat(Enumerable.Repeat("amp;", 250_000)) + "lt;"));

    [Theory]
    [InlineData("#v\n", "no merges")]
    [InlineData("#v\nab", "merge 1 of the vocabulary has 1 parts")]
    [InlineData("#v\na b c", "merge 1 of the vocabulary has 3 parts")]
    [InlineData("#v\nab c", "no token 'ab'")]
    public void A_vocabulary_of_senseless_merges_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<TokenizerException>(() => ClipTokenizer.FromBpe(Gzip(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_vocabulary_of_one_merge_is_sound() =>
        Assert.Equal([512], ClipTokenizer.FromBpe(Gzip("#v\na b</w>")).Encode("AB"));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\": -1}")]
    [InlineData("{\"a\": 1e9}")]
    [InlineData("{\"a\": \"b\"}")]
    [InlineData("{}")]
    public void A_vocab_json_that_is_none_is_refused(string json) =>
        Assert.Throws<TokenizerException>(() => ClipTokenizer.FromVocab(json, "#version: 0.2\na b"));

    [Fact]
    public void Bytes_that_are_no_vocabulary_are_refused()
    {
        var sound = File.ReadAllBytes(Path.Combine(Tiny, "bpe_tiny.txt.gz"));
        Assert.Throws<TokenizerException>(() => ClipTokenizer.FromBpe(Encoding.UTF8.GetBytes("a b")));
        Assert.Throws<TokenizerException>(() => ClipTokenizer.FromBpe(ReadOnlyMemory<byte>.Empty));
        Assert.Throws<TokenizerException>(() => ClipTokenizer.FromBpe(sound.AsMemory(0, 9)));
        Assert.Contains("unpacks to more than", Assert.Throws<TokenizerException>(() => ClipTokenizer.FromBpe(Gzip(new string('a', 20 << 20)))).Message, StringComparison.Ordinal);
    }

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static IEnumerable<ClipTokenizer> Vocabularies(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "bpe_*.txt.gz"))
        {
            yield return ClipTokenizer.FromBpe(File.ReadAllBytes(file));
        }

        if (File.Exists(Path.Combine(folder, "vocab.json")))
        {
            yield return ClipTokenizer.FromVocab(
                File.ReadAllText(Path.Combine(folder, "vocab.json")), File.ReadAllText(Path.Combine(folder, "merges.txt")));
        }
    }

    private static List<JsonElement> Cases(string folder)
    {
        var root = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")));
        return [.. (root.ValueKind == JsonValueKind.Array ? root : root.GetProperty("cases")).EnumerateArray()];
    }

    private static string Text(JsonElement c) => c.GetProperty("text").GetString()!;

    private static long[] Ids(JsonElement c, string name) => [.. c.GetProperty(name).EnumerateArray().Select(id => id.GetInt64())];
}
