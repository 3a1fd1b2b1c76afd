using Tastemaker.Nets.Text;

namespace Tastemaker.Tests.Nets.Text;

/// <summary>Expected texts are what ftfy 6.3.1 makes of them.</summary>
public sealed class TextRepairTests
{
    [Theory]
    [InlineData("cafÃ©", "café")]
    [InlineData("cafÃƒÂ©", "café")]
    [InlineData("t√©l√©charger", "télécharger")]
    [InlineData("Р·РґРµСЃСЊ РґРѕРј", "здесь дом")]
    [InlineData("wei√ü", "weiß")]
    [InlineData("RÄ«ga", "Rīga")]
    [InlineData("RUF MICH ZURÃœCK", "RUF MICH ZURÜCK")]
    [InlineData("#╨┐╤Ç╨░╨▓╨╕╨╗╤î╨╜╨╛", "#правильно")]
    [InlineData("It was over\u0085", "It was over…")]
    [InlineData("â\u0080\u009cquoted\u0094", "\"quoted\"")]
    [InlineData("lost â€œwordâ€�", "lost \"word�")]
    [InlineData("Hi guys í\u00A0½í¸\u008D", "Hi guys 😍")]
    public void Misread_utf8_is_read_again(string text, string expected) => Assert.Equal(expected, TextRepair.Fix(text));

    [Theory]
    [InlineData("voilÃ le travail", "voilà le travail")]
    [InlineData("Ã la mode, jusqu'Ã nous", "à la mode, jusqu'à nous")]
    [InlineData("atenÃ§Ã£o Ã s crianÃ§as", "atenção às crianças")]
    [InlineData("semelhante Ã quele, condiÃ§Ãµes", "semelhante àquele, condições")]
    public void Spaces_that_were_no_break_spaces_come_back(string text, string expected) => Assert.Equal(expected, TextRepair.Fix(text));

    [Theory]
    [InlineData("Divisão - SÃ©rie F", "Divisão - Série F")]
    [InlineData("l’humanitÃ©, libertÃ©", "l'humanité, liberté")]
    public void Misread_parts_amid_sound_text_are_read_again(string text, string expected) => Assert.Equal(expected, TextRepair.Fix(text));

    [Theory]
    [InlineData("Ōne ¬¬ o¬ô )")]
    [InlineData("AHÅ™, the new sofa")]
    [InlineData("ВІКІ is Ukrainian")]
    [InlineData("5×£35, 4288×…, 2012—∞")]
    [InlineData("NESTLÉ® and MARQUÉ…")]
    [InlineData("(-1/2)! = √π")]
    [InlineData("C O N C L U S Ã O")]
    [InlineData("├┤a┼┐a┼┐a")]
    public void Sound_text_stays(string text) => Assert.Equal(text, TextRepair.Fix(text));

    [Theory]
    [InlineData("&lt;tag&gt; P&EACUTE;REZ &hellip; &#233;&#x1F600;", "<tag> PÉREZ … é😀")]
    [InlineData("BUNDESSTRA&SZLIG;E", "BUNDESSTRASSE")]
    [InlineData("this&not that &ampx &nTILDE; &#59;", "this&not that &ampx &nTILDE; &#59;")]
    [InlineData("<b>&eacute;</b>", "<b>&eacute;</b>")]
    [InlineData("&eacute;\n<b>\n&eacute;", "é\n<b>\n&eacute;")]
    [InlineData("10Î&frac14;s &amp;amp;amp;", "10μs &")]
    public void Entities_are_read_where_the_text_is_no_html(string text, string expected) => Assert.Equal(expected, TextRepair.Fix(text));

    [Theory]
    [InlineData("ﬁne ﬂag ﬃ ﬆ ŉ Ǆ", "fine flag ffi st 'n DŽ")]
    [InlineData("ＬＯＵＤ　ﾀｰﾝ", "LOUD ターン")]
    [InlineData("‘a’ “b” ʼc", "'a' \"b\" 'c")]
    [InlineData("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne")]
    [InlineData("\u001B[36;44mblue\u001B[0m \u001B[3,", "blue [3,")]
    [InlineData("a\0b\u0007c\u007Fd\uFEFFe\uFFFCf\tg\u200D", "abcdef\tg\u200D")]
    [InlineData("e\u0301 \u212B \u0958", "é Å \u0915\u093C")]
    public void Characters_take_their_usual_form(string text, string expected) => Assert.Equal(expected, TextRepair.Fix(text));

    [Theory]
    [InlineData("\u0438 à  Đ˛Đ\u0082â„˘", "\u0438 à  Đ˛Đ'â\"˘")]
    [InlineData("ąø—ąø¢", "ąø—ąø¢")]
    public void A_text_that_is_one_run_of_what_looks_like_utf8_is_not_taken_apart(string text, string expected) =>
        Assert.Equal(expected, TextRepair.Fix(text));

    [Fact]
    public void Lone_surrogates_become_replacement_characters() => Assert.Equal("�x� 😀", TextRepair.Fix("\uD83Dx\uDE00 😀"));

    [Fact]
    public void A_line_feed_after_a_lone_lead_byte_goes_with_it() => Assert.Equal("é", TextRepair.Fix("Ã©À\n"));

    [Fact]
    public void Segments_of_a_million_code_points_are_repaired_apart()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 999_999)) + "Ã©";
        Assert.Equal(text, TextRepair.Fix(text));
    }
}
