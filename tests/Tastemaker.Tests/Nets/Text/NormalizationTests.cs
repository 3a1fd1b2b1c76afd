using Tastemaker.Nets.Text;

namespace Tastemaker.Tests.Nets.Text;

public sealed class NormalizationTests
{
    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("d\u0323\u0307", "ḍ\u0307")]
    [InlineData("d\u0307\u0323", "ḍ\u0307")]
    [InlineData("a\u0301\u0301", "á\u0301")]
    [InlineData("a\u0345b\u0301", "a\u0345b\u0301")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("\uAC00\u11A8\u11A8", "각\u11A8")]
    [InlineData("\u2126\u1F71\u0344", "Ω\u03AC\u0308\u0301")]
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    public void Text_takes_form_C(string text, string expected) => Assert.Equal(expected, Normalization.ToNfc(text));

    [Fact]
    public void Lone_surrogates_stay() => Assert.Equal("\uD800\u0301é", Normalization.ToNfc("\uD800\u0301e\u0301"));
}
