using Tastemaker.Core.Painting;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PromptPairsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_paired_and_a_line_break_at_the_end_is_no_line() =>
        Assert.Equal([("a cat, by night", 5UL), ("a dog", null)], PromptPairs.Of(_folder.File("p", "a cat, by night\r\na dog\n"), _folder.File("s", "5\n-1")));

    [Theory]
    [InlineData("a\n\nb", "1\n2\n3", "line 2 of 'p' is blank; a prompt is wanted on every line, as lines are counted.")]
    [InlineData("a\nb\n\n", "1\n2", "line 3 of 'p' is blank; a prompt is wanted on every line, as lines are counted.")]
    [InlineData("a\nb", "1\n", "'p' has 2 prompts and 's' 1 seeds; they are paired line by line, so as many are wanted of both.")]
    [InlineData("a", "", "'s' is empty; a seed a line is wanted.")]
    [InlineData("a", "1.5", "line 1 of 's' is '1.5'; a seed is wanted, a whole number, or -1 for any.")]
    [InlineData("a", "-2", "line 1 of 's' is '-2'; a seed is wanted, a whole number, or -1 for any.")]
    [InlineData("a", "99999999999999999999", "line 1 of 's' is '99999999999999999999'; a seed is wanted, a whole number, or -1 for any.")]
    public void What_cannot_be_paired_is_told(string prompts, string seeds, string message)
    {
        var (p, s) = (_folder.File("p", prompts), _folder.File("s", seeds));

        var error = Assert.Throws<PaintException>(() => PromptPairs.Of(p, s));

        Assert.Equal(message.Replace("'p'", $"'{p}'", StringComparison.Ordinal).Replace("'s'", $"'{s}'", StringComparison.Ordinal), error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Assert.Contains("cannot be read", Assert.Throws<PaintException>(() => PromptPairs.Prompts(_folder["none"])).Message, StringComparison.Ordinal);
}
