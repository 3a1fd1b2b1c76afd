using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

public sealed class EmbeddedMetadataTests
{
    private static readonly (int, string)[] CameraTags =
        [(0x010E, "a picture of a castle"), (0x010F, "Maker"), (0x0110, "M1"), (0x0131, "NovelAI"), (0x9C9E, "sea;ship")];

    /// <summary>By which a packet calls its rest.</summary>
    private const string Guid = "0123456789ABCDEF0123456789ABCDEF";

    [Fact]
    public void Text_of_a_PNG_is_read_in_the_order_of_the_file()
    {
        var read = Splices.Read(MetadataSamples.Editable["full.png"]);

        Assert.Equal(
        [
            new("parameters", MetadataSamples.Infotext), new("workflow", "{\"nodes\": [1, 2, NaN]}"), new("big", "a compressed text, é"),
            new("title", "城, a castle"), new("aesthetic_score", "4.5"), new("Comment", "late"),
        ], read.Texts);
        Assert.Equal(MetadataSamples.Packet, read.Xmp);
        Assert.Equal([.. CameraTags, (0x4746, "2")], read.Exif.Select(e => (e.Key, e.Value)).OrderBy(e => e.Key == 0x4746).ThenBy(e => e.Key));
        Assert.Null(read.UserComment);
    }

