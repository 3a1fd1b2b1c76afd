using FsCheck;
using FsCheck.Fluent;
using Tastemaker.Core.Imaging.Generation;

namespace Tastemaker.Tests.Core.Imaging.Generation;

public sealed class InfotextTests
{
    /// <summary>The sample in the webui's own documentation of its reader.</summary>
    public const string Documented = """
        girl with an artist's beret, determined, blue eyes, desert scene, computer monitors, heavy makeup, by Alphonse Mucha and Charlie Bowater, ((eyeshadow)), (coquettish), detailed, intricate
        Negative prompt: ugly, fat, obese, chubby, (((deformed))), [blurry], bad anatomy, disfigured, poorly drawn face, mutation, mutated, (extra_limb), (ugly), (poorly drawn hands), messy drawing
        Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 45dee52b
        """;

    private static readonly string[] Fragments =
    [
        "a cat", "Negative prompt:", "Negative prompt: ", "Steps: 20", "Seed: 7", "Size: 512x768", "CFG scale: 7.5", "k: v", "ab: ", "ab:", "aa: aa", "a-b/c d: e", " - xy: 1",
        "Template: {red|blue}", "Lora hashes: \"one: 1a, two: 2b\"", "Hashes: {\"model\": \"1f\"}", "Skip layers: [1, 2, ]", "aa: \"b\\\"c, d\"", "aa: \"b\\q, d\"", "bb: \"\"", "bb: \" x\"",
        "aa: \"\\u00e9\\n\"", "aa: \"", "\\\"", "\\\\", "\"", ",", ", ", ":", ": ", "\n", "\n\n", "\r\n", " ", "\t", "\v", "\u001C", "\u0085", "\u00A0", "\u2028", "\u3000", "/", "-", "_", "é", "e\u0301",
        "日本語", "²", "Ⅷ", "٣", "ـ", "[", "]", "{", "}", "x", "0", "(((deformed)))", "<lora:x:1>", .. NaiveInfotext.Astral,
    ];

