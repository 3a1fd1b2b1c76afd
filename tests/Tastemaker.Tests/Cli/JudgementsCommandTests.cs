using System.Text.Json;

namespace Tastemaker.Tests.Cli;

public sealed class JudgementsCommandTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task Judgements_go_in_and_come_out_and_a_second_time_is_told()
    {
        var (file, names) = Pairs();

        var first = await _studio.Output("judgements", "import", file);
        var second = await _studio.Output("judgements", "import", file);
        await _studio.Output("judgements", "export", _studio["out.csv"]);

        Assert.Equal($"{file}: pairs, 3 judgements taken in.\n", first.ReplaceLineEndings("\n"));
        Assert.Equal($"{file}: pairs, 0 judgements taken in; 3 were imported before ('--again' takes them once more).\n", second.ReplaceLineEndings("\n"));
        Assert.Equal($"winner,loser,draw\npictures/{names[0]},pictures/{names[1]},0\n", string.Concat((await File.ReadAllLinesAsync(_studio["out.csv"], TestContext.Current.CancellationToken))[..2].Select(l => $"{l}\n")));
    }

    [Fact]
    public async Task What_is_missing_is_named_and_the_rest_is_taken()
    {
        var (file, names) = Pairs();
        await File.AppendAllTextAsync(file, $"{names[0]},missing.png\n", TestContext.Current.CancellationToken);

        var (code, output, error) = await _studio.Run("judgements", "import", file, _studio["none.json"]);

        Assert.Equal(1, code);
        Assert.Contains("3 judgements", output, StringComparison.Ordinal);
        Assert.Contains("missing.png", error, StringComparison.Ordinal);
        Assert.Contains("none.json", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("judgements", "import", "none.json")]
    [InlineData("judgements", "export", "out")]
    [InlineData("judgements", "export", "out.json")]
    [InlineData("judgements", "import", "x", "--format", "guess")]
    [InlineData("judgements", "import", "x", "--taste", "../x")]
    [InlineData("stats", "--taste", "")]
    public async Task What_cannot_be_done_is_one_line_and_exit_code_2(params string[] arguments)
    {
        var (code, output, error) = await _studio.Run([.. arguments[..2], .. arguments[2..].Select((a, i) => arguments[0] == "judgements" && i == 0 ? _studio[a] : a)]);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_are_words_or_JSON_or_the_trainer_s_report()
    {
        var (file, names) = Pairs();
        await _studio.Output("embed", _studio["pictures"], "--encoder", "gist", "--npy", _studio["x.npy"]);
        await _studio.Output("judgements", "import", file);

        var words = await _studio.Output("stats");
        using var json = JsonDocument.Parse(await _studio.Output("stats", "--json"));
        var elo = await _studio.Output("stats", "--elo");

        Assert.Contains("taste 'mine': 3 choices", words, StringComparison.Ordinal);
        Assert.Contains("next: choose.", words, StringComparison.Ordinal);
        Assert.Equal(3, json.RootElement.GetProperty("counts").GetProperty("choices").GetInt32());
        Assert.Equal("choose", json.RootElement.GetProperty("advice").GetProperty("next").GetString());
        Assert.Equal(names.Length, json.RootElement.GetProperty("mostLiked").GetArrayLength() + json.RootElement.GetProperty("leastLiked").GetArrayLength());
        Assert.Equal(
        [
            "   3 comparisons in    0.0 s", "0/3 of the images are rated zero", "  1 choices matched db,   1 contradicted db [  1 not predicted] = (50.00%) ",
            "A total of      3 comparisons have been made for     3 images ( 2.00 per image)", "     6 tests: 50.00%", "",
        ], elo.ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public async Task Stats_of_an_empty_studio_say_what_to_do()
    {
        var words = await _studio.Output("stats", "--encoder", "gist");

        Assert.Contains("next: add images.", words, StringComparison.Ordinal);
    }

    /// <summary>First over second, second over first, second over third.</summary>
    private (string File, string[] Names) Pairs()
    {
        string[] names = [.. Directory.EnumerateFiles(Path.Combine(Goldens.Own, "preprocess/images")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal).Take(3)];
        var folder = _studio.Pictures(names);
        var file = Path.Combine(folder, "pairs.csv");
        File.WriteAllText(file, $"winner,loser\n{names[0]},{names[1]}\n{names[1]},{names[0]}\n{names[1]},{names[2]}\n");
        return (file, names);
    }
}
