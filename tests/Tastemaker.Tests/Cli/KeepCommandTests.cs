using System.Text;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Pixels;
using Tastemaker.Tests.Core.Imaging;

namespace Tastemaker.Tests.Cli;

/// <summary><c>taste keep</c> on painted pictures that bear prompts and seeds as A1111 writes them.</summary>
public sealed class KeepCommandTests : IAsyncLifetime
{
    private const int Side = 64;

    /// <summary>Of a PNG's signature and first chunk.</summary>
    private const int HeaderEnd = 33;

    private readonly TestStudio _studio = new();
    private Dictionary<string, string> _before = [];
    private Dictionary<string, double> _scores = [];

    private string Pictures => _studio["pictures"];

    public async ValueTask InitializeAsync()
    {
        // Twelve pictures in two folders, of three prompts and four seeds; one more says nothing of itself.
        for (var i = 0; i < 13; i++)
        {
            var rgb = AbstractPainter.Paint(AbstractPrompt.Draw((ulong)i), (ulong)i, Side);
            var png = ImageWriter.Png(new(Side, Side, PixelMode.Rgb, rgb));
            _studio.Folder.Write($"pictures/{i % 2}/{i:00}.png", i == 12
                ? png
                : [.. png[..HeaderEnd], .. Samples.Chunk("tEXt", Encoding.Latin1.GetBytes($"parameters\0prompt {i % 3}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: {i % 4}, Size: 64x64")), .. png[HeaderEnd..]]);
        }

        _before = TestStudio.Contents(Pictures);
        _scores = Row.Parse(await _studio.Output("score", Pictures, "-m", "plain")).ToDictionary(r => r.Name, r => r.Raw);
    }

    public ValueTask DisposeAsync()
    {
        _studio.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("prompt", 3, 1)]
    [InlineData("seed", 4, 1)]
    [InlineData("folder", 2, 0)]
    [InlineData("experiment", 1, 7)]
    [InlineData("all", 1, 0)]
    [InlineData("near", 13, 0)]
    public async Task The_best_of_every_group_are_kept(string per, int groups, int ungrouped)
    {
        _studio.Folder.Write($"pictures/1/{Experiments.Log}", []);
        var found = JsonDocument.Parse(await _studio.Output("keep", Pictures, "-m", "plain", "--per", per, "--best", "2", "--json")).RootElement;

        Assert.Equal(groups, found.GetProperty("groups").GetArrayLength());
        Assert.Equal(ungrouped, found.GetProperty("ungrouped").GetArrayLength());
        var all = new List<string>();
        foreach (var group in found.GetProperty("groups").EnumerateArray())
        {
            var (kept, rest) = (Names(group.GetProperty("kept")), Names(group.GetProperty("rest")));
            Assert.Equal(Math.Min(2, kept.Length + rest.Length), kept.Length);
            Assert.Equal(((string[])[.. kept, .. rest]).OrderByDescending(n => _scores[n]), [.. kept, .. rest]);
            all.AddRange([.. kept, .. rest]);
            if (per == "prompt")
            {
                Assert.All((string[])[.. kept, .. rest], n => Assert.Equal($"prompt {int.Parse(n[..2], null) % 3}", group.GetProperty("name").GetString()));
            }
        }

        Assert.Equal(13 - ungrouped, all.Distinct().Count());
        Assert.Equal(13 - ungrouped, all.Count);
    }

    [Fact]
    public async Task The_kept_are_copied_the_rest_moved_away_and_undo_takes_back_both()
    {
        string[] what = ["keep", Pictures, "-m", "plain", "--per", "prompt", "--copy-to", _studio["best"], "--rest-to", _studio["rest"]];
        var (refused, _, why) = await _studio.Run(what);
        Assert.Equal(2, refused);
        Assert.Contains("9 files would be moved", why, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_studio["best"]));

        await _studio.Output([.. what, "--yes"]);

        Assert.Equal(3, TestStudio.Contents(_studio["best"]).Count);
        Assert.Equal(9, TestStudio.Contents(_studio["rest"]).Count);
        Assert.Equal(4, TestStudio.Contents(Pictures).Count);

        await _studio.Output("undo");
        Assert.Equal(_before, TestStudio.Contents(Pictures));
        await _studio.Output("undo");
        Assert.Empty(TestStudio.Contents(_studio["best"]));
    }

    [Fact]
    public async Task The_kept_bear_a_tag_and_copies_of_one_picture_count_once()
    {
        var best = _scores.MaxBy(s => s.Value).Key;
        File.Copy(Directory.GetFiles(Pictures, best, SearchOption.AllDirectories)[0], Path.Combine(Pictures, "copy.png"));

        var output = await _studio.Output("keep", Pictures, "-m", "plain", "--best", "2", "--tag", "for the show");

        var kept = output.Split('\n').Where(line => line.StartsWith("keep\t", StringComparison.Ordinal)).Select(line => Path.GetFileName(line.Split('\t')[2])).ToList();
        var second = _scores.OrderByDescending(s => s.Value).ElementAt(1).Key;
        Assert.Equal([best, "copy.png", second], kept.OrderBy(n => n == second).ThenBy(n => n, StringComparer.Ordinal));
        using var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        Assert.Equal(2, new ImageTags(database).Images("for the show").Count);
    }

    [Fact]
    public async Task Keeping_none_is_refused()
    {
        var (code, _, error) = await _studio.Run("keep", Pictures, "--best", "0");

        Assert.Equal(2, code);
        Assert.StartsWith("error: --best 0", error, StringComparison.Ordinal);
    }

    private static string[] Names(JsonElement files) => [.. files.EnumerateArray().Select(f => Path.GetFileName(f.GetProperty("path").GetString()!))];
}
