using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>What is written stands there, and nothing else changes.</summary>
public sealed class MetadataEditTests
{
    private static readonly TagChange Tags = new(new HashSet<string> { "score_4", "score_8_up", "score_9" }, ["score_8_up", "Schloß & <Burg>"]);

    /// <summary>What every format has a place for.</summary>
    private static readonly MetadataChange Everywhere = new()
    {
        Xmp = new() { Rating = 4, Tags = Tags },
        Exif = new() { Rating = 4, RatingPercent = 75, UserComment = "a comment, 城" },
    };

    private static readonly Dictionary<string, (MetadataChange Change, string[] Touched)> Changes = new()
    {
        ["stars in XMP"] = (new() { Xmp = new() { Rating = 5 } }, ["XMP"]),
        ["a reject in XMP"] = (new() { Xmp = new() { Rating = -1 } }, ["XMP"]),
        ["tags"] = (new() { Xmp = new() { Tags = Tags } }, ["XMP"]),
        ["stars in EXIF"] = (new() { Exif = new() { Rating = 3, RatingPercent = 50 } }, ["EXIF"]),
        ["a short comment"] = (new() { Exif = new() { UserComment = "x" } }, ["EXIF"]),
        ["a long comment"] = (new() { Exif = new() { UserComment = new string('y', 3000) } }, ["EXIF"]),
        ["everything"] = (Everywhere, ["XMP", "EXIF"]),
    };

