using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

public sealed class XmpPatchTests
{
    private const string Xmp = "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"";

    private static readonly XmpChange FourStars = new() { Rating = 4 };

    private static readonly XmpChange OneTag = new() { Tags = new(new HashSet<string> { "old" }, ["new"]) };

    [Theory]
    [InlineData("<rdf:Description " + Xmp + " xmp:Rating=\"2\"/>", "<rdf:Description " + Xmp + " xmp:Rating=\"4\"/>")]
    [InlineData("<rdf:Description " + Xmp + " xmp:Rating = '2' />", "<rdf:Description " + Xmp + " xmp:Rating = '4' />")]
    [InlineData("<rdf:Description xmlns:x1=\"http://ns.adobe.com/xap/1.0/\" x1:Rating=\"2\"/>", "<rdf:Description xmlns:x1=\"http://ns.adobe.com/xap/1.0/\" x1:Rating=\"4\"/>")]
    [InlineData("<rdf:Description " + Xmp + "><xmp:Rating>2</xmp:Rating></rdf:Description>", "<rdf:Description " + Xmp + "><xmp:Rating>4</xmp:Rating></rdf:Description>")]
    [InlineData("<rdf:Description " + Xmp + "><xmp:Rating/></rdf:Description>", "<rdf:Description " + Xmp + "><xmp:Rating>4</xmp:Rating></rdf:Description>")]
    [InlineData("<rdf:Description " + Xmp + " />", "<rdf:Description " + Xmp + " xmp:Rating=\"4\" />")]
    [InlineData("<rdf:Description/>", "<rdf:Description " + Xmp + " xmp:Rating=\"4\"/>")]
    [InlineData("<rdf:Description a='>' xmlns:xmp='other:'/>", "<rdf:Description a='>' xmlns:xmp='other:' xmlns:xmp1=\"http://ns.adobe.com/xap/1.0/\" xmp1:Rating=\"4\"/>")]
    [InlineData("", "<rdf:Description rdf:about=\"\" " + Xmp + " xmp:Rating=\"4\"/>")]
    [InlineData("<rdf:Description a=\"1&#10;2\n\r\n3\"\r\n " + Xmp + "\r\txmp:Rating=\"2\">\r\n</rdf:Description>", "<rdf:Description a=\"1&#10;2\n\r\n3\"\r\n " + Xmp + "\r\txmp:Rating=\"4\">\r\n</rdf:Description>")]
    [InlineData("<rdf:Description/><rdf:Description " + Xmp + " xmp:Rating=\"0\"/>", "<rdf:Description/><rdf:Description " + Xmp + " xmp:Rating=\"4\"/>")]
    [InlineData("<rdf:Description " + Xmp + " xmp:Rating=\"4.0\"/>", "<rdf:Description " + Xmp + " xmp:Rating=\"4.0\"/>")]
    [InlineData("<rdf:Description " + Xmp + " xmp:Rating=\"many\"/>", "<rdf:Description " + Xmp + " xmp:Rating=\"4\"/>")]
    [InlineData("<rdf:Description " + Xmp + " xmlns:M='http://ns.microsoft.com/photo/1.0/' xmp:Rating='1' M:Rating='1'/>",
        "<rdf:Description " + Xmp + " xmlns:M='http://ns.microsoft.com/photo/1.0/' xmp:Rating='4' M:Rating='75'/>")]
    public void A_rating_is_changed_where_and_how_it_stands(string before, string after) => Check(before, FourStars, after);

    [Fact]
    public void A_rating_inside_of_a_history_is_no_rating_of_the_picture()
    {
        const string History = "<x:History xmlns:x='h:'><rdf:Seq><rdf:li " + Xmp + " xmp:Rating='1'/></rdf:Seq></x:History>";

        Check($"<rdf:Description>{History}</rdf:Description>", FourStars, $"<rdf:Description {Xmp} xmp:Rating=\"4\">{History}</rdf:Description>");
        Assert.Null(XmpFields.Parse(Packet($"<rdf:Description>{History}</rdf:Description>")).Rating);
    }

