using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

public sealed class DataEmbedCommandTests : IDisposable
{
    private static readonly string[] Names = ["rgba_320x260.png", "text_501x377.png", "jpeg_cmyk_300x240.jpg"];

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task What_is_embedded_is_read_back_by_name_order_and_value()
    {
        var pictures = Pictures();
        _studio.Folder.File("pictures/b.txt", "a caption, \"quoted\"\r\n");
        _studio.Folder.File("pictures/b.json", """{"key": "b", "width": 3}""");

        await _studio.Output("data", "embed", pictures, "-o", _studio["out"], "--part-rows", "2", "--encoder", "gist");
        await _studio.Output("embed", pictures, "--normalise", "--npy", _studio["all.npy"], "--encoder", "gist");

        var whole = Opened(_studio["all.npy"]);
        var parts = new[] { "img_emb_0.npy", "img_emb_1.npy" }.Select(n => Opened(_studio[$"out/img_emb/{n}"])).ToList();
        Assert.Equal([2, 1], parts.Select(p => p.Rows));
        Assert.All(parts, part => Assert.Equal(ElementType.F16, part.Type));

        // The studio's vectors are rounded to float16 before they are normalised, and these after: each by 2^-11 of the number at most.
        var (expected, actual) = (Numbers(whole), parts.SelectMany(Numbers).ToArray());
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, (Math.Abs(pair.First) / 1024) + 1e-7f));
        Assert.Equal(await File.ReadAllLinesAsync(_studio["all.txt"], Cancel), Table("out/metadata/metadata_0.parquet").Concat(Table("out/metadata/metadata_1.parquet")).Select(r => r[0]!));
        Assert.Equal(["a caption, \"quoted\"", null], Table("out/metadata/metadata_0.parquet").Select(r => r[1]).Reverse());
        Assert.Equal("""{"key":"b","width":3}""", Table("out/metadata/metadata_0.parquet")[1][2]);
        Assert.False(Directory.Exists(_studio["studio/vectors"]) && Directory.EnumerateFiles(_studio["studio/vectors"]).Count() > 1);
    }

    [Fact]
    public async Task Captions_have_vectors_row_by_row_where_they_are_wanted()
    {
        _studio.Folder.File("clip/vocab.json", await File.ReadAllTextAsync(Path.Combine(Goldens.Own, "tokenizer_tiny/vocab.json"), Cancel));
        _studio.Folder.File("clip/merges.txt", await File.ReadAllTextAsync(Path.Combine(Goldens.Own, "tokenizer_tiny/merges.txt"), Cancel));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Goldens.Own, "clip_quick/hf")))
        {
            File.Copy(file, Path.Combine(_studio["clip"], Path.GetFileName(file)));
        }

        await _studio.Output("models", "import", _studio["clip"], "--name", "tiny-clip");
        var pictures = Pictures();
        var tooLong = string.Join(' ', Enumerable.Repeat("cat", 400));
        _studio.Folder.File("pictures/a.txt", "a cat\n");
        _studio.Folder.File("pictures/c.txt", $"{tooLong} and a dog");
        string[] command = ["data", "embed", pictures, "--part-rows", "2", "--encoder", "tiny-clip", "--device", "cpu", "-o", _studio["out"]];

        await _studio.Output([.. command, "--captions"]);
        await _studio.Output("embed", "--text", "a cat", "--text", "", "--encoder", "tiny-clip", "--device", "cpu", "--normalise", "--npy", _studio["texts.npy"]);

        var (first, second, texts) = (Opened(_studio["out/text_emb/text_emb_0.npy"]), Opened(_studio["out/text_emb/text_emb_1.npy"]), Opened(_studio["texts.npy"]));
        Assert.Equal((2, 1, ElementType.F16), (first.Rows, second.Rows, first.Type));
        Assert.Equal(Opened(_studio["out/img_emb/img_emb_0.npy"]).Width, first.Width);
        var captions = Table("out/metadata/metadata_0.parquet").Concat(Table("out/metadata/metadata_1.parquet")).Select(r => r[1]).ToList();
        Assert.Equal(["a cat", null, $"{tooLong} and a dog"], captions);
        // float16 holds 11 bits of each number.
        Assert.All(Numbers(texts).Zip(Numbers(first)), pair => Assert.Equal(pair.First, pair.Second, (Math.Abs(pair.First) / 1024) + 1e-7f));
        Assert.Equal(1, Numbers(second).Sum(x => x * x), 0.01);

        var written = TestStudio.Contents(_studio["out"]);
        File.Delete(_studio["out/text_emb/text_emb_0.npy"]);
        _studio.Folder.File("pictures/c.txt", $"{tooLong} and a fox");
        Assert.StartsWith("2 embedded by tiny-clip in 1 parts; 1 parts were there", await _studio.Output([.. command, "--captions"]), StringComparison.Ordinal);
        Assert.Equal(written, TestStudio.Contents(_studio["out"]));
        var (mixed, _, why) = await _studio.Run(command);
        Assert.Equal((2, true), (mixed, why.Contains("with captions and not without", StringComparison.Ordinal)));

        File.Delete(_studio["out/text_emb/text_emb_1.npy"]);
        await _studio.Output([.. command, "--captions"]);
        Assert.Equal(written[Path.Combine("text_emb", "text_emb_1.npy")], TestStudio.Contents(_studio["out"])[Path.Combine("text_emb", "text_emb_1.npy")]);
    }

    [Fact]
    public async Task Captions_need_an_encoder_of_texts()
    {
        var (code, _, error) = await _studio.Run("data", "embed", Pictures(), "-o", _studio["out"], "--encoder", "gist", "--captions");

        Assert.Equal(2, code);
        Assert.StartsWith("error: --captions needs a CLIP; the built-in encoder 'gist' sees pictures only.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_and_killed_runs_make_the_same_bytes()
    {
        var pictures = Pictures();
        string[] command = ["data", "embed", pictures, "--part-rows", "1", "--encoder", "gist", "-o"];
        await _studio.Output([.. command, _studio["whole"]]);

        var first = await _studio.Output([.. command, _studio["shards"], "--shard", "1/2", "--json"]);
        var second = await _studio.Output([.. command, _studio["shards"], "--shard", "2/2"]);
        Assert.Contains("\"partsWritten\": 2", first, StringComparison.Ordinal);
        Assert.StartsWith("1 embedded by gist in 1 parts", second, StringComparison.Ordinal);
        Assert.Equal(TestStudio.Contents(_studio["whole"]), TestStudio.Contents(_studio["shards"]));

        File.Delete(_studio["shards/metadata/metadata_1.parquet"]);
        File.WriteAllText(_studio["shards/img_emb/img_emb_1.npy.part"], new string('x', 1 << 20));
        File.WriteAllText(_studio["shards/metadata/metadata_1.parquet.part"], new string('x', 1 << 20));
        Assert.StartsWith("1 embedded by gist in 1 parts; 2 parts were there", await _studio.Output([.. command, _studio["shards"]]), StringComparison.Ordinal);
        Assert.Equal(TestStudio.Contents(_studio["whole"]), TestStudio.Contents(_studio["shards"]));
    }

    [Fact]
    public async Task A_process_killed_at_work_leaves_parts_that_another_run_completes_to_the_same_bytes()
    {
        var folder = _studio.Folder.Folder("many");
        for (var i = 0; i < 24; i++)
        {
            File.Copy(Path.Combine(Goldens.Own, "preprocess/images", Names[i % 3]), Path.Combine(folder, $"{i:00}{Path.GetExtension(Names[i % 3])}"));
        }

        string[] command = ["data", "embed", folder, "--part-rows", "2", "--encoder", "gist", "-o"];
        await _studio.Output([.. command, _studio["whole"]]);
        using (var process = Taste.Start([.. command, _studio["killed"], "--studio", _studio["studio"]]))
        {
            var clock = Stopwatch.StartNew();
            while (!File.Exists(_studio["killed/metadata/metadata_01.parquet"]) && !process.HasExited && clock.Elapsed < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(1, Cancel);
            }

            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }

        await _studio.Output([.. command, _studio["killed"]]);

        Assert.Equal(TestStudio.Contents(_studio["whole"]), TestStudio.Contents(_studio["killed"]).Where(f => !f.Key.Contains(".tmp", StringComparison.Ordinal)).ToDictionary());
    }

    [Fact]
    public async Task Tars_are_streamed_by_sample_and_what_is_hostile_in_them_is_named()
    {
        var picture = await File.ReadAllBytesAsync(Path.Combine(Goldens.Own, "preprocess/images", Names[0]), Cancel);
        Tar("tars/00000.tar",
            ("000000000.png", picture), ("000000000.txt", "first"u8.ToArray()), ("000000000.json", """{"url": "http://a/"}"""u8.ToArray()),
            ("../climb.png", picture), ("/etc/abs.png", picture), ("000000001.txt", "no picture"u8.ToArray()), ("d/000000002.jpg", "broken"u8.ToArray()), ("d/000000003.big.png", picture));
        Tar("tars/00001.tar", ("000010000.png", picture));
        var cut = await File.ReadAllBytesAsync(_studio["tars/00001.tar"], Cancel);
        await File.WriteAllBytesAsync(_studio["tars/00002.tar"], cut[..(cut.Length - 2000)], Cancel);

        var (code, output, error) = await _studio.Run("data", "embed", _studio["tars"], "-o", _studio["out"], "--encoder", "gist");

        Assert.Equal(1, code);
        Assert.StartsWith("3 embedded by gist in 3 parts", output, StringComparison.Ordinal);
        Assert.Equal([["000000000", "first", """{"url":"http://a/"}"""], ["d/000000003", null, null]], Table("out/metadata/metadata_0.parquet"));
        Assert.Equal([["000010000", null, null]], Table("out/metadata/metadata_1.parquet"));
        foreach (var part in new[] { "#../climb.png': it would climb out", "#/etc/abs.png': it would climb out", "'d/000000002'", "link.png': it is a link", "00002.tar': it ends inside" })
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(_studio["climb.png"]));
    }

    [Fact]
    public async Task A_folder_of_other_pictures_or_another_program_is_not_mixed_with_these()
    {
        var pictures = Pictures();
        string[] command = ["data", "embed", pictures, "--encoder", "gist", "-o", _studio["out"]];
        await _studio.Output(command);
        File.Delete(Path.Combine(pictures, "a.png"));

        Assert.Contains("begun with other pictures", (await _studio.Run(command)).Error, StringComparison.Ordinal);
        File.Delete(_studio["out/embedding.json"]);
        Assert.Contains("not begun by 'taste data embed'", (await _studio.Run(command)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scores_of_parts_are_those_of_the_pictures_in_every_form()
    {
        var pictures = Pictures();
        await _studio.Output("data", "embed", pictures, "-o", _studio["out"], "--part-rows", "2", "--encoder", "gist");

        var summary = await _studio.Output("data", "score", _studio["out"], "--model", "plain", "--json");
        await _studio.Output("data", "score", _studio["out"], "--model", "plain", "--csv", "-o", _studio["csv"]);

        using var json = JsonDocument.Parse(summary);
        Assert.Equal((3, 2), (json.RootElement.GetProperty("rows").GetInt32(), json.RootElement.GetProperty("partsWritten").GetInt32()));
        var direct = Row.Parse(await _studio.Output("score", pictures, "--encoder", "gist", "--model", "plain")).ToDictionary(r => r.Path, r => r.Raw);
        List<string?[]> scored = [.. Table("out/scores/scores_0.parquet"), .. Table("out/scores/scores_1.parquet")];
        Assert.Equal(direct.Keys.Order(StringComparer.Ordinal), scored.Select(r => r[0]!));

        // A unit vector's numbers as float16 are off by 2^-11 of each at most; the head's weights multiply that.
        Assert.All(scored, row => Assert.Equal(direct[row[0]!], double.Parse(row[1]!, CultureInfo.InvariantCulture), 0.02));
        Assert.Equal(Table("out/scores/scores_1.parquet"), Table("csv/scores_1.csv"));
        Assert.Contains("2 parts were there", await _studio.Output("data", "score", _studio["out"], "--model", "plain"), StringComparison.Ordinal);
        File.Delete(_studio["out/scores/scores_0.parquet"]);
        Assert.StartsWith("2 scored in 1 parts", await _studio.Output("data", "score", _studio["out"], "--model", "plain", "--shard", "1/2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_that_are_damaged_or_do_not_fit_are_named_and_the_others_scored()
    {
        var head = await _studio.ImportHead("own", dims: 4);
        Directory.CreateDirectory(_studio["e/img_emb"]);
        Directory.CreateDirectory(_studio["e/metadata"]);
        Half[] rows = [(Half)1, (Half)0, (Half)0, (Half)0, (Half)0.5, (Half)0.5, (Half)(-0.5), (Half)0.5];
        foreach (var (name, width) in new[] { ("0", 4), ("1", 4), ("2", 2), ("3", 4) })
        {
            using var file = File.Create(_studio[$"e/img_emb/img_emb_{name}.npy"]);
            Npy.Write(file, rows, width);
        }

        File.WriteAllBytes(_studio["e/img_emb/img_emb_3.npy"], File.ReadAllBytes(_studio["e/img_emb/img_emb_3.npy"])[..^1]);
        TableFile.Write(_studio["e/metadata/metadata_1.parquet"], TableFormat.Parquet, [new("image_path", TableType.Text)], [["only one"]], Cancel);

        var (code, _, error) = await _studio.Run("data", "score", _studio["e"], "--model", "own");

        Assert.Equal(1, code);
        var scored = Table("e/scores/scores_0.parquet");
        Assert.Equal(["0", "1"], scored.Select(r => r[0]));
        Assert.Equal(head.Score([1, 0, 0, 0]), double.Parse(scored[0][1]!, CultureInfo.InvariantCulture), 1e-5);
        Assert.Equal(head.Score([0.5f, 0.5f, -0.5f, 0.5f]), double.Parse(scored[1][1]!, CultureInfo.InvariantCulture), 1e-5);
        foreach (var part in new[] { "img_emb_1.npy': it has 2 rows", "img_emb_2.npy': its vectors have 2 numbers", "img_emb_3.npy': the npy file has" })
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await _studio.Run("data", "score", _studio["nowhere"], "--model", "own")).Code);
    }

    [Fact]
    public async Task Ratings_become_a_training_table_that_can_be_read_again_from_Parquet()
    {
        var pictures = Pictures();
        var ratings = _studio.Folder.File("pictures/r.csv", "IMAGEPATH,AVERAGE_RATING\nb.png,7.5\na.png,2\n");
        await _studio.Output("judgements", "import", ratings);

        await _studio.Output("data", "train-table", "--csv", _studio["t.csv"], "--parquet", _studio["t.parquet"]);
        await _studio.Output("embed", pictures, "--encoder", "gist", "--npy", _studio["x.npy"]);
        await _studio.Output("data", "train-table", "--by", "model", "--encoder", "gist", "--csv", _studio["m.csv"]);
        var again = await _studio.Output("judgements", "import", _studio["t.parquet"], "--taste", "second");
        await _studio.Output("judgements", "export", _studio["pictures/out.parquet"], "--format", "average-rating", "--taste", "second");

        Assert.Equal($"IMAGEPATH,AVERAGE_RATING\n{pictures}/b.png,7.5\n{pictures}/a.png,2\n", File.ReadAllText(_studio["t.csv"]));
        Assert.Equal([[$"{pictures}/b.png", "7.5"], [$"{pictures}/a.png", "2.0"]], Table("t.parquet"));
        Assert.Contains("average-rating, 2 judgements taken in", again, StringComparison.Ordinal);
        Assert.Equal([["b.png", "7.5"], ["a.png", "2.0"]], Table("pictures/out.parquet"));
        var model = Table("m.csv").Select(r => double.Parse(r[1]!, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal((3, 10.0, 1.0), (model.Count, model[0], model[^1]));
        Assert.Contains("is no table", (await _studio.Run("judgements", "export", _studio["l.parquet"], "--format", "log")).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _studio.Run("data", "train-table")).Code);
    }

    [Theory]
    [InlineData("score")]
    [InlineData("report")]
    public async Task Scores_of_pictures_go_to_Parquet_as_to_CSV(string command)
    {
        string[] page = command == "report" ? ["--output", _studio["report.html"]] : [];

        await _studio.Output([command, Pictures(), "--encoder", "gist", "--csv", _studio["s.csv"], "--parquet", _studio["s.parquet"], .. page]);

        var (csv, parquet) = (Table("s.csv"), Table("s.parquet"));
        Assert.Equal(3, parquet.Count);
        Assert.Equal(csv.Select(r => (r[0], r[1], r[2], r[3])), parquet.Select(r => (r[0], r[1], r[2], r[3])));
        Assert.Equal(csv.Select(r => float.Parse(r[4]!, CultureInfo.InvariantCulture)), parquet.Select(r => float.Parse(r[4]!, CultureInfo.InvariantCulture)));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Pictures()
    {
        foreach (var (name, i) in Names.Select((name, i) => (name, i)))
        {
            _studio.Folder.Write($"pictures/{"abc"[i]}{Path.GetExtension(name)}", File.ReadAllBytes(Path.Combine(Goldens.Own, "preprocess/images", name)));
        }

        return _studio["pictures"];
    }

    private void Tar(string name, params (string Name, byte[] Bytes)[] files)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_studio[name])!);
        using var stream = File.Create(_studio[name]);
        using var writer = new TarWriter(stream, TarEntryFormat.Pax);
        foreach (var (member, bytes) in files)
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream(bytes) });
        }

        if (files.Length > 1)
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.png") { LinkName = "/etc/passwd" });
        }
    }

    private static NpyFile Opened(string path) => NpyFile.Open(ByteSource.Of(File.ReadAllBytes(path)));

    private static float[] Numbers(NpyFile npy)
    {
        var numbers = new float[npy.Rows * npy.Width];
        npy.Read(0, numbers);
        return numbers;
    }

    /// <summary>A table's rows as text.</summary>
    private List<string?[]> Table(string name)
    {
        using var database = TableDatabase.Open([_studio[name]]);
        using var connection = database.Connect();
        var source = TableSource.Open(connection, _studio[name], TestContext.Current.CancellationToken);
        using var rows = connection.Query($"select {string.Join(", ", Enumerable.Range(0, source.Names.Count).Select(i => $"{source.Sql(i)}::varchar"))} from {source.From}", Cancel);
        var table = new List<string?[]>();
        while (rows.Read())
        {
            table.Add([.. Enumerable.Range(0, source.Names.Count).Select(i => rows.IsNull(i) ? null : rows.Text(i))]);
        }

        return table;
    }
}
