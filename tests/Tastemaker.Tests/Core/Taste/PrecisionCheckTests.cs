using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;

namespace Tastemaker.Tests.Core.Taste;

public sealed class PrecisionCheckTests
{
    private static readonly string Images = Path.Combine(Goldens.Own, "preprocess/images");

    [Fact]
    public void An_encoder_beside_itself_costs_nothing()
    {
        using var encoder = new GistImageEncoder(Orientation.Apply);

        var report = PrecisionCheck.Run(Found("grad_640x480.png", "text_501x377.png", "rgba_320x260.png"), encoder, encoder, [PlainHead.Create()], null, CancellationToken.None);

        Assert.Empty(report.Failures);
        Assert.Equal(3, report.Pictures.Count);
        Assert.All(report.Pictures, p => Assert.Equal(1, p.Cosine, 12));
        var head = Assert.Single(report.Heads);
        Assert.Equal(("plain", 0.0, 0.0), (head.Head, head.MeanDifference, head.MaxDifference));
        Assert.Equal(1, head.Spearman!.Value, 12);
        Assert.Equal(1, head.Pearson!.Value, 12);
    }

    [Fact]
    public void Two_pictures_have_no_correlation()
    {
        using var encoder = new GistImageEncoder(Orientation.Apply);

        var report = PrecisionCheck.Run(Found("grad_640x480.png", "text_501x377.png"), encoder, encoder, [PlainHead.Create()], null, CancellationToken.None);

        Assert.Equal((null, null), (report.Heads[0].Spearman, report.Heads[0].Pearson));
    }

    [Fact]
    public void The_low_cosine_lies_between_the_two_worst_pictures()
    {
        var report = new PrecisionReport([.. Enumerable.Range(0, 11).Select(i => new PicturePrecision($"{i}", i / 10.0))], [], default, default, []);

        Assert.Equal(0.05, report.LowCosine, 12);
        Assert.Equal(0.5, report.MeanCosine, 12);
        Assert.Equal("0", report.Worst.Path);
    }

    private static FoundFile[] Found(params string[] names) => [.. names.Select(n => FoundFile.At(Path.Combine(Images, n))!)];
}
