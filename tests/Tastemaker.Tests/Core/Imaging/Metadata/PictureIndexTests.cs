using System.Buffers.Binary;
using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>A JPEG with further pictures behind it keeps telling where they are, whatever is written into the first.</summary>
public sealed class PictureIndexTests
{
    private static readonly byte[] Second = ImageWriter.Jpeg(Samples.Noise(5, 4));
    private static readonly byte[] Third = ImageWriter.Jpeg(Samples.Noise(6, 4));

    private static readonly MetadataChange Longer = new()
    {
        Xmp = new() { Rating = 4, Tags = new(new HashSet<string> { "score_9" }, ["score_9", "a castle on a hill"]) },
        Exif = new() { UserComment = new string('y', 3000) },
    };

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void It_follows_what_is_written_before_and_behind_it(bool isLittle, bool isFirst)
    {
        var file = File(isLittle, isFirst);
        Assert.Equal([Second, Third], Pictures(file, isLittle));

        var splices = Splices.Plan(file, Longer);
        var edited = Splices.Apply(file, splices);

        Assert.Equal([Second, Third], Pictures(edited, isLittle));
        Assert.Equal(4, Splices.Read(edited).Rating());
        Assert.Equal(Splices.ContentIdOf(file), Splices.ContentIdOf(edited));
        Assert.Empty(Splices.Plan(edited, Longer));
        Assert.Equal(file, Splices.Apply(edited, Splices.Reversed(splices)));
    }

    [Fact]
    public void A_change_that_moves_nothing_leaves_it()
    {
        var splices = Splices.Plan(File(isLittle: true, isFirst: true), new() { Xmp = new() { Rating = 5 } });

        Assert.Equal("5", Encoding.ASCII.GetString(Assert.Single(splices).Inserted.Span));
    }

    [Fact]
    public void One_that_is_damaged_is_left_as_it_is()
    {
        byte[][] indexes = [[], [.. "II*\0"u8], [.. "II*\0"u8, 0xFF, 0xFF, 0xFF, 0xFF], Index(isLittle: true, uint.MaxValue - 10, 0, 0)[..30]];
        foreach (var index in indexes)
        {
            var file = With([.. "MPF\0"u8, .. index], isFirst: true);

            var edited = Splices.Edit(file, Longer);

            Assert.True(edited.AsSpan().IndexOf(MetadataSamples.Segment(0xE2, [.. "MPF\0"u8, .. index])) > 0);
        }
    }

    [Fact]
    public void A_number_that_would_not_fit_is_refused()
    {
        var file = With([.. "MPF\0"u8, .. Index(isLittle: true, uint.MaxValue - 10, 0, 0)], isFirst: true);

        var refused = Assert.Throws<ImageException>(() => Splices.Plan(file, Longer));

        Assert.Equal(ImageProblem.Unwritable, refused.Problem);
    }

    [Fact]
    public void Spoilt_ones_are_refused_or_changed_and_back_again()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var (file, random) = (File(isLittle: seed % 2 == 0, isFirst: seed % 3 > 0), new Random(seed));
            var at = file.AsSpan().IndexOf("MPF\0"u8) + 4;
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                file[at + random.Next(86)] = random.GetItems<byte>([0, 1, 0x7F, 0xFF, (byte)random.Next(256)], 1)[0];
            }

            try
            {
                var splices = Splices.Plan(file, Longer);
                Assert.Equal(file, Splices.Apply(Splices.Apply(file, splices), Splices.Reversed(splices)));
            }
            catch (ImageException e)
            {
                Assert.True(e.Problem == ImageProblem.Unwritable, $"Seed {seed}: {e.Message}");
            }
        }
    }

    /// <summary>The further pictures, found by the index alone; the first one's length must end where the second begins.</summary>
    private static List<byte[]> Pictures(byte[] file, bool isLittle)
    {
        var start = file.AsSpan().IndexOf("MPF\0"u8) + 4;
        var entries = start + Number(file, start + 8 + 2 + 12 + 8, isLittle);
        Assert.Equal(start + Number(file, entries + 24, isLittle), Number(file, entries + 4, isLittle));
        return
        [
            .. Enumerable.Range(1, 2).Select(i => (At: start + Number(file, entries + 16 * i + 8, isLittle), Length: Number(file, entries + 16 * i + 4, isLittle)))
                .Select(p => file[p.At..(p.At + p.Length)]),
        ];
    }

    private static int Number(byte[] file, int at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at)) : BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));

    /// <param name="isFirst">Whether the index stands before the XMP.</param>
    private static byte[] File(bool isLittle, bool isFirst)
    {
        var draft = With([.. "MPF\0"u8, .. Index(isLittle, 0, 0, 0)], isFirst);
        var (start, first) = (draft.AsSpan().IndexOf("MPF\0"u8) + 4, (uint)(draft.Length - Second.Length - Third.Length));
        return With([.. "MPF\0"u8, .. Index(isLittle, first, first - (uint)start, first - (uint)start + (uint)Second.Length)], isFirst);
    }

    private static byte[] With(byte[] index, bool isFirst)
    {
        var pictures = MetadataSamples.Segment(0xE2, index);
        var xmp = MetadataSamples.Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Encoding.UTF8.GetBytes(MetadataSamples.Packet)]);
        return
        [
            0xFF, 0xD8, .. MetadataSamples.Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]), .. isFirst ? pictures : xmp, .. isFirst ? xmp : pictures,
            .. ImageWriter.Jpeg(Samples.Noise(9, 7))[2..], .. Second, .. Third,
        ];
    }

    /// <summary>Version and entries of three pictures, as cameras write it.</summary>
    private static byte[] Index(bool isLittle, uint first, uint second, uint third)
    {
        var tiff = new TiffBuilder(isLittle);
        byte[] entries = [.. Entry(first, 0), .. Entry((uint)Second.Length, second), .. Entry((uint)Third.Length, third)];
        byte[] head = [.. tiff.Bytes[..4], .. tiff.U32(8), .. tiff.U16(2)];
        byte[] version = [.. tiff.U16(0xB000), .. tiff.U16(7), .. tiff.U32(4), .. "0100"u8];
        byte[] list = [.. tiff.U16(0xB002), .. tiff.U16(7), .. tiff.U32(entries.Length), .. tiff.U32(8 + 2 + 24 + 4)];
        return [.. head, .. version, .. list, .. tiff.U32(0), .. entries];

        byte[] Entry(uint length, uint distance) => [.. tiff.U32(0), .. tiff.U32(length), .. tiff.U32(distance), 0, 0, 0, 0];
    }
}
