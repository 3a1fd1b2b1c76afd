using Tastemaker.Nets.Text;

namespace Tastemaker.Tests.Nets.Text;

/// <summary>Expected texts are what Python 3.11's <c>html.unescape</c> makes of them.</summary>
public sealed class HtmlEntitiesTests
{
    [Theory]
    [InlineData("&amp;lt;", "&lt;")]
    [InlineData("&ampx; &notit; &notin; &copy2", "&x; ¬it; ∉ ©2")]
    [InlineData("&ngE; &NotEqualTilde;", "≧̸ ≂̸")]
    [InlineData("&CounterClockwiseContourIntegral;", "∳")]
    [InlineData("&NTILDE; &unknown; & &; &#; &#x;", "&NTILDE; &unknown; & &; &#; &#x;")]
    [InlineData("&#65 &#x41;&#X41", "A AA")]
    [InlineData("&#0;&#xD800;&#x110000;&#99999999999999999999;", "����")]
    [InlineData("&#128;&#x81;&#x9F;&#13;", "€\u0081Ÿ\r")]
    [InlineData("[&#1;&#xB;&#x7F;&#xFDD0;&#xFFFE;&#x1FFFF;]", "[]")]
    public void References_are_read_as_browsers_do(string text, string expected) => Assert.Equal(expected, HtmlEntities.Unescape(text));
}