    [Theory]
    [InlineData("full.jpg", "by hand", true)]
    [InlineData("full.webp", null, false)]
    public void EXIF_and_XMP_of_JPEG_and_WebP_are_read(string name, string? comment, bool isExtended)
    {
        var read = Splices.Read(MetadataSamples.Editable[name]);

        Assert.Equal(MetadataSamples.Infotext, read.UserComment);
        Assert.Equal(MetadataSamples.Packet, read.Xmp);
        Assert.Equal(CameraTags, read.Exif.OrderBy(e => e.Key).Select(e => (e.Key, e.Value)));
        Assert.Equal((comment, isExtended), (read.Texts.Select(t => t.Text).SingleOrDefault(), read.HasExtendedXmp));
        Assert.Equal(2, read.Rating());
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 }, true)]
    [InlineData(new[] { 2, 0, 1 }, true)]
    [InlineData(new[] { 0, 1, 1, 2 }, true)]
    [InlineData(new[] { 0, 2 }, false)]
    [InlineData(new[] { 1, 2 }, false)]
    public void XMP_in_further_segments_is_put_together(int[] order, bool isWhole)
    {
        var rest = Encoding.UTF8.GetBytes(MetadataSamples.Packet);
        var file = ExtendedJpeg(Guid, [.. order.Select(i => Piece(Guid, rest.Length, i * 200, i == 2 ? rest[400..] : rest[(i * 200)..(i * 200 + 200)]))]);

        var read = Splices.Read(file);

        Assert.Equal((true, isWhole ? MetadataSamples.Packet : null), (read.HasExtendedXmp, read.ExtendedXmp));
    }

    [Fact]
    public void XMP_in_further_segments_that_lies_is_not_read()
    {
        var rest = Encoding.UTF8.GetBytes(MetadataSamples.Packet);
        (string Name, byte[][] Pieces)[] files =
        [
            ("of another packet", [Piece(new string('B', 32), rest.Length, 0, rest)]), ("short", [[1, 2, 3]]), ("too long", [Piece(Guid, int.MaxValue, 0, rest)]),
            ("outside", [Piece(Guid, 100, 90, rest)]), ("empty", [Piece(Guid, 0, 0, [])]), ("negative", [Piece(Guid, rest.Length, -1, rest)]),
            ("too many", [.. Enumerable.Range(0, 70).Select(i => Piece(Guid, 70 * 65_000, i * 65_000, new byte[65_000]))]),
        ];

        foreach (var (name, pieces) in files)
        {
            var read = Splices.Read(ExtendedJpeg(Guid, pieces));
            Assert.True(read is { HasExtendedXmp: true, ExtendedXmp: null }, name);
        }
    }

    [Fact]
    public void What_XMP_in_further_segments_says_is_among_a_picture_s_facts()
    {
        using var folder = new TempFolder();
        var rest = Encoding.UTF8.GetBytes(MetadataSamples.Packet);
        var whole = folder.Write("whole.jpg", ExtendedJpeg(Guid, Piece(Guid, rest.Length, 0, rest)));
        var part = folder.Write("part.jpg", ExtendedJpeg(Guid, Piece(Guid, rest.Length + 1, 0, rest)));

        var (read, unread) = (ImageFacts.Of(whole, TestContext.Current.CancellationToken), ImageFacts.Of(part, TestContext.Current.CancellationToken));

        Assert.Equal(["castle", "score_4"], read.Tags);
        Assert.False(read.HasUnreadXmp);
        Assert.Empty(unread.Tags);
        Assert.True(unread.HasUnreadXmp);
    }

    [Fact]
    public void Comments_and_XMP_of_a_GIF_are_read()
    {
        var read = Splices.Read(MetadataSamples.ReadOnly["comment.gif"]);

        Assert.Equal(new TextEntry("comment", "a castle"), read.Texts.Single());
        Assert.Equal(MetadataSamples.Packet, read.Xmp);
    }

    [Theory]
    [InlineData("exif.tif", "a scanner")]
    [InlineData("items.avif", "NovelAI")]
    public void EXIF_and_XMP_of_TIFF_and_AVIF_are_read(string name, string software)
    {
        var read = Splices.Read(MetadataSamples.ReadOnly[name]);

        Assert.Equal((MetadataSamples.Infotext, MetadataSamples.Packet, software), (read.UserComment, read.Xmp, read.Exif[0x0131]));
    }

    [Fact]
    public void Images_that_say_nothing_give_nothing_whatever_their_format()
    {
        foreach (var (name, file) in Samples.Formats.Where(f => f.Name is not ("jpeg_cmyk_300x240.jpg" or "animated.gif")))
        {
            var read = Splices.Read(file);

            Assert.True(read is { Texts.Count: 0, UserComment: null, Xmp: null } && read.Rating() is null, name);
        }
    }

    public static TheoryData<string, byte[], string> Comments() => new()
    {
        { "big-endian in a little-endian block", MetadataSamples.Comment(Encoding.BigEndianUnicode, "a cat"), "a cat" },
        { "little-endian", MetadataSamples.Comment(Encoding.Unicode, "a cat"), "a cat" },
        { "Chinese, big-endian", MetadataSamples.Comment(Encoding.BigEndianUnicode, "一只猫在海边, masterpiece"), "一只猫在海边, masterpiece" },
        { "Chinese, little-endian", MetadataSamples.Comment(Encoding.Unicode, "一只猫在海边, masterpiece"), "一只猫在海边, masterpiece" },
        { "marked", MetadataSamples.Comment(Encoding.BigEndianUnicode, "\uFEFFa cat"), "a cat" },
        { "marked the other way", MetadataSamples.Comment(Encoding.Unicode, "\uFEFFa cat"), "a cat" },
        { "padded", [.. MetadataSamples.Comment(Encoding.BigEndianUnicode, "a cat\0\0"), 0], "a cat" },
        { "ASCII", [.. "ASCII\0\0\0a cat\0\0"u8], "a cat" },
        { "ASCII that is UTF-8", [.. "ASCII\0\0\0"u8, .. "ein Schloß"u8], "ein Schloß" },
        { "undefined", [.. "\0\0\0\0\0\0\0\0a cat"u8], "a cat" },
        { "without a prefix, half of it broken", [.. "a ca"u8, 0xFF, .. "t, Score: 7.12"u8], "a cat, Score: 7.12" },
        { "nothing but the prefix", [.. "UNICODE\0"u8], "" },
        { "a half character", [.. "UNICODE\0a"u8], "" },
        { "nothing", [], "" },
    };

    [Theory]
    [MemberData(nameof(Comments))]
    public void A_UserComment_is_read_in_whatever_encoding_it_was_written(string what, byte[] value, string text)
    {
        Assert.True(text == UserComment.Decode(value, isLittle: true), what);
    }

    [Fact]
    public void UTF_8_in_a_Latin_1_chunk_is_read_as_what_it_is()
    {
        var file = Samples.Png(1, 1, 8, 0, ("tEXt", [.. "a\0"u8, .. "城"u8]), ("tEXt", [.. "b\0"u8, 0xE9]), ("IDAT", Samples.Deflate([0, 0])), ("IEND", []));

        Assert.Equal([new("a", "城"), new("b", "é")], Splices.Read(file).Texts);
    }

    [Fact]
    public void Stars_of_EXIF_count_where_XMP_has_none()
    {
        var exif = MetadataSamples.Exif(isLittle: true, comment: null, hasRating: true);
        var file = Samples.Png(1, 1, 8, 0, ("eXIf", [.. "Exif\0\0"u8, .. exif]), ("IDAT", Samples.Deflate([0, 0])), ("IEND", []));

        Assert.Equal(2, Splices.Read(file).Rating());
        Assert.Equal(-1, (Splices.Read(file) with { Xmp = MetadataSamples.Packet.Replace("xmp:Rating=\"2\"", "xmp:Rating=\"-1\"", StringComparison.Ordinal) }).Rating());
        Assert.Equal(2, (Splices.Read(file) with { Xmp = MetadataSamples.Packet.Replace("xmp:Rating=\"2\"", "", StringComparison.Ordinal) }).Rating());
    }

    [Fact]
    public void A_file_is_named_where_it_cannot_be_read()
    {
        using var folder = new TempFolder();
        var truncated = folder.Write("a.png", MetadataSamples.Editable["full.png"][..90]);

        Assert.Contains($"'{truncated}' ends early", Assert.Throws<ImageException>(() => EmbeddedMetadata.Read(truncated)).Message, StringComparison.Ordinal);
        Assert.Equal(ImageProblem.Missing, Assert.Throws<ImageException>(() => EmbeddedMetadata.Read(folder["gone.png"])).Problem);
        Assert.Equal(ImageProblem.Unreadable, Assert.Throws<ImageException>(() => EmbeddedMetadata.Read(folder.Path)).Problem);
        Assert.Equal(ImageProblem.NotAnImage, Assert.Throws<ImageException>(() => EmbeddedMetadata.Read(folder.File("b.png", "text"))).Problem);
        Assert.Equal(ImageProblem.Empty, Assert.Throws<ImageException>(() => EmbeddedMetadata.Read(folder.File("c.png", ""))).Problem);
    }

    private static byte[] Piece(string name, int length, int place, byte[] bytes) =>
        [.. Encoding.ASCII.GetBytes(name), .. Big(length), .. Big(place), .. bytes];

    private static byte[] Big(int number)
    {
        var bytes = BitConverter.GetBytes(number);
        Array.Reverse(bytes);
        return bytes;
    }

    private static byte[] ExtendedJpeg(string name, params byte[][] pieces)
    {
        var packet = $"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{name}"/></rdf:RDF></x:xmpmeta>""";
        return
        [
            0xFF, 0xD8, .. MetadataSamples.Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Encoding.UTF8.GetBytes(packet)]),
            .. pieces.SelectMany(piece => MetadataSamples.Segment(0xE1, [.. "http://ns.adobe.com/xmp/extension/\0"u8, .. piece])),
            .. ImageWriter.Jpeg(Samples.Noise(9, 7))[2..],
        ];
    }
}
