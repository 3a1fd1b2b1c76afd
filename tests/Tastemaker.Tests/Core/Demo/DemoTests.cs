using System.Collections.Concurrent;
using Tastemaker.Core.Demo;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Pixels;
using Story = Tastemaker.Core.Demo.Demo;

namespace Tastemaker.Tests.Core.Demo;

public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"taste-demo-{Guid.NewGuid():N}");

    [Fact]
    public void The_whole_story_ends_in_pictures_a_best_folder_and_a_report()
    {
        var steps = new Steps();

        var result = Story.Run(Options(), steps, TestContext.Current.CancellationToken);

        var images = Directory.GetFiles(Path.Combine(_folder, "images"));
        Assert.Equal(60, images.Length);
        Assert.All(images, file =>
        {
            var picture = ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken);
            Assert.Equal((64, 64, PixelMode.Rgb), (picture.Width, picture.Height, picture.Mode));
        });
        Assert.Equal(8, Directory.GetFiles(Path.Combine(_folder, "best")).Length);
        Assert.Equal(8, result.Best.Count);
        Assert.StartsWith("01-", Path.GetFileName(result.Best[0]), StringComparison.Ordinal);
        Assert.Equal(25, result.HeldOut.Of);
        Assert.Equal(0.75, result.Repeatability);
        Assert.InRange(result.Ceiling, 0.78, 0.86);
        Assert.Equal(["Learning", "Painting", "Writing the report"], steps.Seen.Select(s => s.Step).Distinct().Order());

        var report = File.ReadAllText(result.Report);
        Assert.Contains("<strong>Simulated.</strong>", report, StringComparison.Ordinal);
        Assert.Contains($"{result.HeldOut.Agreed} of 25 kept-out choices", report, StringComparison.Ordinal);
        Assert.DoesNotContain("http", report, StringComparison.Ordinal);
        foreach (var source in report.Split("src=\"").Skip(1).Select(s => s[..s.IndexOf('"', StringComparison.Ordinal)]))
        {
            Assert.True(File.Exists(Path.Combine(_folder, source)), $"the report shows '{source}', which is not there.");
        }
    }

    [Fact]
    public void A_folder_with_anything_in_it_is_left_alone()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "mine.txt"), "");

        var error = Assert.Throws<DemoException>(() => Story.Run(Options(), null, TestContext.Current.CancellationToken));

        Assert.Contains("is not empty; the demo wants a folder of its own", error.Message, StringComparison.Ordinal);
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(39, 100, 8), InlineData(60, 5001, 8), InlineData(60, 100, 0), InlineData(60, 100, 61)]
    public void Numbers_out_of_range_are_refused(int images, int choices, int best)
    {
        var options = Options() with { Images = images, Choices = choices, Best = best };
        Assert.Throws<DemoException>(() => Story.Run(options, null, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(_folder));
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => Story.Run(Options(), null, new CancellationToken(canceled: true)));
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private DemoOptions Options() => new(_folder) { Images = 60, Choices = 100, Best = 8, Side = 64, Seed = 3 };

    private sealed class Steps : IProgress<Progress>
    {
        public ConcurrentBag<Progress> Seen { get; } = [];

        public void Report(Progress value) => Seen.Add(value);
    }
}
