using System.Globalization;
using System.Text.Json;

namespace Tastemaker.Tests.Cli;

/// <summary>What <c>taste score</c> computes and prints; what it does to files is in <see cref="PlacingTests"/>.</summary>
public sealed class ScoreCommandTests : IDisposable
{
    private static readonly string[] Five = ["edges_224x224.png", "gray_L_350x270.png", "one_1x1.png", "row_7x1.png", "tiny_10x10.png"];

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task The_CSV_has_a_row_for_each_picture_and_head_with_the_head_s_own_score()
    {
        await _studio.ImportTiny();
        var (first, second) = (await _studio.ImportHead("first"), await _studio.ImportHead("second", seed: 2));

        var output = await _studio.Output(TestStudio.ByTiny(_studio.Pictures(Five), "--model", "first", "--model", "second", "--csv", _studio["out.csv"]));

        Assert.Empty(output);
        var csv = await File.ReadAllTextAsync(_studio["out.csv"], TestContext.Current.CancellationToken);
        var rows = Row.Parse(csv.ReplaceLineEndings("\n"));
        var features = GoldenFeatures.Own();
        Assert.Equal(2 * Five.Length, rows.Count);
        Assert.All(rows, row =>
        {
            Assert.Equal("tiny", row.Encoder);
            Assert.Equal(64, row.ContentId.Length);
            var head = row.Model == "first" ? first : second;
            // A stored feature is a float16: half a unit in the last place of 11 bits, over 768 of them.
            Assert.Equal(head.Score(features.FeaturesOf(row.Name)), row.Raw, 2e-3);
        });
        Assert.Equal(["first", "second"], rows.Take(2).Select(r => r.Model));
        var ranked = rows.Where(r => r.Model == "first").ToList();
        Assert.Equal(ranked.OrderByDescending(r => r.Raw).Select(r => r.Path), ranked.Select(r => r.Path));
        Assert.Equal([90, 70, 50, 30, 10], ranked.Select(r => r.Percentile));
        Assert.Equal(0, ranked.Average(r => r.Z), 1e-3);
        Assert.Equal(1, Math.Sqrt(ranked.Average(r => r.Z * r.Z)), 1e-3);
    }

    [Fact]
    public async Task JSON_says_what_the_CSV_says()
    {
        await _studio.ImportTiny();
        await _studio.ImportHead("head");
        var rows = await _studio.Score(_studio.Pictures(Five), "--model", "head");

        var json = JsonDocument.Parse(await _studio.Output(TestStudio.ByTiny(_studio["pictures"], "--model", "head", "--json"))).RootElement;

        Assert.Equal(rows, json.EnumerateArray().Select(e => new Row(
            e.GetProperty("path").GetString()!, e.GetProperty("content_id").GetString()!, e.GetProperty("encoder").GetString()!, e.GetProperty("model").GetString()!,
            double.Parse(e.GetProperty("raw").GetRawText(), CultureInfo.InvariantCulture), e.GetProperty("z").GetDouble(), e.GetProperty("percentile").GetDouble())));
    }

    [Fact]
    public async Task A_CSV_file_and_JSON_can_be_asked_for_together()
    {
        var output = await _studio.Output("score", _studio.Pictures("tiny_10x10.png"), "--json", "--csv", _studio["out.csv"]);

        Assert.Equal(1, JsonDocument.Parse(output).RootElement.GetArrayLength());
        Assert.Equal(2, File.ReadLines(_studio["out.csv"]).Count());
    }

