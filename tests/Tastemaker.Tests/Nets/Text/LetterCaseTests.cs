using Tastemaker.Nets.Text;

namespace Tastemaker.Tests.Nets.Text;

/// <summary>Expected texts are what Python 3.11's <c>str.lower</c> makes of them.</summary>
public sealed class LetterCaseTests
{
    [Theory]
    [InlineData("A CAT", "a cat")]
    [InlineData("İI", "i\u0307i")]
    [InlineData("ΟΔΥΣΣΕΥΣ Σ ΑΣ.", "οδυσσευς σ ας.")]
    [InlineData("ΑΣ'Β Α\u0301Σ\u0301", "ασ'β α\u0301ς\u0301")]
    [InlineData("ⅣΣ 1Σ", "ⅳς 1σ")]
    [InlineData("\U00010400ẞǅ", "\U00010428ßǆ")]
    public void Letters_become_small(string text, string expected) => Assert.Equal(expected, LetterCase.ToLower(text));

    [Fact]
    public void Lone_surrogates_stay() => Assert.Equal("\uD801σ\uD801", LetterCase.ToLower("\uD801Σ\uD801"));
}
