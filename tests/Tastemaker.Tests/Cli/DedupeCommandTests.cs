using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Cli;

/// <summary><c>taste dedupe</c> on painted pictures: copies, smaller ones, saved again as JPEG, and others.</summary>
public sealed class DedupeCommandTests : IAsyncLifetime
{
    private const int Side = 256;

    private readonly TestStudio _studio = new();
    private Dictionary<string, string> _before = [];

    private string Pictures => _studio["pictures"];

    public ValueTask InitializeAsync()
    {
        for (var i = 0; i < 8; i++)
        {
            _studio.Folder.Write($"pictures/{i}.png", ImageWriter.Png(Paint(i)));
        }

        _studio.Folder.Write("pictures/a/0.png", File.ReadAllBytes(Path.Combine(Pictures, "0.png")));
        _studio.Folder.Write("pictures/b/0.png", File.ReadAllBytes(Path.Combine(Pictures, "0.png")));
        _studio.Folder.Write("pictures/c/1.jpg", ImageWriter.Jpeg(Paint(1)));
        var half = Resampler.Resize(Paint(1).View, Side / 2, Side / 2, new Window(0, 0, Side / 2, Side / 2), Interpolation.Lanczos);
        _studio.Folder.Write("pictures/d/1 small.png", ImageWriter.Png(new(Side / 2, Side / 2, PixelMode.Rgb, half)));
        _before = TestStudio.Contents(Pictures);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _studio.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Copies_and_near_copies_are_proposed_and_nothing_is_touched()
    {
        var (code, output, error) = await Dedupe("--json");

        Assert.Equal(0, code);
        var found = JsonDocument.Parse(output).RootElement;
        var groups = found.GetProperty("groups").EnumerateArray().ToList();
        Assert.Equal(2, groups.Count);
        Assert.Equal(["0.png", "0.png", "0.png"], Names(groups[0]));
        Assert.All(groups[0].GetProperty("others").EnumerateArray(), o => Assert.Equal(("exact", 1), (o.GetProperty("kind").GetString(), o.GetProperty("similarity").GetDouble())));
        Assert.Equal(["1 small.png", "1.jpg", "1.png"], Names(groups[1]).Order(StringComparer.Ordinal));
        Assert.Equal(Side * Side, groups[1].GetProperty("kept").GetProperty("pixels").GetInt64());
        Assert.All(groups[1].GetProperty("others").EnumerateArray(), o => Assert.InRange(o.GetProperty("similarity").GetDouble(), found.GetProperty("threshold").GetDouble(), 0.999999));
        Assert.Contains("Nothing was touched", error, StringComparison.Ordinal);
        Assert.Equal(_before, TestStudio.Contents(Pictures));

        var exact = JsonDocument.Parse((await Dedupe("--json", "--exact")).Output).RootElement;
        Assert.Equal(["0.png", "0.png", "0.png"], Names(Assert.Single(exact.GetProperty("groups").EnumerateArray())));
    }

    [Fact]
    public async Task Copies_of_one_name_are_all_moved_and_undo_brings_every_one_back()
    {
        var gone = _studio["gone"];
        var (refused, _, why) = await Dedupe("--move-to", gone);
        Assert.Equal(2, refused);
        Assert.Contains("Give --yes", why, StringComparison.Ordinal);
        Assert.Equal(_before, TestStudio.Contents(Pictures));

        var (code, _, error) = await Dedupe("--move-to", gone, "--yes");

        Assert.Equal(0, code);
        Assert.Contains($"4 moved to '{gone}'", error, StringComparison.Ordinal);
        Assert.Equal(4, TestStudio.Contents(gone).Count);
        Assert.Equal(8, TestStudio.Contents(Pictures).Count);
        Assert.Equal(2, TestStudio.Contents(gone).Values.Count(hash => hash == _before["0.png"]));
        Assert.Contains("0 groups", (await Dedupe()).Error, StringComparison.Ordinal);

        await _studio.Output("undo");
        Assert.Equal(_before, TestStudio.Contents(Pictures));
        Assert.Empty(TestStudio.Contents(gone));
    }

    [Fact]
    public async Task Deleted_files_are_in_the_desktops_trash_and_undo_takes_them_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a trash that programs may fill by themselves.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 }, "XDG_DATA_HOME is set here, and the trash of its user is not the tests' to fill.");
        var home = _studio.Folder.Folder("home");
        var (refused, _, _) = await Dedupe("--delete");
        Assert.Equal(2, refused);
        Assert.Equal(_before, TestStudio.Contents(Pictures));

        using (var program = Taste.StartAt(home, "--studio", _studio.Studio.Root, "dedupe", Pictures, "-m", "plain", "--exact", "--delete", "--yes"))
        {
            await program.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, program.ExitCode);
        }

        var trash = Path.Combine(home, ".local/share/Trash");
        Assert.Equal(["0 (2).png", "0.png"], TestStudio.Contents(Path.Combine(trash, "files")).Keys.Order(StringComparer.Ordinal));
        var info = await File.ReadAllLinesAsync(Path.Combine(trash, "info", "0 (2).png.trashinfo"), TestContext.Current.CancellationToken);
        Assert.Equal("[Trash Info]", info[0]);
        Assert.StartsWith("Path=/", info[1], StringComparison.Ordinal);
        Assert.Matches("^DeletionDate=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$", info[2]);
        Assert.False(File.Exists(Uri.UnescapeDataString(info[1]["Path=".Length..])));

        await _studio.Output("undo");
        Assert.Equal(_before, TestStudio.Contents(Pictures));
        Assert.Empty(TestStudio.Contents(trash));
    }

    [Theory]
    [InlineData("--threshold", "0.2")]
    [InlineData("--threshold", "nan")]
    [InlineData("--delete", "--move-to=x")]
    public async Task What_cannot_be_meant_is_refused(params string[] options)
    {
        var (code, output, error) = await Dedupe(options);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    private static Raster Paint(int number) => new(Side, Side, PixelMode.Rgb, AbstractPainter.Paint(AbstractPrompt.Draw((ulong)number), (ulong)number, Side));

    private static string[] Names(JsonElement group) => [.. group.GetProperty("others").EnumerateArray().Append(group.GetProperty("kept")).Select(f => Path.GetFileName(f.GetProperty("path").GetString()!))];

    private Task<(int Code, string Output, string Error)> Dedupe(params string[] options) => _studio.Run(["dedupe", Pictures, "-m", "plain", .. options]);
}