    public static TheoryData<string, string> Cases =>
        [.. from name in MetadataSamples.Editable.Keys from change in Changes.Keys select (name, change)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_edit_changes_nothing_else(string name, string what)
    {
        var (file, (change, touched)) = (MetadataSamples.Editable[name], Changes[what]);

        var splices = Splices.Plan(file, change);
        var edited = Splices.Apply(file, splices);

        Assert.NotEmpty(splices);
        Assert.Equal(Untouched(file, touched), Untouched(edited, touched));
        Assert.Equal(Splices.ContentIdOf(file), Splices.ContentIdOf(edited));
        Assert.Equal(Decoded(file), Decoded(edited));
        Assert.Empty(Splices.Plan(edited, change));
        Assert.Equal(file, Splices.Apply(edited, Splices.Reversed(splices)));
        AssertSaid(Splices.Read(file), Splices.Read(edited), change);
    }

    public static TheoryData<string> Pngs => [.. MetadataSamples.Editable.Keys.Where(n => n.EndsWith(".png", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pngs))]
    public void Text_of_a_PNG_is_put_in_place_or_before_the_picture(string name)
    {
        var file = MetadataSamples.Editable[name];
        var texts = new Dictionary<string, string?>
        {
            ["aesthetic_score"] = "6.1", ["title"] = "no longer 城 alone: é", ["parameters"] = MetadataSamples.Infotext, ["Comment"] = null, ["none"] = null, ["empty"] = "",
        };
        var change = new MetadataChange { PngTexts = texts };

        var splices = Splices.Plan(file, change);
        var edited = Splices.Apply(file, splices);

        string[] touched = [.. texts.Keys.Select(k => $"text {k}")];
        Assert.Equal(Untouched(file, touched), Untouched(edited, touched));
        Assert.Equal(Splices.ContentIdOf(file), Splices.ContentIdOf(edited));
        Assert.Equal(Decoded(file), Decoded(edited));
        Assert.Empty(Splices.Plan(edited, change));
        Assert.Equal(file, Splices.Apply(edited, Splices.Reversed(splices)));
        var read = Splices.Read(edited).Texts.ToDictionary(t => t.Keyword, t => t.Text);
        Assert.Equal(texts.Where(t => t.Value is not null).ToDictionary(), texts.Keys.Where(read.ContainsKey).ToDictionary(k => k, k => (string?)read[k]));
        var names = FileParts.Of(edited).ConvertAll(p => p.Name);
        Assert.InRange(names.IndexOf("text empty"), 1, names.FindIndex(n => n is "IDAT" or "acTL" or "fcTL") - 1);
    }

    [Fact]
    public void Of_several_texts_of_a_keyword_one_remains()
    {
        var file = Png(("tEXt", "a\0one"), ("tEXt", "b\0other"), ("tEXt", "a\0two"));

        var edited = Splices.Edit(file, new() { PngTexts = new Dictionary<string, string?> { ["a"] = "two" } });

        Assert.Equal([new("a", "two"), new("b", "other")], Splices.Read(edited).Texts);
    }

    [Theory]
    [InlineData("a cat", "tEXt")]
    [InlineData("é ÿ", "tEXt")]
    [InlineData("城", "iTXt")]
    [InlineData("Ã©, whose bytes could be UTF-8", "iTXt")]
    [InlineData("", "tEXt")]
    public void Text_is_Latin_1_where_it_reads_back_so(string text, string chunk)
    {
        var edited = Splices.Edit(Png(), new() { PngTexts = new Dictionary<string, string?> { ["a"] = text } });

        Assert.Equal(new TextEntry("a", text), Splices.Read(edited).Texts.Single());
        Assert.Contains(chunk, Encoding.Latin1.GetString(edited), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData(" a", "x")]
    [InlineData("a  b", "x")]
    [InlineData("城", "x")]
    [InlineData("a\n", "x")]
    [InlineData("a", "x\0y")]
    public void Text_that_PNG_has_no_place_for_is_refused(string keyword, string text)
    {
        var refused = Assert.Throws<ImageException>(() => Splices.Plan(Png(), new() { PngTexts = new Dictionary<string, string?> { [keyword] = text } }));

        Assert.Equal(ImageProblem.Unwritable, refused.Problem);
    }

    [Theory]
    [InlineData("full.png")]
    [InlineData("full.jpg")]
    [InlineData("full.webp")]
    public void A_score_goes_into_the_infotext_wherever_it_is(string name)
    {
        var file = MetadataSamples.Editable[name];

        var once = Splices.Edit(file, new() { InfotextScore = 7.123 });
        var twice = Splices.Edit(once, new() { InfotextScore = 6.5 });

        Assert.Equal($"{MetadataSamples.Infotext}, Score: 7.12", InfotextOf(once));
        Assert.Equal($"{MetadataSamples.Infotext}, Score: 6.50", InfotextOf(twice));
        Assert.Equal(once.Length, twice.Length);
        Assert.Empty(Splices.Plan(twice, new() { InfotextScore = 6.5 }));
        Assert.Equal(Splices.ContentIdOf(file), Splices.ContentIdOf(twice));
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("plain.jpg")]
    [InlineData("commented.jpg")]
    [InlineData("lossy.webp")]
    public void A_score_without_an_infotext_is_refused(string name)
    {
        var refused = Assert.Throws<ImageException>(() => Splices.Plan(MetadataSamples.Editable[name], new() { InfotextScore = 7 }));

        Assert.Equal(ImageProblem.Unwritable, refused.Problem);
        Assert.Contains("no infotext", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_goes_into_the_text_that_comes_with_it()
    {
        var change = new MetadataChange { InfotextScore = 5, PngTexts = new Dictionary<string, string?> { ["parameters"] = "x\nSteps: 1, Seed: 2, Size: 3x4" } };

        var edited = Splices.Edit(Png(), change);

        Assert.Equal("x\nSteps: 1, Seed: 2, Size: 3x4, Score: 5.00", Splices.Read(edited).Texts.Single().Text);
    }

    [Fact]
    public void What_a_format_has_no_place_for_is_refused_and_named()
    {
        var texts = new MetadataChange { PngTexts = new Dictionary<string, string?> { ["a"] = "b" } };
        using var folder = new TempFolder();
        var path = folder.Write("a.gif", MetadataSamples.ReadOnly["comment.gif"]);
        using var gif = File.OpenRead(path);

        Assert.Contains($"'{path}' is a GIF file", Refused(() => MetadataEdit.Plan(gif, ImageFormat.Gif, Everywhere)), StringComparison.Ordinal);
        Assert.Contains("PNG only", Refused(() => Splices.Plan(MetadataSamples.Editable["plain.jpg"], texts)), StringComparison.Ordinal);
        Assert.Contains("one segment", Refused(() => Splices.Plan(MetadataSamples.Editable["plain.jpg"], new() { Exif = new() { UserComment = new string('x', 40_000) } })), StringComparison.Ordinal);
        Assert.Contains("a character", Refused(() => Splices.Plan(Png(), new() { Xmp = new() { Tags = new(new HashSet<string>(), ["\u0001"]) } })), StringComparison.Ordinal);

        static string Refused(Action plan)
        {
            var refused = Assert.Throws<ImageException>(plan);
            Assert.Equal(ImageProblem.Unwritable, refused.Problem);
            return refused.Message;
        }
    }

    [Fact]
    public void Numbers_that_mean_nothing_are_a_bug_of_the_caller()
    {
        foreach (var change in new MetadataChange[]
        {
            new() { Xmp = new() { Rating = 6 } }, new() { Xmp = new() { Rating = -2 } }, new() { Exif = new() { Rating = -1 } },
            new() { Exif = new() { RatingPercent = 101 } }, new() { InfotextScore = double.NaN },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Splices.Plan(Png(), change));
        }
    }

    [Fact]
    public void A_change_that_asks_for_nothing_plans_nothing()
    {
        foreach (var (name, file) in MetadataSamples.Editable.Where(f => f.Key != "unannounced.webp"))
        {
            Assert.True(Splices.Plan(file, new() { Xmp = new(), Exif = new(), PngTexts = new Dictionary<string, string?>() }).Count == 0, name);
        }
    }

    [Theory]
    [InlineData("lossy.webp", 9, 7, false)]
    [InlineData("alpha.webp", 0, 0, true)]
    public void A_simple_WebP_becomes_an_extended_one_of_its_size(string name, int width, int height, bool hasAlpha)
    {
        var file = MetadataSamples.Editable[name];
        Assert.NotEqual("VP8X", Encoding.ASCII.GetString(file, 12, 4));
        var decoded = ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken);
        (width, height) = width == 0 ? (decoded.Width, decoded.Height) : (width, height);

        var edited = Splices.Edit(file, Everywhere);

        Assert.Equal("VP8X", Encoding.ASCII.GetString(edited, 12, 4));
        Assert.Equal(0x04 | 0x08 | (hasAlpha ? 0x10 : 0), edited[20]);
        Assert.Equal((width, height), ((edited[24] | edited[25] << 8) + 1, (edited[27] | edited[28] << 8) + 1));
        Assert.Equal(["VP8X", Encoding.ASCII.GetString(file, 12, 4), "EXIF", "XMP ", "rest"], FileParts.Of(edited).Select(p => p.Name));
    }

    [Fact]
    public void A_last_chunk_without_padding_gets_it_before_another_follows()
    {
        var (type, data) = MetadataSamples.PictureOf(MetadataSamples.Editable["lossy.webp"]);
        byte[] odd = [.. MetadataSamples.WebP((type, [.. data, .. new byte[(data.Length & 1) + 1]]))[..^1]];
        BitConverter.GetBytes(odd.Length - 8).CopyTo(odd, 4);

        var edited = Splices.Edit(odd, Everywhere);

        Assert.Equal(["VP8X", type, "EXIF", "XMP ", "rest"], FileParts.Of(edited).Select(p => p.Name));
        Assert.Equal(Splices.ContentIdOf(odd), Splices.ContentIdOf(edited));
        Assert.Equal(Splices.Read(edited).UserComment, Everywhere.Exif!.UserComment);
    }

    private static void AssertSaid(EmbeddedMetadata before, EmbeddedMetadata after, MetadataChange change)
    {
        Assert.Equal(before.Texts, after.Texts);
        Assert.Equal(before.Exif.Where(e => e.Key != 0x4746).OrderBy(e => e.Key), after.Exif.Where(e => e.Key != 0x4746).OrderBy(e => e.Key));
        Assert.Equal(change.Exif?.UserComment ?? before.UserComment, after.UserComment);
        if (change.Exif?.Rating is { } stars)
        {
            Assert.Equal($"{stars}", after.Exif[0x4746]);
        }

        if (change.Xmp is null)
        {
            Assert.Equal(before.Xmp, after.Xmp);
            return;
        }

        var (fieldsBefore, fields) = (before.Xmp is null ? null : XmpFields.Parse(before.Xmp), XmpFields.Parse(after.Xmp!));
        Assert.Equal(change.Xmp.Rating ?? fieldsBefore?.Rating, fields.Rating);
        if (change.Xmp.Tags is { } tags)
        {
            var kept = fieldsBefore?.Tags.Where(t => !tags.Own.Contains(t)) ?? [];
            Assert.Equal([.. kept, .. tags.Tags], fields.Tags);
            Assert.Equal(tags.Tags, fields.HierarchicalTags);
            Assert.Equal(tags.Tags, fields.TagPaths);
        }
    }

    private static string InfotextOf(byte[] file)
    {
        var read = Splices.Read(file);
        return read.UserComment ?? read.Texts.Single(t => t.Keyword == "parameters").Text;
    }

    /// <summary>All parts but those that the change is about; what announces those is the same but for its flags.</summary>
    private static List<string> Untouched(byte[] file, string[] touched) =>
    [
        .. from part in FileParts.Of(file)
           where !touched.Contains(Title(part.Name)) && part.Name != "VP8X"
           select $"{part.Name} {Convert.ToHexString(part.Bytes)}",
        .. from part in FileParts.Of(file).Take(1) where part.Name == "VP8X" && file.AsSpan().IndexOf("ICCP"u8) > 0 select $"canvas {Convert.ToHexString(part.Bytes[12..])}",
    ];

    private static string Title(string part) => part switch
    {
        "eXIf" or "EXIF" => "EXIF",
        "text XML:com.adobe.xmp" or "XMP " => "XMP",
        _ => part,
    };

    private static byte[] Decoded(byte[] file) => ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken).Pixels;

    private static byte[] Png(params (string Type, string Data)[] chunks) => Samples.Png(1, 1, 8, 0,
        [.. chunks.Select(c => (c.Type, Encoding.Latin1.GetBytes(c.Data))), ("IDAT", Samples.Deflate([0, 0])), ("IEND", [])]);
}
