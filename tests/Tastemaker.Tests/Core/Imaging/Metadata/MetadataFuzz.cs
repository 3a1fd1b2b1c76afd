using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>What holds of every file, however spoilt.</summary>
internal static class MetadataFuzz
{
    private static readonly TagChange Tags = new(new HashSet<string> { "castle", "score_9" }, ["score_9", "b & c"]);

    private static readonly MetadataChange[] Changes =
    [
        new() { Xmp = new() { Rating = 4, Tags = Tags }, Exif = new() { Rating = 4, RatingPercent = 75, UserComment = "x, 城" } },
        new() { InfotextScore = 7.5 },
        new() { PngTexts = new Dictionary<string, string?> { ["parameters"] = "é", ["Comment"] = null, ["new"] = "城" } },
    ];

    /// <summary>What means something in one of the formats.</summary>
    public static byte[][] Fragments { get; } =
    [
        [0xFF, 0xE1], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xDA], [0xFF, 0xD9], [.. "Exif\0\0"u8], [.. "II*\0"u8], [.. "MM\0*"u8],
        [0x87, 0x69, 0, 4, 0, 0, 0, 1], [0x69, 0x87, 4, 0, 1, 0, 0, 0], [.. "UNICODE\0"u8], [.. "iTXt"u8], [.. "XMP "u8], [.. "VP8X"u8], [.. "IEND"u8], [.. "IDAT"u8],
        [.. "</rdf:li>"u8], [.. "<rdf:li>"u8], [.. "<!--"u8], [.. "<![CDATA["u8], [.. "xmp:Rating=\"3\""u8], [.. "&amp;"u8], [.. "\r\n"u8], [.. "/>"u8], [.. "xmlns:xmp='"u8],
        [.. ", Score: 5"u8], [.. "Steps: 1, Seed: 2, Size: 3x3"u8],
    ];

    /// <summary>
    /// Reading and planning end in what they promise or in an <see cref="ImageException"/>; what is planned keeps the picture,
    /// can be taken back, and leaves nothing more to do.
    /// </summary>
    public static void Check(byte[] file)
    {
        ProblemOf(() =>
        {
            var read = Splices.Read(file);
            read.Rating();
            return read;
        });
        var format = ImageFormats.Recognise(file.AsSpan(0, Math.Min(file.Length, ImageFormats.HeadBytes)));
        if (format is null)
        {
            CheckSidecar(file);
        }

        if (format is not { } known || !MetadataEdit.IsEditable(known))
        {
            return;
        }

        foreach (var change in Changes)
        {
            IReadOnlyList<Splice> splices = [];
            if (ProblemOf(() => splices = Splices.Plan(file, change)) is null)
            {
                var edited = Splices.Apply(file, splices);
                Assert.Equal(Splices.ContentIdOf(file), Splices.ContentIdOf(edited));
                Assert.Equal(file, Splices.Apply(edited, Splices.Reversed(splices)));
                Assert.Empty(Splices.Plan(edited, change));
            }
        }
    }

    /// <summary>What is wrong; null where nothing is.</summary>
    public static ImageProblem? ProblemOf(Func<object> attempt)
    {
        try
        {
            attempt();
            return null;
        }
        catch (ImageException e)
        {
            Assert.True(e.Message[^1] is '.' or '?', e.Message);
            return e.Problem;
        }
    }

    private static void CheckSidecar(byte[] file)
    {
        byte[] patched = [];
        if (ProblemOf(() => patched = XmpSidecar.Patch(file, Changes[0].Xmp!)) is null)
        {
            Assert.Same(patched, XmpSidecar.Patch(patched, Changes[0].Xmp!));
            ProblemOf(() =>
            {
                var fields = XmpFields.Parse(patched);
                Assert.Equal(4, fields.Rating);
                Assert.Superset(Tags.Tags.ToHashSet(), fields.Tags.ToHashSet());
                return fields;
            });
        }
    }
}
