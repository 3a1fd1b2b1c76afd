using System.Globalization;
using Tastemaker.Core.Curation;

namespace Tastemaker.Tests.Cli;

/// <summary>What <c>taste score</c> does to files when asked, and that <c>taste undo</c> takes it back.</summary>
public sealed class PlacingTests : IAsyncLifetime
{
    private static readonly string[] Five = ["edges_224x224.png", "gray_L_350x270.png", "one_1x1.png", "row_7x1.png", "tiny_10x10.png"];

    private readonly TestStudio _studio = new();
    private string _pictures = "";
    private Dictionary<string, string> _before = [];

    private string Kept => _studio["kept"];

    public async ValueTask InitializeAsync()
    {
        _pictures = _studio.Pictures(Five);
        _before = TestStudio.Contents(_pictures);
        await _studio.ImportTiny();
        await _studio.ImportHead("head");
    }

    public ValueTask DisposeAsync()
    {
        _studio.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("--copy-to", "copied")]
    [InlineData("--link-to", "linked")]
    public async Task The_best_are_copied_or_linked_and_undo_removes_them(string option, string verb)
    {
        var (code, output, error) = await Score("--top", "3", option, Kept);

        Assert.Equal(0, code);
        var rows = Row.Parse(output);
        Assert.Equal(rows.ToDictionary(r => r.Name, r => _before[r.Name]), TestStudio.Contents(Kept));
        Assert.Equal(3, rows.Count);
        Assert.Equal(_before, TestStudio.Contents(_pictures));
        Assert.EndsWith($"3 {verb} to '{Kept}'; 'taste undo' takes it back.", error.TrimEnd(), StringComparison.Ordinal);

        await Undo();
        Assert.Empty(TestStudio.Contents(Kept));
    }

    [Fact]
    public async Task Files_are_moved_only_with_a_yes_and_undo_brings_them_back()
    {
        var (refused, _, why) = await Score("--move-to", Kept);

        Assert.Equal(2, refused);
        Assert.EndsWith($"error: 5 files would be moved to '{Kept}'; nothing was. Give --yes to move them.", why.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(_before, TestStudio.Contents(_pictures));
        Assert.False(Directory.Exists(Kept));

        var (code, _, _) = await Score("--move-to", Kept, "--yes");
        Assert.Equal(0, code);
        Assert.Equal(_before, TestStudio.Contents(Kept));
        Assert.Empty(TestStudio.Contents(_pictures));

        await Undo();
        Assert.Empty(TestStudio.Contents(Kept));
    }

    [Fact]
    public async Task A_taken_name_is_never_overwritten_and_the_same_again_does_nothing()
    {
        _studio.Folder.File("kept/one_1x1.png", "mine");

        await Score("--copy-to", Kept);
        var (code, _, error) = await Score("--copy-to", Kept);

        var kept = TestStudio.Contents(Kept);
        Assert.Equal(0, code);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Kept, "one_1x1.png"), TestContext.Current.CancellationToken));
        Assert.Equal(_before["one_1x1.png"], kept["one_1x1 (2).png"]);
        Assert.Equal(Five.Length + 1, kept.Count);
        Assert.Contains($"0 copied to '{Kept}', 5 were there already", error, StringComparison.Ordinal);

        await Undo();
        Assert.Equal(["one_1x1.png"], TestStudio.Contents(Kept).Keys);
    }

    [Fact]
    public async Task Bands_make_a_subfolder_each_and_a_pattern_names_the_files()
    {
        var scores = Row.Parse((await Score()).Output);
        var edge = ((scores[2].Raw + scores[3].Raw) / 2).ToString("R", CultureInfo.InvariantCulture);

        await Score("--copy-to", Kept, "--bands", $"{edge},100", "--rename", "{rank:D2}-{stem}--{model}--{raw:F1}{ext}");

        var expected = scores.Index().ToDictionary(
            s => Path.Combine(s.Index <= 2 ? $"{edge}-100" : $"below-{edge}", string.Create(
                CultureInfo.InvariantCulture, $"{s.Index + 1:D2}-{Path.GetFileNameWithoutExtension(s.Item.Name)}--head--{s.Item.Raw:F1}.png")),
            s => _before[s.Item.Name]);
        Assert.Equal(expected.OrderBy(f => f.Key), TestStudio.Contents(Kept).OrderBy(f => f.Key));
    }

    [Fact]
    public async Task Chad_keeps_what_rounds_to_its_threshold_and_names_as_SD_Chad_did()
    {
        // Its threshold is 6.9; scores are moved so that the second best is 6.86, which rounds to it, and the third is not.
        var scores = Row.Parse((await Score()).Output);
        var bias = (float)(6.86 - scores[1].Raw);
        Assert.True(scores[2].Raw + bias < 6.84, "the third of the seeded scores must be clearly lower.");
        await _studio.ImportHead("moved", bias: bias);
        Directory.CreateDirectory(Kept);
        await File.WriteAllTextAsync(Path.Combine(Kept, "00011-7--Chad--7.0.png"), "earlier", TestContext.Current.CancellationToken);

        var (code, output, _) = await _studio.Run(TestStudio.ByTiny(_pictures, "--model", "moved", "--chad", "--copy-to", Kept));

        var rows = Row.Parse(output);
        Assert.Equal(0, code);
        Assert.Equal(scores[..2].Select(s => s.Name), rows.Select(r => r.Name));
        string[] names = [.. rows.Index().Select(r => Chad.Name(12 + r.Index, Path.GetFileNameWithoutExtension(r.Item.Name), r.Item.Raw, ".png"))];
        Assert.Equal(["00011-7--Chad--7.0.png", .. names], TestStudio.Contents(Kept).Keys.Order(StringComparer.Ordinal));
        Assert.Equal($"00013-{Path.GetFileNameWithoutExtension(rows[1].Name)}--Chad--6.9.png", names[1]);
    }

    [Fact]
    public async Task Undo_goes_back_one_command_at_a_time()
    {
        await Score("--top", "1", "--copy-to", Kept);
        await Score("--top", "2", "--move-to", _studio["moved"], "--yes");

        await _studio.Output("undo");
        Assert.Equal(_before, TestStudio.Contents(_pictures));
        Assert.Single(TestStudio.Contents(Kept));

        await Undo();
        Assert.Empty(TestStudio.Contents(Kept));
        var (code, _, error) = await _studio.Run("undo");
        Assert.Equal((0, "nothing to undo."), (code, error.TrimEnd()));
    }

    [Theory]
    [InlineData("--copy-to", "a", "--move-to", "b")]
    [InlineData("--copy-to", "a", "--rename", "{nonsense}")]
    [InlineData("--copy-to", "a", "--bands", "6,5")]
    [InlineData("--copy-to", "a", "--chad", "--rename={stem}")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_placed(params string[] options)
    {
        options[1] = _studio[options[1]];

        var (code, output, error) = await Score(options);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Equal(_before, TestStudio.Contents(_pictures));
        Assert.False(Directory.Exists(options[1]));
    }

    private Task<(int Code, string Output, string Error)> Score(params string[] options) =>
        _studio.Run(TestStudio.ByTiny([_pictures, "--model", "head", .. options]));

    private async Task Undo()
    {
        await _studio.Output("undo");
        Assert.Equal(_before, TestStudio.Contents(_pictures));
    }
}