    [Fact]
    public async Task A_path_with_a_comma_is_quoted()
    {
        var folder = _studio.Pictures("one_1x1.png");
        File.Move(Path.Combine(folder, "one_1x1.png"), Path.Combine(folder, "one, by one.png"));

        var lines = (await _studio.Output("score", folder)).Split('\n');

        Assert.StartsWith($"\"{Path.Combine(folder, "one, by one.png")}\",", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_keep_what_is_between_them_and_top_keeps_the_best()
    {
        await _studio.ImportTiny();
        await _studio.ImportHead("head");
        var all = await _studio.Score(_studio.Pictures(Five), "--model", "head");
        var between = all.Zip(all[1..], (better, worse) => ((better.Raw + worse.Raw) / 2).ToString("R", CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(all[..2], await Scored("--above", between[1]));
        Assert.Equal(all[2..], await Scored("--below", between[1]));
        Assert.Equal(all[1..3], await Scored("--above", between[2], "--below", between[0]));
        Assert.Equal(all[..3], await Scored("--top", "3"));
        Assert.Equal(all[..2], await Scored("--top", "30%"));
        Assert.Equal(all[1..3], await Scored("--above", between[3], "--below", between[0], "--top", "2"));
        Assert.Empty(await Scored("--above", "1e9"));

        Task<List<Row>> Scored(params string[] options) => _studio.Score([_studio["pictures"], "--model", "head", .. options]);
    }

    [Fact]
    public async Task Another_head_or_the_path_can_rank()
    {
        await _studio.ImportTiny();
        await _studio.ImportHead("first");
        await _studio.ImportHead("second", seed: 2);
        string[] asked = [_studio.Pictures(Five), "--model", "first", "--model", "second", "--sort"];

        var bySecond = (await _studio.Score([.. asked, "SECOND"])).Where(r => r.Model == "second").ToList();
        var byPath = (await _studio.Score([.. asked, "path"])).Where(r => r.Model == "first").ToList();
        var best = await _studio.Score([.. asked, "second", "--above", ((bySecond[0].Raw + bySecond[1].Raw) / 2).ToString("R", CultureInfo.InvariantCulture)]);
        var (code, _, error) = await _studio.Run(TestStudio.ByTiny([.. asked, "third"]));

        Assert.Equal(bySecond.OrderByDescending(r => r.Raw), bySecond);
        Assert.Equal(Five, byPath.Select(r => r.Name));
        Assert.Equal([bySecond[0].Path], best.Select(r => r.Path).Distinct());
        Assert.Equal(2, code);
        Assert.EndsWith("error: --sort 'third' is not a head in use (first, second) and not 'path'.", error.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_encodes_nothing_and_says_the_same()
    {
        await _studio.ImportTiny();
        await _studio.ImportHead("head");
        string[] asked = [_studio.Pictures(Five), "--model", "head"];
        var first = await _studio.Output(TestStudio.ByTiny(asked));
        var (counts, vectors) = (_studio.Count(), TestStudio.Contents(_studio.Studio.Vectors));

        Assert.Equal(first, await _studio.Output(TestStudio.ByTiny(asked)));

        Assert.Equal(new(Images: 5, Files: 5, Encoders: 1, Vectors: 5), counts);
        Assert.Equal(counts, _studio.Count());
        Assert.Equal(vectors, TestStudio.Contents(_studio.Studio.Vectors));
    }

    [Fact]
    public async Task Copies_of_a_file_are_one_image()
    {
        await _studio.ImportTiny();
        await _studio.ImportHead("head");
        var folder = _studio.Pictures("tiny_10x10.png", "one_1x1.png");
        File.Copy(Path.Combine(folder, "tiny_10x10.png"), Path.Combine(folder, "again.png"));

        var rows = (await _studio.Score(folder, "--model", "head")).ToDictionary(r => r.Name);

        Assert.Equal(new(Images: 2, Files: 3, Encoders: 1, Vectors: 2), _studio.Count());
        Assert.Equal(rows["tiny_10x10.png"] with { Path = rows["again.png"].Path }, rows["again.png"]);
        Assert.NotEqual(rows["one_1x1.png"].ContentId, rows["again.png"].ContentId);
    }

    [Fact]
    public async Task Pictures_are_named_one_by_one_by_a_pattern_or_by_a_list()
    {
        var folder = _studio.Pictures(Five);
        string[] two = [Path.Combine(folder, "one_1x1.png"), Path.Combine(folder, "row_7x1.png")];

        var named = await _studio.Output(["score", .. two]);
        var matched = await _studio.Output("score", Path.Combine(folder, "*x1.png"));
        var (code, listed, _) = await _studio.Run(new StringReader(string.Join('\n', two)), "score", "-");

        Assert.Equal(two, Row.Parse(named).Select(r => r.Path).Order(StringComparer.Ordinal));
        Assert.Equal((0, named, named), (code, matched, listed));
    }

    [Fact]
    public async Task Without_models_the_built_in_encoder_and_head_score_and_a_note_says_so_once()
    {
        var folder = _studio.Pictures(Five);

        var (code, output, error) = await _studio.Run("score", folder);
        var (again, same, silence) = await _studio.Run("score", folder);

        Assert.Equal((0, 0), (code, again));
        Assert.All(Row.Parse(output), row => Assert.Equal(("gist", "plain"), (row.Encoder, row.Model)));
        Assert.Equal(Five.Length, Row.Parse(output).Count);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Contains("'taste models pull clip-vit-l-14' installs CLIP", error, StringComparison.Ordinal);
        Assert.Equal((output, ""), (same, silence));
    }

    [Fact]
    public async Task A_head_is_refused_by_an_encoder_of_another_space_and_both_are_named()
    {
        await _studio.ImportTiny("--space", "my-clip");
        await _studio.ImportHead("theirs", space: "clip-vit-l-14");
        await _studio.ImportHead("short", dims: 512);
        var folder = _studio.Pictures("one_1x1.png");

        var (space, _, spaceError) = await _studio.Run(TestStudio.ByTiny(folder, "--model", "theirs"));
        var (size, _, sizeError) = await _studio.Run(TestStudio.ByTiny(folder, "--model", "short"));

        Assert.Equal((2, 2), (space, size));
        Assert.Equal("error: head 'theirs' and encoder 'tiny' do not go together: it takes vectors of the space 'clip-vit-l-14' (768-d); these are of 'my-clip' (768-d).", spaceError.TrimEnd());
        Assert.Equal("error: head 'short' and encoder 'tiny' do not go together: it takes vectors of the space undeclared (512-d); these are of 'my-clip' (768-d).", sizeError.TrimEnd());
        Assert.Equal(0, _studio.Count().Images);
    }

    [Fact]
    public async Task An_encoder_without_heads_is_an_error_that_says_what_to_do()
    {
        await _studio.ImportTiny();

        var (code, output, error) = await _studio.Run(TestStudio.ByTiny(_studio.Pictures("one_1x1.png")));

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error: no installed head takes the vectors of encoder 'tiny'", error, StringComparison.Ordinal);
        Assert.Contains("'taste models pull asv2'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_without_its_encoder_is_an_error_that_says_what_to_do()
    {
        await _studio.ImportHead("head", space: "clip-vit-l-14");

        var (code, _, error) = await _studio.Run("score", _studio.Pictures("one_1x1.png"), "--model", "head");

        Assert.Equal(2, code);
        Assert.Equal("error: head 'head' takes vectors of the space 'clip-vit-l-14' (768-d), and no installed encoder gives them. 'taste models pull clip-vit-l-14' installs one.", error.TrimEnd());
    }

    [Theory]
    [InlineData("--top", "many", "--top 'many' is neither a number of images")]
    [InlineData("--bands", "5,6", "say where with --copy-to")]
    [InlineData("--above", "high", "high")]
    [InlineData("--orientation", "upright", "upright")]
    [InlineData("--model", "nonsense", "nonsense")]
    [InlineData("--encoder", "nonsense", "nonsense")]
    public async Task What_makes_no_sense_is_refused_by_name(string option, string value, string said)
    {
        var (code, output, error) = await _studio.Run("score", _studio.Pictures("one_1x1.png"), option, value);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
    }
}
