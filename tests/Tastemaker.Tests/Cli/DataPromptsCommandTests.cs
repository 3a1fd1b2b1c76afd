using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Tests.Core.Imaging;

namespace Tastemaker.Tests.Cli;

public sealed class DataPromptsCommandTests : IDisposable
{
    private static readonly string[] Recipe = ["--width", "512", "--height", "512", "--steps", "50", "--cfg", "7", "--unique", "prompt,seed"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SD_Chads_recipe_gives_the_published_rows()
    {
        var file = Goldens.UpstreamFile("open-prompts/1k.csv");

        var summary = await Summary([file, .. Recipe, "--csv", _folder["o.csv"], "--parquet", _folder["o.parquet"], "--prompts", _folder["p.txt"], "--seeds", _folder["s.txt"]]);

        Assert.Equal((998, 90, 0, 337, 336), (summary["rows"], summary["repaired"], summary["malformed"], summary["selected"], summary["written"]));
        var (prompts, seeds) = (await Lines("p.txt"), await Lines("s.txt"));
        Assert.Equal((336, 336), (prompts.Length, seeds.Length));
        Assert.Equal(336, prompts.Zip(seeds).Distinct().Count());
        Assert.DoesNotContain("<@", File.ReadAllText(_folder["o.csv"]), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(_folder["o.csv"]), Again("o.parquet"));
    }

    [Fact]
    public async Task Rows_are_selected_repaired_marked_and_kept_once()
    {
        var file = _folder.File("in.csv", Csv(
            ("a cat <@99>", Row(seed: 5, index: 3)),
            ("a cat", Row(seed: 5, index: 0)),
            ("a \"dog\",\nlying", Row(seed: 6, index: 1)),
            ("wide", Row(seed: 7, index: 0, width: 768)),
            ("told", Told(8, index: 2))));

        var all = await Summary([file, "--csv", _folder["all.csv"]]);
        var some = await Summary([file, .. Recipe, "--csv", _folder["some.csv"], "--prompts", _folder["p.txt"], "--seeds", _folder["s.txt"]]);
        var assumed = await Summary([file, .. Recipe, "--assume-defaults"]);

        Assert.Equal((5, 1, 5, 5, 2), (all["rows"], all["repaired"], all["selected"], all["written"], all["otherSeed"] - 1));
        Assert.Equal((3, 2, 1), (some["selected"], some["written"], some["repeats"]));
        Assert.Equal(4, assumed["selected"]);
        Assert.Equal(["a cat", "a \"dog\", lying"], await Lines("p.txt"));
        Assert.Equal(["5", "6"], await Lines("s.txt"));
        var lines = File.ReadAllText(_folder["some.csv"]);
        Assert.StartsWith("prompt,seed,own_seed,index,images,width,height,steps,cfg,sampler,url,timestamp,repaired\na cat,5,5,0,9,512,512,50,7.0,,", lines, StringComparison.Ordinal);
        Assert.Contains("told,8,13,2,3,512,512,,,,", File.ReadAllText(_folder["all.csv"]), StringComparison.Ordinal);
        Assert.DoesNotContain("<@", File.ReadAllText(_folder["all.csv"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_goes_in_as_CSV_does()
    {
        (string, string)[] rows = [("a", Row(1, 0)), ("b", Row(2, 1))];
        var csv = _folder.File("in.csv", Csv(rows));
        TableFile.Write(_folder["in.parquet"], TableFormat.Parquet, [new("Prompt", TableType.Text), new("raw_data", TableType.Text)], rows.Select(r => new object[] { r.Item1, r.Item2 }), Cancel);

        await Summary([csv, "--csv", _folder["1.csv"]]);
        await Summary([_folder["in.parquet"], "--csv", _folder["2.csv"]]);

        Assert.Equal(File.ReadAllText(_folder["1.csv"]), File.ReadAllText(_folder["2.csv"]));
    }

    [Fact]
    public async Task CSV_in_gzip_goes_in_as_it_does_unpacked()
    {
        var text = Csv([.. Enumerable.Range(0, 3000).Select(i => ($"a \"cat\" {i}", Row(i, i % 4)))]);
        var plain = _folder.File("in.csv", text);
        var packed = Packed("in.csv.gz", text);

        await Summary([plain, "--csv", _folder["1.csv"]]);
        await Summary([packed, "--csv", _folder["2.csv"]]);

        Assert.Equal(File.ReadAllText(_folder["1.csv"]), File.ReadAllText(_folder["2.csv"]));
    }

    [Fact]
    public async Task Gzip_that_ends_early_or_is_damaged_is_named()
    {
        var whole = File.ReadAllBytes(Packed("in.csv.gz", Csv([.. Enumerable.Range(0, 20_000).Select(i => ($"{i * 7919 % 20_011}", Row(i, 0)))])));
        byte[] spoilt = [.. whole];
        spoilt.AsSpan(whole.Length / 2, 64).Fill(0xFF);

        foreach (var bytes in (byte[][])[whole[..(whole.Length / 2)], spoilt, [0x1F, 0x8B, 8], [0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]])
        {
            var (code, _, error) = await Taste.Run("data", "prompts", _folder.Write("bad.csv.gz", bytes), "--csv", _folder["bad.csv"]);

            Assert.Equal(2, code);
            Assert.Contains("bad.csv.gz' is damaged or ends early", error, StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["bad.csv"]));
        }
    }

    [Fact]
    public async Task A_line_that_unpacks_to_more_than_any_line_has_is_passed_over()
    {
        var packed = _folder["in.csv.gz"];
        using (var writer = new StreamWriter(new GZipStream(File.Create(packed), CompressionLevel.Fastest)))
        {
            writer.Write(Csv(("good", Row(1, 0))));
            writer.Write("huge,");
            var mega = new string('x', 1 << 20);
            for (var i = 0; i < 64; i++)
            {
                writer.Write(mega);
            }

            writer.Write("\nlast,x\n");
        }

        var (code, output, error) = await Taste.Run("data", "prompts", packed, "--csv", _folder["o.csv"], "--json");

        Assert.Equal(1, code);
        Assert.Contains("the line 3 is passed over: it has more than 4194304 bytes", error, StringComparison.Ordinal);
        Assert.StartsWith("{", output, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(packed).Length, 1, 2 << 20);
    }

    [Fact]
    public async Task Damaged_rows_are_named_and_the_others_taken()
    {
        using (var writer = new StreamWriter(_folder["in.csv"]))
        {
            writer.Write(Csv(("good", Row(1, 0))));
            writer.Write("cut,\"{\"\"raw_discord_data\"\": {\"\"seed\"\"\"\nlonely\na,b,c\n");
            writer.Write("huge,\"");
            var mega = new string('x', 1 << 20);
            for (var i = 0; i < 100; i++)
            {
                writer.Write(mega);
            }

            writer.Write("\"\n");
            writer.Write(Csv(("last", Row(2, 0)))["prompt,raw_data\n".Length..]);
        }

        var (code, output, error) = await Taste.Run("data", "prompts", _folder["in.csv"], "--json", "--prompts", _folder["p.txt"]);

        Assert.Equal(1, code);
        Assert.Equal(["good", "last"], await Lines("p.txt"));
        using var summary = JsonDocument.Parse(output);
        Assert.Equal((3, 1, 3), (summary.RootElement.GetProperty("rows").GetInt32(), summary.RootElement.GetProperty("malformed").GetInt32(), summary.RootElement.GetProperty("passedOver").GetInt32()));
        foreach (var part in new[] { "raw_data of the record 2 ", "line 4 is", "line 5 is", "line 6 is passed over: it has more than" })
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("x,y\n1,2\n", "has no column 'prompt'; it has 'x', 'y'")]
    [InlineData("prompt,prompt\n1,2\n", "has two columns 'prompt'")]
    [InlineData("", "is empty")]
    [InlineData("PAR1nothing", "is no whole Parquet file")]
    [InlineData("a\0b", "is no table")]
    public async Task What_is_no_such_table_is_refused_by_name(string content, string expected)
    {
        var file = _folder.File("in.csv", content);

        var (code, _, error) = await Taste.Run("data", "prompts", file, "--csv", _folder["o.csv"]);

        Assert.Equal(2, code);
        Assert.Contains(file, error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(["in.csv"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Nothing_is_written_over_what_is_read_and_mistakes_are_said()
    {
        var file = _folder.File("in.csv", Csv(("a", Row(1, 0))));

        foreach (var (arguments, expected) in new (string[], string)[]
        {
            (["--csv", file], "is named twice"), (["--csv", _folder["o"], "--parquet", _folder["o"]], "is named twice"),
            (["--unique", "colour"], "'colour' is nothing that rows can be told apart by"), (["--steps", "many"], "--steps 'many' is no number"),
        })
        {
            var (code, _, error) = await Taste.Run(["data", "prompts", file, .. arguments]);
            Assert.Equal(2, code);
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }

        Assert.StartsWith("prompt,raw_data", File.ReadAllText(file), StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Row(long seed, int index, int width = 512) => $$$"""
        {"raw_discord_data": {"seed": {{{seed}}}, "width": {{{width}}}, "height": 512, "num_step": 50, "cfg_scale": 7.0, "num_generations": 9, "image_uri": "http://a/x_-S_{{{seed}}}_ts-1_idx-{{{index}}}.png"}}
        """;

    private static string Told(long seed, int index) => $$$"""
        {"raw_discord_data": {"width": 512, "height": 512, "content": "Dreamt in `1s` for <@77>'s `!dream \"told\" -n 3 -i -S {{{seed}}}` The seeds for each individual image are: [11, 12, 13]", "image_uri": "http://a/told_-n_3_-i_-S_{{{seed}}}_ts-1_idx-{{{index}}}.png"}}
        """;

    private static string Csv(params (string Prompt, string Raw)[] rows)
    {
        var text = new StringBuilder("prompt,raw_data\n");
        foreach (var (prompt, raw) in rows)
        {
            text.Append(TableFile.Quoted(prompt)).Append(',').Append(TableFile.Quoted(raw)).Append('\n');
        }

        return text.ToString();
    }

    private string Packed(string name, string text) => _folder.Write(name, Samples.Gzip(Encoding.UTF8.GetBytes(text)));

    private static async Task<Dictionary<string, long>> Summary(string[] arguments)
    {
        var (code, output, error) = await Taste.Run(["data", "prompts", .. arguments, "--json"]);
        Assert.True(code == 0, error);
        return JsonSerializer.Deserialize<Dictionary<string, long>>(output)!;
    }

    private async Task<string[]> Lines(string name) => (await File.ReadAllTextAsync(_folder[name], Cancel)).Split('\n');

    /// <summary>A Parquet file as DuckDB's CSV.</summary>
    private string Again(string name)
    {
        using var database = TableDatabase.Open([_folder[name], _folder["again.csv"]]);
        using var connection = database.Connect();
        connection.Run($"copy (select * from '{_folder[name]}') to '{_folder["again.csv"]}' {TableFile.CsvOptions}", Cancel);
        return File.ReadAllText(_folder["again.csv"]);
    }
}