    /// <summary>Fragments that set rules off, single characters, and lines that look like settings.</summary>
    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Elements(Fragments),
        Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0x80, 0x24FF)).Select(c => $"{(char)c}"),
        Gen.Elements(Fragments).ListOf(3).Select(parts => $"\nab: {string.Join(", cd: ", parts)}")).ListOf().Select(string.Concat);

    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(20, 3);

    [Fact]
    public void The_webui_s_own_sample_is_read()
    {
        var infotext = Infotext.Parse(Documented);

        Assert.StartsWith("girl with an artist's beret, determined", infotext.Prompt, StringComparison.Ordinal);
        Assert.EndsWith("(coquettish), detailed, intricate", infotext.Prompt, StringComparison.Ordinal);
        Assert.StartsWith("ugly, fat, obese, chubby, (((deformed))), [blurry]", infotext.NegativePrompt, StringComparison.Ordinal);
        Assert.Equal(
            [("Steps", "20"), ("Sampler", "Euler a"), ("CFG scale", "7"), ("Seed", "965400086"), ("Size", "512x512"), ("Model hash", "45dee52b")],
            infotext.Settings.Select(s => (s.Key, s.Value)));
        Assert.Equal(Documented, infotext.ToString());
    }

    [Fact]
    public void Fields_are_those_of_the_webui_with_its_defaults()
    {
        var fields = Infotext.Parse(Documented + ", Hypernet: ke-ta, Hypernet strength: 0.5, Hires resize: 1024x768, Seed: 8").Fields();

        Assert.Equal(("512", "512", "1024", "768"), (fields["Size-1"], fields["Size-2"], fields["Hires resize-1"], fields["Hires resize-2"]));
        Assert.EndsWith("intricate<hypernet:ke-ta:0.5>", fields["Prompt"], StringComparison.Ordinal);
        Assert.Equal("8", fields["Seed"]);
        Assert.Equal(
            ["1", "Use same sampler", "Use same checkpoint", "Inpaint masked", "original", "Whole picture", "32", "GPU", "Automatic", "0", "0", "0", "Full", "Full", "Disable"],
            new[]
            {
                "Clip skip", "Hires sampler", "Hires checkpoint", "Mask mode", "Masked content", "Inpaint area", "Masked area padding", "RNG", "Schedule type",
                "Schedule max sigma", "Schedule min sigma", "Schedule rho", "VAE Encoder", "VAE Decoder", "FP8 weight",
            }.Select(name => fields[name]));
        Assert.False(fields.ContainsKey("Size"));
    }

    [Theory]
    [InlineData("a cat", "a cat", "")]
    [InlineData("a cat\nSteps: 20, Seed: 7", "a cat\nSteps: 20, Seed: 7", "")]
    [InlineData("a cat\n  on a mat \nNegative prompt: dog\n\n bird\nNegative prompt: fish", "a cat\non a mat", "dog\n\nbird\nfish")]
    [InlineData("", "", "")]
    [InlineData("1girl, solo, score: 9, rating: safe", "1girl, solo, score: 9, rating: safe", "")]
    public void With_fewer_than_three_settings_the_last_line_is_part_of_the_prompt(string text, string prompt, string negative)
    {
        var infotext = Infotext.Parse(text);

        Assert.Equal((prompt, negative), (infotext.Prompt, infotext.NegativePrompt));
        Assert.Empty(infotext.Settings);
    }

    [Fact]
    public void Values_are_quoted_as_Python_does_where_they_have_commas_colons_or_line_breaks()
    {
        var infotext = new Infotext("p", "n",
        [
            new("Steps", "20"), new("Lora hashes", "one: 1a, two: 2b"), new("Wildcard", "a\nb\t\"c\"\\é\u0001"), new("Sampler", "DPM++ 2M \"x\""), new("Empty", ""),
            new("Tiling", "Tiling"),
        ]);

        Assert.Equal(
            "p\nNegative prompt: n\nSteps: 20, Lora hashes: \"one: 1a, two: 2b\", Wildcard: \"a\\nb\\t\\\"c\\\"\\\\é\\u0001\", Sampler: DPM++ 2M \"x\", Empty: , Tiling: Tiling",
            infotext.ToString());
        Assert.Equal(infotext, Infotext.Parse(infotext.ToString()));
    }

    [Theory]
    [InlineData("a\n\nNegative prompt:")]
    [InlineData("Steps: 1, Seed: 2, Size: 3x3\nNegative prompt:")]
    [InlineData("a\nNegative prompt: b\n\nNegative prompt:")]
    [InlineData("a\nNegative prompt:\nx, Steps: 3, Seed: 5")]
    [InlineData("a\nNegative prompt: x\nNegative prompt: \"a, Steps: 1, Seed: 2, Size: 3\"")]
    [InlineData("a\nNegative prompt: b\nNegative prompt: Negative prompt: c")]
    [InlineData("a\naa: \"b, cc: \", dd: e, ff: g")]
    public void What_is_hard_to_write_again_is_read_the_same_again(string text)
    {
        var infotext = Infotext.Parse(text);

        Assert.Equal(infotext, Infotext.Parse(infotext.ToString()));
    }

    [Fact]
    public void Any_text_is_read_as_the_webui_reads_it() => Holds(AnyText, text =>
    {
        var (prompt, negative, settings) = NaiveInfotext.Parse(text);

        var infotext = Infotext.Parse(text);

        Assert.Equal((prompt, negative), (infotext.Prompt, infotext.NegativePrompt));
        Assert.Equal(settings, infotext.Settings);
        var fields = infotext.Fields();
        Assert.All(NaiveInfotext.Fields(settings), field => Assert.Equal(field.Value, field.Key == "Prompt" ? fields[field.Key].Split("<hypernet:")[0] : fields[field.Key]));
    });

    [Fact]
    public void Any_text_that_was_read_is_written_and_read_again_the_same() => Holds(AnyText, text =>
    {
        var infotext = Infotext.Parse(text);

        Assert.Equal(infotext, Infotext.Parse(infotext.ToString()));
    });

    [Fact]
    public void Any_values_of_settings_are_written_and_read_again_the_same() => Holds(Gen.Elements(Fragments).ListOf(3).Select(string.Concat).ListOf(4), values =>
    {
        var infotext = new Infotext("a prompt", "", [.. values.Index().Select(v => new KeyValuePair<string, string>($"Key {v.Index}", v.Item))]);

        Assert.Equal(infotext, Infotext.Parse(infotext.ToString()));
    });

    [Theory]
    [InlineData("aa: \"\\\\")]
    [InlineData("aa: \"\\\", ")]
    [InlineData("aa: [, ")]
    [InlineData("aa: {\"b\": ")]
    [InlineData("a ")]
    [InlineData("\\")]
    [InlineData("Template:\n")]
    [InlineData("\nNegative prompt:")]
    [InlineData(", SDCPP: {")]
    public async Task A_megabyte_made_to_be_slow_is_read_in_one_pass(string part)
    {
        var text = $"a\n{string.Concat(Enumerable.Repeat(part, (1 << 20) / part.Length))}";

        var reading = Task.Run(() => (Infotext.Parse(text), Infotext.Parse(Infotext.Parse(text).ToString()), InfotextDialects.Read(text)));

        // Takes under a second; a reader that starts over at every part takes hours.
        var (once, again, loose) = await reading.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal(once, again);
        Assert.StartsWith("a", loose.Prompt, StringComparison.Ordinal);
    }

    private static void Holds<T>(Gen<T> values, Action<T> property) => Prop.ForAll(values.ToArbitrary(), property).Check(Often);
}
