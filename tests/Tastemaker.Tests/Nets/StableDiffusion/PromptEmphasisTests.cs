using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Tests.Nets.StableDiffusion;

public sealed class PromptEmphasisTests
{
    [Theory]
    [InlineData("a red boat", "a red boat", 1.0)]
    [InlineData("", "", 1.0)]
    [InlineData("(boat)", "boat", 1.1)]
    [InlineData("((boat))", "boat", 1.1 * 1.1)]
    [InlineData("[boat]", "boat", 1 / 1.1)]
    [InlineData("(boat:1.3)", "boat", 1.3)]
    [InlineData("(boat:.5)", "boat", 0.5)]
    [InlineData("(boat:-1)", "boat", -1.0)]
    [InlineData("((boat:1.5))", "boat", 1.5 * 1.1)]
    [InlineData("(left open", "left open", 1.1)]
    [InlineData("[left open", "left open", 1 / 1.1)]
    [InlineData("[(boat:1.5)", "boat", 1.5 / 1.1)]
    [InlineData("(red) (boat)", "red", 1.1, " ", 1.0, "boat", 1.1)]
    [InlineData("(red)(boat)", "redboat", 1.1)]
    [InlineData("a (red:1.2) boat", "a ", 1.0, "red", 1.2, " boat", 1.0)]
    [InlineData("(a [red] boat)", "a ", 1.1, "red", 1.1 / 1.1, " boat", 1.1)]
    [InlineData("shut) and ] shut", "shut) and ] shut", 1.0)]
    [InlineData("at 10:30, a boat:1.2)", "at 10:30, a boat:1.2)", 1.0)]
    [InlineData("[boat:1.2)]", "boat:1.2)", 1 / 1.1)]
    [InlineData("(boat:1.2.3)", "boat:1.2.3", 1.1)]
    [InlineData("(boat:big)", "boat:big", 1.1)]
    [InlineData(@"a smile \(:D\)", "a smile (:D)", 1.0)]
    [InlineData(@"(\[a\])", "[a]", 1.1)]
    [InlineData(@"a\\b\c", @"a\bc", 1.0)]
    public void Brackets_say_how_much_is_meant(string prompt, params object[] expected)
    {
        var parts = PromptEmphasis.Parse(prompt);

        Assert.Equal(expected.Chunk(2).Select(part => part[0]), parts.Select(part => part.Text));
        Assert.All(expected.Chunk(2).Zip(parts), pair => Assert.Equal((double)pair.First[1], pair.Second.Weight, 1e-12));
    }

    [Fact]
    public void The_word_BREAK_ends_a_chunk_and_takes_the_space_around_it_along()
    {
        var parts = PromptEmphasis.Parse("a boat BREAK (the sea BREAK at night:1.2) BREAKFAST");

        Assert.Equal(["a boat", "", "the sea", "", "at night", " BREAKFAST"], parts.Where(part => part.Text != "" || part.IsBreak).Select(part => part.Text));
        Assert.Equal([false, true, false, true, false, false], parts.Where(part => part.Text != "" || part.IsBreak).Select(part => part.IsBreak));
        Assert.Equal(1.2, parts.Single(part => part.Text == "at night").Weight, 1e-12);
    }

    [Fact]
    public void Weights_stay_finite_however_many_brackets_there_are()
    {
        var open = new string('(', 5000);

        Assert.Equal(1000, Assert.Single(PromptEmphasis.Parse($"{open}a")).Weight);
        Assert.Equal(-1000, Assert.Single(PromptEmphasis.Parse("(a:-99999999999999999999999999999999)")).Weight);
    }

    [Fact]
    public void A_prompt_without_end_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => PromptEmphasis.Parse(new string('(', 16_385)));

        Assert.Equal("the prompt has 16385 characters; 16384 at most are wanted. Shorten it.", error.Message);
    }
}
