using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>Whatever a file holds, it ends in what can be read or in an <see cref="ImageException"/>, in bounded memory.</summary>
public sealed class HostileMetadataTests
{
    private const long MostAllocated = 400 << 20;

    private static readonly MetadataChange Change = new()
    {
        Xmp = new() { Rating = 4, Tags = new(new HashSet<string> { "castle" }, ["score_9"]) }, Exif = new() { Rating = 4, UserComment = "x" },
    };

    private static byte[] Jpeg => MetadataSamples.Editable["plain.jpg"];

    private static readonly Dictionary<string, (Func<byte[]> File, ImageProblem? Problem)> Lies = new()
    {
        ["a PNG chunk of 4 GB"] = (() => [.. Png()[..33], 255, 255, 255, 255, .. "tEXt"u8], ImageProblem.Damaged),
        ["a PNG chunk of 2 GB"] = (() => [.. Png()[..33], 127, 255, 255, 255, .. "tEXt"u8], ImageProblem.EndsEarly),
        ["a zTXt bomb"] = (() => Png(("zTXt", [.. "parameters\0\0"u8, .. Samples.Deflate(new byte[200 << 20])])), ImageProblem.TooLarge),
        ["an iTXt bomb of XMP"] = (() => Png(("iTXt", [.. "XML:com.adobe.xmp\0"u8, 1, 0, 0, 0, .. Samples.Deflate(new byte[200 << 20])])), ImageProblem.TooLarge),
        ["many small bombs"] = (() => Png([.. Enumerable.Range(0, 20).Select(i => ("zTXt", (byte[])[.. Encoding.ASCII.GetBytes($"a{i}"), 0, 0, .. Samples.Deflate(new byte[7 << 20])]))]), ImageProblem.TooLarge),
        ["zTXt that is no zlib"] = (() => Png(("zTXt", [.. "parameters\0\0nonsense"u8])), ImageProblem.Damaged),
        ["text chunks of nothing"] = (() => Png([("tEXt", []), ("zTXt", []), ("iTXt", []), ("iTXt", [.. "a\0"u8]), ("iTXt", [.. "a\0"u8, 1]), ("zTXt", [.. "a\0"u8]), ("tEXt", [.. "no end"u8])]), null),
        ["a million text chunks"] = (() => [.. Png()[..33], .. Enumerable.Repeat(Samples.Chunk("tEXt", []), 1_200_000).SelectMany(c => c)], ImageProblem.TooLarge),
        ["10 000 segments of EXIF"] = (() => [.. Jpeg[..2], .. Repeated(10_000, MetadataSamples.Segment(0xE1, [.. "Exif\0\0II*\0"u8])), .. Jpeg[2..]], null),
        ["10 000 comments"] = (() => [.. Jpeg[..2], .. Repeated(10_000, MetadataSamples.Segment(0xFE, [.. "x"u8])), .. Jpeg[2..]], null),
        ["a megabyte of garbage before a marker"] = (() => [.. Jpeg[..20], .. new byte[1 << 20], .. Jpeg[20..]], ImageProblem.Damaged),
        ["a segment of one byte"] = (() => [0xFF, 0xD8, 0xFF, 0xE1, 0, 1, 0, 0], ImageProblem.Damaged),
        ["a WebP chunk of 4 GB"] = (() => [.. "RIFF"u8, 0x30, 0, 0, 0, .. "WEBPXMP "u8, 255, 255, 255, 255, .. new byte[40]], ImageProblem.Damaged),
        ["a WebP without chunks"] = (() => [.. "RIFF"u8, 4, 0, 0, 0, .. "WEBP"u8], null),
        ["an EXIF directory that is its own next"] = (() => Png(("eXIf", [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8])), null),
        ["an EXIF of 65535 tags"] = (() => Png(("eXIf", [.. "MM\0*"u8, 0, 0, 0, 8, 255, 255, .. new byte[100]])), null),
        ["tags of 4 GB"] = (() => Png(("eXIf", [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x0E, 0, 12, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0])), null),
        ["an AVIF box that is empty"] = (() => [0, 0, 0, 16, .. "ftypavif"u8, 0, 0, 0, 0, 0, 0, 0, 4, .. "meta"u8], ImageProblem.Damaged),
        ["a GIF of nothing"] = (() => [.. "GIF89a"u8], ImageProblem.EndsEarly),
    };

    public static TheoryData<string> Names => [.. MetadataSamples.Editable.Concat(MetadataSamples.ReadOnly).Where(f => f.Value.Length < 8000).Select(f => f.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_cut_at_any_byte_is_read_in_part_or_named(string name)
    {
        var file = MetadataSamples.Editable.GetValueOrDefault(name) ?? MetadataSamples.ReadOnly[name];
        for (var length = 0; length < file.Length; length++)
        {
            MetadataFuzz.Check(file[..length]);
        }
    }

    public static TheoryData<string> Liars => [.. Lies.Keys];

    [Theory]
    [MemberData(nameof(Liars))]
    public void A_file_that_lies_is_read_or_named_within_bounds(string what)
    {
        var (make, problem) = Lies[what];
        var file = make();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var found = MetadataFuzz.ProblemOf(() => Splices.Read(file));
        MetadataFuzz.Check(file);

        Assert.Equal(problem, found);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
    }

    [Fact]
    public void An_entity_bomb_in_a_file_is_refused_and_the_file_named()
    {
        byte[] bomb = [.. "XML:com.adobe.xmp\0\0\0\0\0<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>"u8];
        using var folder = new TempFolder();
        using var file = File.OpenRead(folder.Write("a.png", Png(("iTXt", bomb))));

        var refused = Assert.Throws<ImageException>(() => MetadataEdit.Plan(file, ImageFormat.Png, Change));

        Assert.Contains($"'{file.Name}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_picture_is_not_written_to()
    {
        var png = MetadataSamples.Editable["plain.png"];

        Assert.Equal(ImageProblem.EndsEarly, MetadataFuzz.ProblemOf(() => Splices.Plan(png[..^12], Change)));
        Assert.Equal(ImageProblem.EndsEarly, MetadataFuzz.ProblemOf(() => Splices.Plan(Jpeg[..^2], Change)));
        Assert.Equal(ImageProblem.Damaged, MetadataFuzz.ProblemOf(() => Splices.Plan([.. Jpeg[..20], 0, 0, .. Jpeg[20..]], Change)));
    }

    private static byte[] Repeated(int times, byte[] part) => [.. Enumerable.Repeat(part, times).SelectMany(p => p)];

    private static byte[] Png(params (string Type, byte[] Data)[] chunks) =>
        Samples.Png(1, 1, 8, 0, [.. chunks, ("IDAT", Samples.Deflate([0, 0])), ("IEND", [])]);
}
