using Tastemaker.Nets.Clip;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Tests.Nets.StableDiffusion;

public sealed class PromptChunksTests
{
    private static readonly ClipTokenizer Tokenizer = ClipTokenizer.FromBpe(File.ReadAllBytes(Path.Combine(Goldens.Own, "tokenizer_tiny", "bpe_tiny.txt.gz")));

    private static readonly int Letter = Assert.Single(Tokenizer.Encode("a"));

    private static readonly int Comma = Assert.Single(Tokenizer.Encode(","));

    [Theory]
    [InlineData("")]
    [InlineData("a boat, by the light")]
    public void A_short_prompt_is_the_row_that_the_checkpoint_was_trained_on(string prompt)
    {
        foreach (var window in new[] { TokenWindow.StableDiffusion1, TokenWindow.StableDiffusion2 })
        {
            var chunk = Assert.Single(Chunks(prompt, window));

            Assert.Equal(Tokenizer.Window(prompt, window), chunk.Tokens);
            Assert.True(chunk.IsPlain);
        }
    }

    [Fact]
    public void Weights_stand_where_their_tokens_do()
    {
        var chunk = Assert.Single(Chunks("a (a a:1.5) [a]"));

        Assert.Equal([1, 1, 1.5f, 1.5f, (float)(1 / 1.1), 1], chunk.Weights.Take(6));
        Assert.All(chunk.Weights.Skip(6), weight => Assert.Equal(1, weight));
        Assert.Equal(77, chunk.Weights.Count);
    }

    [Fact]
    public void A_long_prompt_goes_on_in_the_next_row()
    {
        var chunks = Chunks(string.Join(' ', Enumerable.Repeat("a", 80)));

        Assert.Equal([75, 5], chunks.Select(Text).Select(text => text.Length));
        Assert.All(chunks, chunk => Assert.Equal((Tokenizer.StartToken, Tokenizer.EndToken), (chunk.Tokens[0], chunk.Tokens[76])));
    }

    [Theory]
    [InlineData(60, 61, 19)] // The comma is the 61st token of the first row: what follows it moves on.
    [InlineData(55, 56, 24)]
    [InlineData(54, 75, 5)] // Too far back.
    [InlineData(74, 75, 5)] // The row ends with it.
    public void What_follows_a_late_comma_moves_to_the_next_row(int before, int first, int second)
    {
        var words = Enumerable.Repeat("a", before).Append(",").Concat(Enumerable.Repeat("a", 80 - before - 1));

        var chunks = Chunks(string.Join(' ', words));

        Assert.Equal([first, second], chunks.Select(Text).Select(text => text.Length));
        Assert.Equal(80, chunks.Sum(chunk => Text(chunk).Length));
        Assert.Equal(Comma, Text(chunks[0])[before]);
    }

    [Fact]
    public void A_comma_that_does_not_fit_moves_alone()
    {
        var chunks = Chunks(string.Join(' ', Enumerable.Repeat("a", 70).Append(",").Concat(Enumerable.Repeat("a", 4)).Append(",")));

        Assert.Equal([75, 1], chunks.Select(Text).Select(text => text.Length));
    }

    [Fact]
    public void BREAK_begins_a_row()
    {
        var chunks = Chunks("a a BREAK a");

        Assert.Equal<long[]>([[Letter, Letter], [Letter]], chunks.Select(Text));
    }

    [Fact]
    public void A_prompt_of_too_many_rows_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Chunks(string.Concat(Enumerable.Repeat("a BREAK ", 70))));

        Assert.Equal("the prompt takes more than 64 chunks of 75 tokens; fewer are wanted. Shorten it.", error.Message);
    }

    [Fact]
    public void Emphasis_multiplies_tokens_and_restores_the_mean()
    {
        var chunk = new PromptChunk([0, 1, 2], [1, 2, 1]);
        float[] conditioning = [1, 3, 2, 0, 1, 1];

        chunk.Emphasize(conditioning);

        // Doubled in the middle row the sum is 10 instead of 8.
        Assert.Equal([0.8f, 2.4f, 3.2f, 0, 0.8f, 0.8f], conditioning.Select(x => MathF.Round(x, 5)));
    }

    [Fact]
    public void Plain_conditioning_stays_as_it_is_to_the_bit_and_a_mean_of_nothing_is_left_alone()
    {
        float[] plain = [0.1f, 0.2f, 0.3f, 0.7f];
        float[] zero = [1, -1, 0, 0];

        new PromptChunk([0, 1], [1, 1]).Emphasize(plain);
        new PromptChunk([0, 1], [2, 1]).Emphasize(zero);

        Assert.Equal([0.1f, 0.2f, 0.3f, 0.7f], plain);
        Assert.Equal([2, -2, 0, 0], zero);
    }

    private static IReadOnlyList<PromptChunk> Chunks(string prompt, TokenWindow? window = null) =>
        PromptChunks.Of(PromptEmphasis.Parse(prompt), Tokenizer, window ?? TokenWindow.StableDiffusion1);

    /// <summary>The tokens between start and the first end.</summary>
    private static long[] Text(PromptChunk chunk) => [.. chunk.Tokens.Skip(1).TakeWhile(token => token != Tokenizer.EndToken)];
}
