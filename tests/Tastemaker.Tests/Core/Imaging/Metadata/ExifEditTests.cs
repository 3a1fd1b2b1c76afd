using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

public sealed class ExifEditTests
{
    public static TheoryData<bool, bool, bool> Blocks => [.. from a in new[] { false, true } from b in new[] { false, true } from c in new[] { false, true } select (a, b, c)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Nothing_in_the_block_moves(bool isLittle, bool hasComment, bool hasRating)
    {
        var block = MetadataSamples.Exif(isLittle, hasComment ? MetadataSamples.Comment(Encoding.Unicode, "a first comment") : null, hasRating);

        var edited = Apply(block, new() { Rating = 5, RatingPercent = 99, UserComment = "another, longer comment than the first" });

        // The places that a maker's note and the directories name still hold what they did.
        foreach (var part in new[] { Encoding.ASCII.GetBytes("MAKER\0\u0001\u0002"), [0xFF, 0xD8, 0xFF], Encoding.Unicode.GetBytes("sea;ship\0") })
        {
            Assert.Equal(block.AsSpan().IndexOf(part), edited.AsSpan().IndexOf(part));
        }

        Assert.Equal(Values(block).Where(v => !IsEdited(v.Tag)), Values(edited).Where(v => !IsEdited(v.Tag)));
        Assert.Equal(["5", "99"], Values(edited).Where(v => v.Tag is 0x4746 or 0x4749).Select(v => $"{Convert.ToInt32(v.Value[..4], 16) >> (isLittle ? 8 : 0)}"));
        Assert.True(Values(edited).Select(v => v.Directory * 65536 + v.Tag) is var order && order.SequenceEqual(order.Order()), "tags rise");
        Assert.Equal("another, longer comment than the first", Read(edited).UserComment);
    }

    [Fact]
    public void A_value_that_fits_goes_where_the_old_one_was()
    {
        var block = MetadataSamples.Exif(isLittle: true, MetadataSamples.Comment(Encoding.Unicode, "Score: 10.00"), hasRating: true);

        var edited = Apply(block, new() { UserComment = "Score: 9.99", Rating = 1 });

        Assert.Equal(block.Length, edited.Length);
        Assert.Equal("Score: 9.99", Read(edited).UserComment);
        Assert.True(edited.AsSpan().IndexOf(Encoding.Unicode.GetBytes("Score: 9.99")) > 0, "the byte order is kept");
    }

    [Fact]
    public void A_value_that_another_tag_shares_is_left_to_it()
    {
        var shared = new TiffBuilder(isLittle: true);
        var text = shared.Append(MetadataSamples.Comment(Encoding.BigEndianUnicode, "shared by two")).At;
        var exif = shared.Directory([(0x9286, 7, new byte[34])], 0);
        shared.First = shared.Directory([(0x010E, 2, new byte[34]), (0x8769, 4, shared.U32(exif))], 0);
        var block = shared.Bytes;
        shared.U32(text).CopyTo(block, (int)exif + 2 + 8);
        shared.U32(text).CopyTo(block, block.AsSpan().IndexOf((byte[])[0x0E, 0x01, 2, 0, 34, 0, 0, 0]) + 8);
        var description = Read(block).Texts[0x010E];

        var edited = Apply(block, new() { UserComment = "mine" });

        Assert.Equal(("mine", description), (Read(edited).UserComment, Read(edited).Texts[0x010E]));
    }

    [Fact]
    public void Without_a_block_one_is_made()
    {
        var made = ExifEdit.Apply(File([]), null, new() { Rating = 4, UserComment = "城" });

        Assert.Equal(("4", "城"), (Read(made).Texts[0x4746], Read(made).UserComment));
        Assert.Equal([.. "UNICODE\0"u8, .. Encoding.BigEndianUnicode.GetBytes("城")], made[(made.AsSpan().IndexOf("UNICODE"u8))..][..10]);
        Assert.Same(made, Apply(made, new() { Rating = 4, UserComment = "城" }));
    }

    [Fact]
    public void A_comment_at_the_end_grows_where_it_is()
    {
        var tiff = new TiffBuilder(isLittle: false);
        tiff.First = tiff.Directory([(0x8769, 4, tiff.U32(26))], 0);
        var block = tiff.Bytes;
        byte[] whole = [.. block, 0, 1, 0x92, 0x86, 0, 7, 0, 0, 0, 10, 0, 0, 0, 44, 0, 0, 0, 0, .. MetadataSamples.Comment(Encoding.BigEndianUnicode, "a")];
        Assert.Equal("a", Read(whole).UserComment);

        var edited = Apply(whole, new() { UserComment = "abc" });

        Assert.Equal((whole.Length + 4, "abc"), (edited.Length, Read(edited).UserComment));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 0xFF)]
    public void A_damaged_block_is_not_touched(int at, byte value)
    {
        var block = MetadataSamples.Exif(isLittle: false, null, hasRating: true);
        block[at] = value;

        Assert.Equal(ImageProblem.Damaged, Assert.Throws<ImageException>(() => Apply(block, new() { Rating = 4 })).Problem);
    }

    private static bool IsEdited(int tag) => tag is 0x4746 or 0x4749 or 0x9286 or 0x8769;

    /// <summary>All tags of the first directory, of EXIF, GPS and the second directory.</summary>
    private static List<(int Directory, int Tag, string Value)> Values(byte[] bytes)
    {
        var block = TiffBlock.Open(File(bytes))!;
        var first = block.Directory(block.First)!;
        var pointed = new[] { 0x8769, 0x8825 }.Select(tag => (long)block.Number(first.Find(tag)!.Value)!);
        return [.. new[] { block.First }.Concat(pointed).Append(first.Next).SelectMany((at, i) =>
            block.Directory(at)!.Entries.Select(e => (i, e.Tag, Convert.ToHexString(block.Value(e)!))))];
    }

    private static byte[] Apply(byte[] block, ExifChange change) => ExifEdit.Apply(File([]), block, change);

    private static ExifTags Read(byte[] block) => ExifTags.Read(File(block));

    private static MetadataFile File(byte[] bytes) => MetadataFile.Of(new MemoryStream(bytes), ImageFormat.Tiff);
}