    public static TheoryData<string, string> Lists()
    {
        const string Dc = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";
        const string Others = "<lr:hierarchicalSubject><rdf:Bag><rdf:li>new</rdf:li></rdf:Bag></lr:hierarchicalSubject><digiKam:TagsList><rdf:Seq><rdf:li>new</rdf:li></rdf:Seq></digiKam:TagsList>";
        const string Spaces = " xmlns:lr=\"http://ns.adobe.com/lightroom/1.0/\" xmlns:digiKam=\"http://www.digikam.org/ns/1.0/\"";
        string With(string subject) => $"<rdf:Description {Dc}{Spaces}>{subject}{Others}</rdf:Description>";
        return new()
        {
            { "<rdf:Description/>", $"<rdf:Description {Dc}{Spaces}><dc:subject><rdf:Bag><rdf:li>new</rdf:li></rdf:Bag></dc:subject>{Others}</rdf:Description>" },
            { With("<dc:subject/>"), With("<dc:subject><rdf:Bag><rdf:li>new</rdf:li></rdf:Bag></dc:subject>") },
            { With("<dc:subject><rdf:Bag/></dc:subject>"), With("<dc:subject><rdf:Bag><rdf:li>new</rdf:li></rdf:Bag></dc:subject>") },
            { With("<dc:subject><rdf:Seq></rdf:Seq></dc:subject>"), With("<dc:subject><rdf:Seq><rdf:li>new</rdf:li></rdf:Seq></dc:subject>") },
            { With("<dc:subject><rdf:Bag><rdf:li>old</rdf:li></rdf:Bag></dc:subject>"), With("<dc:subject><rdf:Bag><rdf:li>new</rdf:li></rdf:Bag></dc:subject>") },
            {
                With("<dc:subject><rdf:Bag> <rdf:li>a</rdf:li> <rdf:li>old</rdf:li> <rdf:li>&lt;b&gt;</rdf:li> </rdf:Bag></dc:subject>"),
                With("<dc:subject><rdf:Bag> <rdf:li>a</rdf:li> <rdf:li>&lt;b&gt;</rdf:li> <rdf:li>new</rdf:li> </rdf:Bag></dc:subject>")
            },
            { With("<dc:subject><rdf:Bag><rdf:li>new</rdf:li><rdf:li>a</rdf:li></rdf:Bag></dc:subject>"), With("<dc:subject><rdf:Bag><rdf:li>new</rdf:li><rdf:li>a</rdf:li></rdf:Bag></dc:subject>") },
            { With("<dc:subject><rdf:Bag><!-- mine --><rdf:li><![CDATA[old]]></rdf:li></rdf:Bag></dc:subject>"), With("<dc:subject><rdf:Bag><!-- mine --><rdf:li>new</rdf:li></rdf:Bag></dc:subject>") },
        };
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Own_tags_are_replaced_and_all_others_stay(string before, string after) => Check(before, OneTag, after);

    [Fact]
    public void A_packet_that_is_laid_out_in_lines_stays_so()
    {
        var patched = Patch(MetadataSamples.Packet, new() { Rating = 5, Tags = new(new HashSet<string> { "score_4" }, ["score_9"]) });

        var expected = MetadataSamples.Packet
            .Replace("xmp:Rating=\"2\">", "xmp:Rating=\"5\" xmlns:lr=\"http://ns.adobe.com/lightroom/1.0/\" xmlns:digiKam=\"http://www.digikam.org/ns/1.0/\">", StringComparison.Ordinal)
            .Replace("score_4", "score_9", StringComparison.Ordinal)
            .Replace("   </dc:subject>\n", """
                   </dc:subject>
                   <lr:hierarchicalSubject>
                    <rdf:Bag>
                     <rdf:li>score_9</rdf:li>
                    </rdf:Bag>
                   </lr:hierarchicalSubject>
                   <digiKam:TagsList>
                    <rdf:Seq>
                     <rdf:li>score_9</rdf:li>
                    </rdf:Seq>
                   </digiKam:TagsList>

                """, StringComparison.Ordinal);
        Assert.Equal(expected, patched);
    }

    [Fact]
    public void Without_a_prefix_for_RDF_it_works_as_well()
    {
        const string Before = "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><Description/></RDF>";

        var patched = Patch(Before, new() { Rating = 1, Tags = OneTag.Tags });

        Assert.Equal((1, "new"), (XmpFields.Parse(patched).Rating, XmpFields.Parse(patched).Tags.Single()));
        Assert.Equal(1, XmpFields.Parse(Patch("<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", new() { Rating = 1 })).Rating);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void The_encoding_of_a_packet_stays(string encoding)
    {
        var kept = Encoding.GetEncoding(encoding);
        byte[] Bytes(string text) => [.. kept.GetPreamble(), .. kept.GetBytes(text)];

        var patched = XmpPatch.Embedded(Bytes($"<?xml version='1.0' encoding='{encoding[..^(encoding.Length > 6 ? 2 : 0)]}'?>{Packet($"<rdf:Description é='城' {Xmp} xmp:Rating='1'/>")}\0"), FourStars);

        Assert.Equal(Bytes($"<?xml version='1.0' encoding='{encoding[..^(encoding.Length > 6 ? 2 : 0)]}'?>{Packet($"<rdf:Description é='城' {Xmp} xmp:Rating='4'/>")}\0"), patched);
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><x>&b;</x>")]
    [InlineData("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>")]
    [InlineData("<x>")]
    [InlineData("<x/>")]
    [InlineData("text")]
    [InlineData(" ")]
    [InlineData("<?xml version='1.0' encoding='shift_jis'?><x/>")]
    public void What_is_no_XMP_or_a_bomb_is_refused(string packet)
    {
        Assert.Throws<ImageException>(() => XmpFields.Parse(packet));
        Assert.Throws<ImageException>(() => Patch(packet, FourStars));
    }

    [Fact]
    public void Whatever_is_beyond_all_bounds_is_refused()
    {
        foreach (var packet in new[]
        {
            Packet("<rdf:Description/>" + new string(' ', 5 << 20)),
            Packet(string.Concat(Enumerable.Repeat("<rdf:Description/>", 150_000))),
            Packet(string.Concat(Enumerable.Repeat("<a>", 5000)) + string.Concat(Enumerable.Repeat("</a>", 5000))),
        })
        {
            Assert.Throws<ImageException>(() => XmpFields.Parse(packet));
            Assert.Throws<ImageException>(() => Patch(packet, FourStars));
        }

        Assert.Throws<ImageException>(() => XmpPatch.Embedded([.. "<x>"u8, 0xFF, .. "</x>"u8], FourStars));
    }

    [Theory]
    [InlineData("<rdf:Description " + Xmp + "><xmp:Rating rdf:parseType='Resource'><rdf:value>3</rdf:value></xmp:Rating></rdf:Description>")]
    [InlineData("<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:subject='bare'/>")]
    [InlineData("<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:subject>bare</dc:subject></rdf:Description>")]
    public void What_stands_there_in_an_unknown_form_is_not_touched(string description)
    {
        Assert.Throws<ImageException>(() => Patch(Packet(description), new() { Rating = 4, Tags = OneTag.Tags }));
    }

    [Theory]
    [InlineData("xmp:Rating='3'", 3)]
    [InlineData("xmp:Rating=' -1 '", -1)]
    [InlineData("xmp:Rating='' M:Rating='99'", 5)]
    [InlineData("M:Rating='0'", 0)]
    [InlineData("M:Rating='1'", 1)]
    [InlineData("M:Rating='25'", 2)]
    [InlineData("M:Rating='50'", 3)]
    [InlineData("M:Rating='75'", 4)]
    [InlineData("", null)]
    public void Ratings_are_read_from_either_namespace(string attributes, int? stars)
    {
        Assert.Equal(stars, XmpFields.Parse(Packet($"<rdf:Description {Xmp} xmlns:M='http://ns.microsoft.com/photo/1.0/' {attributes}/>")).Rating);
    }

    [Theory]
    [InlineData("xmp:Rating='6'")]
    [InlineData("xmp:Rating='2.5'")]
    [InlineData("xmp:Rating='three'")]
    [InlineData("M:Rating='101'")]
    public void A_rating_that_is_none_is_named(string attributes)
    {
        var refused = Assert.Throws<ImageException>(() => XmpFields.Parse(Packet($"<rdf:Description {Xmp} xmlns:M='http://ns.microsoft.com/photo/1.0/' {attributes}/>")));

        Assert.Contains($"'{attributes.Split('\'')[1]}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_and_lists_are_read_in_attributes_and_elements()
    {
        var fields = XmpFields.Parse(Packet($"""
            <rdf:Description {Xmp} xmp:Label="Red" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/">
              <dc:subject><rdf:Bag><rdf:li>a &amp; b</rdf:li><rdf:li/></rdf:Bag></dc:subject>
              <lr:hierarchicalSubject><rdf:Seq><rdf:li>x|y</rdf:li></rdf:Seq></lr:hierarchicalSubject>
            </rdf:Description>
            <rdf:Description xmlns:digiKam="http://www.digikam.org/ns/1.0/" digiKam:TagsList="p/q"/>
            """));

        Assert.Equal(("Red", "a & b", "x|y", "p/q"), (fields.Label, fields.Tags.Single(), fields.HierarchicalTags.Single(), fields.TagPaths.Single()));
    }

    private static void Check(string before, XmpChange change, string after)
    {
        var patched = Patch(Packet(before), change);

        Assert.Equal(Packet(after), patched);
        Assert.Equal(patched, Patch(patched, change));
    }

    private static string Patch(string packet, XmpChange change) => Encoding.UTF8.GetString(XmpPatch.Embedded(Encoding.UTF8.GetBytes(packet), change));

    private static string Packet(string descriptions) =>
        $"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"{XmpDocument.Rdf}\">{descriptions}</rdf:RDF></x:xmpmeta>";
}
