using System.Diagnostics;
using Tastemaker.Tests.Core.Imaging;

namespace Tastemaker.Tests.Cli;

/// <summary>Files that are broken, or made to break programs: each is named, none is fatal, nothing comes of them.</summary>
public sealed class HostileInputTests : IDisposable
{
    private static readonly string[] Good = ["edges_224x224.png", "jpeg_gray_300x260.jpg", "tiny_10x10.png"];

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task Among_broken_pictures_the_good_ones_are_scored()
    {
        var folder = _studio.Pictures(Good);
        string[] bad =
        [
            _studio.Folder.Write("pictures/truncated.png", Samples.Golden("grad_640x480.png")[..2000]),
            _studio.Folder.Write("pictures/truncated.jpg", Samples.Golden("jpeg_420_317x411.jpg")[..200]),
            _studio.Folder.Write("pictures/empty.jpg", []),
            _studio.Folder.File("pictures/text.png", "This is no picture."),
            _studio.Folder.Write("pictures/huge_header.png", Samples.Png(60_000, 60_000, 8, 2)),
            _studio.Folder.Write("pictures/huge.png", Samples.Png(60_000, 60_000, 8, 2, ("IDAT", Samples.Deflate(new byte[180_001])), ("IEND", []))),
        ];

        await OnlyTheGoodAreScored(folder, bad, Score);
    }

    [Fact]
    public async Task Loops_of_links_and_pipes_are_named_and_passed_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no FIFOs, and links need a privilege there.");
        var folder = _studio.Pictures(Good);
        _studio.Folder.Folder("pictures/below");
        string[] bad =
        [
            Directory.CreateSymbolicLink(Path.Combine(folder, "below/loop"), folder).FullName,
            File.CreateSymbolicLink(Path.Combine(folder, "itself.png"), "itself.png").FullName,
            File.CreateSymbolicLink(Path.Combine(folder, "nowhere.png"), "nothing.png").FullName,
            Path.Combine(folder, "pipe.png"),
        ];
        using (var mkfifo = Process.Start("mkfifo", bad[^1]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, mkfifo.ExitCode);
        }

        await OnlyTheGoodAreScored(folder, bad, Score);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_listed_is_named_and_passed_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix permissions.");
        var folder = _studio.Pictures(Good);
        var closed = _studio.Folder.Folder("pictures/closed");
        Unix.SetMode(closed, UnixFileMode.None);
        try
        {
            await OnlyTheGoodAreScored(folder, [closed], Environment.IsPrivilegedProcess ? ScoreUnprivileged : Score);
        }
        finally
        {
            Unix.SetMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_checkpoint_that_wants_to_run_something_is_refused_by_the_name_of_that()
    {
        var file = Path.Combine(Goldens.Own, "pickle/must_refuse.pt");

        var (code, output, error) = await _studio.Run("models", "import", file);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"error: '{file}' cannot be taken in: ", error, StringComparison.Ordinal);
        Assert.Contains("system", error, StringComparison.Ordinal);
        Assert.Empty(TestStudio.Contents(_studio.Studio.Models));
        Assert.DoesNotContain("\"installed\": true", await _studio.Output("models", "list", "--json"), StringComparison.Ordinal);
    }

    /// <summary>Scores a folder by the built-in encoder, then looks at what was said, kept and left.</summary>
    private async Task OnlyTheGoodAreScored(string folder, string[] bad, Func<string, Task<(int Code, string Output, string Error)>> score)
    {
        var before = Entries(folder);

        var (code, output, error) = await score(folder);

        Assert.Equal(1, code);
        Assert.Equal(Good, Row.Parse(output).Select(r => r.Name).Order(StringComparer.Ordinal));
        var errors = error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(bad.Length, errors.Count);
        Assert.All(bad, path => Assert.Single(errors, line => line.Contains($"'{path}'", StringComparison.Ordinal)));
        Assert.EndsWith($"{Good.Length} scored, {bad.Length} failed.", error.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(new(Images: Good.Length, Files: Good.Length, Encoders: 1, Vectors: Good.Length), _studio.Count());
        Assert.Equal(before, Entries(folder));
        Assert.Equal(["studio.db", "vectors"], Entries(_studio.Studio.Root).Where(e => !e.EndsWith("-wal", StringComparison.Ordinal) && !e.EndsWith("-shm", StringComparison.Ordinal)));
        Assert.Single(Entries(_studio.Studio.Vectors));
        Assert.Equal(["pictures", "studio"], Entries(_studio.Folder.Path));
    }

    private Task<(int Code, string Output, string Error)> Score(string folder) => _studio.Run("score", folder);

    /// <summary>The superuser may list every folder.</summary>
    private async Task<(int Code, string Output, string Error)> ScoreUnprivileged(string folder)
    {
        const UnixFileMode All = (UnixFileMode)0b111_111_111;
        Unix.SetMode(_studio.Folder.Path, All);
        Unix.SetMode(folder, All);
        using var run = Taste.StartUnprivileged("--studio", _studio.Studio.Root, "score", folder);
        var (output, error) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (run.ExitCode, await output, await error);
    }

    private static string[] Entries(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal)];
}
