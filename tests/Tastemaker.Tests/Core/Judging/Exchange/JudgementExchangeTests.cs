using System.Globalization;
using System.Text;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Judging.Exchange;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Imaging;
using Tastemaker.Tests.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Judging.Exchange;

public sealed class JudgementExchangeTests : IDisposable
{
    private static readonly ImportRequest Mine = new("mine", "me");

    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly JudgementLog _log;
    private readonly ImageLibrary _library;

    public JudgementExchangeTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder["studio"]), TimeProvider.System);
        (_log, _library) = (new(_database), new(_database));
        foreach (var (name, i) in new[] { "p/a.png", "p/b.png", "p/sub/c.png", "p/sub/d.png" }.Select((name, i) => (name, i)))
        {
            _folder.Write(name, Picture(i));
        }
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, string, ExchangeFormat, string> Files => new()
    {
        { "score.json", """{"a.png": [0.8, 3], "sub\\c.png": -0.35, "b.png": [0, 0], "sub/d.png": 0.0, "#meta#": {"evaluations": 9}}""", ExchangeFormat.ScoreJson, "a elo 0.8; c elo -0.35" },
        { "x.json", """{"a.png": 1, "a.png": [2]}""", ExchangeFormat.ScoreJson, "a elo 2" },
        { "scores.csv", "relative_path,comparisons,score,note\r\na.png,3,0.5,\"one, two\"\r\nsub\\c.png,1,-1e-1,\r\nb.png,0,0,x\r\n", ExchangeFormat.ScoresCsv, "a elo 0.5; c elo -0.1" },
        { "later.csv", "relative_path,score,split\nb.png,1.25,train\n", ExchangeFormat.ScoresCsv, "b score 1.25" },
        { "r.json", """{"ImageRecords": {"k": {"relative_filepath": "a.png", "score": 0.7, "comparisons": 2}, "sub/d.png": {"score": -0.7}}, "Metadata": {}}""", ExchangeFormat.ImageRecords, "a elo 0.7; d elo -0.7" },
        { "avg.csv", "IMAGEPATH,AVERAGE_RATING\na.png,7.5\nb.png,0.5\n", ExchangeFormat.AverageRating, "a 1-10 7.5" },
        { "pairs.csv", "winner,loser,draw\na.png,b.png,0\nsub/c.png,a.png,1\nb.png,sub/c.png,\n", ExchangeFormat.Pairs, "a > b; c = a; b > c" },
        { "wins.csv", "\uFEFF\"Loser\",\"Winner\"\na.png,b.png", ExchangeFormat.Pairs, "b > a" },
        { "kept.txt", "a.png\n\n  c.png \na.png\n", ExchangeFormat.Names, "a keep; c keep" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_recognised_by_its_content_and_brings_what_it_states(string name, string content, ExchangeFormat format, string expected)
    {
        var result = Import(_folder.File($"p/{name}", content));

        Assert.Empty(result.Failures);
        Assert.Equal(format, result.Format);
        Assert.Equal(expected, Told());
        Assert.All(_log.Standing("mine"), j => Assert.Equal(new("me", format.Name()), j.Origin));
        Assert.Single(_log.Standing("mine").Select(j => j.Act).Distinct());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_same_file_again_brings_nothing_unless_it_is_asked_for(string name, string content, ExchangeFormat format, string expected)
    {
        var file = _folder.File($"p/{name}", content);
        var first = Import(file);

        var second = Import(file, Mine with { Format = format });

        Assert.Equal((0, first.Added), (second.Added, second.Known));
        Assert.Equal(expected, Told());
        Assert.Equal(first.Added, Import(file, Mine with { Again = true }).Added);
        Assert.Equal(2 * first.Added, _log.Standing("mine").Count);
    }

    [Fact]
    public void A_file_that_has_grown_brings_only_what_is_new()
    {
        Import(_folder.File("p/pairs.csv", "winner,loser\na.png,b.png\na.png,b.png\n"));
        _folder.File("p/pairs.csv", "winner,loser\na.png,b.png\na.png,b.png\nb.png,a.png\na.png,b.png\n");

        var result = Import(_folder["p/pairs.csv"]);

        Assert.Equal((2, 2), (result.Added, result.Known));
        Assert.Equal("a > b; a > b; b > a; a > b", Told());
        Assert.Equal(4, Import(_folder["p/pairs.csv"], Mine with { Rater = "you" }).Added);
        Assert.Equal(4, Import(_folder["p/pairs.csv"], Mine with { Taste = "other" }).Added);
    }

    [Fact]
    public void Images_are_found_from_the_file_s_folder_and_from_a_root_and_others_are_named()
    {
        var file = _folder.File("elsewhere/score.json", """{"a.png": 1, "../p/b.png": 2, "gone.png": 3, "a\u0000b": 4, "": 5}""");
        _folder.File("elsewhere/gone.png", "no picture");

        var result = Import(file, Mine with { Root = _folder["p"] });

        Assert.Equal("a elo 1; b elo 2", Told());
        Assert.Equal(3, result.Failures.Count);
        Assert.Contains(result.Failures, f => f.Path == _folder["elsewhere/gone.png"] && f.Reason.Contains("not an image", StringComparison.Ordinal));
        Assert.Equal(2, _library.Count().Images);
    }

    [Fact]
    public void A_device_is_no_image()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "There is no /dev/zero here, which never ends.");

        var failure = Import(_folder.File("p/score.json", """{"/dev/zero": 1}""")).Failures.Single();

        Assert.Contains("not a regular file", failure.Reason, StringComparison.Ordinal);
        Assert.Throws<JudgingException>(() => Import("/dev/zero"));
    }

    [Fact]
    public void Folders_named_by_score_are_ratings()
    {
        _folder.Write("scored/4/x.png", Picture(0));
        _folder.Write("scored/2/deep/y.png", Picture(1));
        _folder.Write("scored/notes/z.png", Picture(2));

        Assert.Equal(ExchangeFormat.Folders, Import(_folder["scored"]).Format);

        Assert.Equal("y 1-5 2; x 1-5 4", Told());
        _folder.Write("scored/7.5/w.png", Picture(3));
        Import(_folder["scored"], Mine with { Taste = "other" });
        Assert.All(_log.Standing("other"), j => Assert.Equal("score", j.Verdict.Scale));
    }

    [Fact]
    public void Favourites_are_kept_and_what_they_were_picked_from_is_rejected()
    {
        _folder.Write("best/copy of a.png", Picture(0));

        var result = Import(_folder["best"], Mine with { Pool = _folder["p"] });

        Assert.Equal((ExchangeFormat.Favourites, 4), (result.Format, result.Added));
        Assert.Equal([JudgementKind.Keep, JudgementKind.Reject, JudgementKind.Reject, JudgementKind.Reject], _log.Standing("mine").Select(j => j.Verdict.Kind));
        Assert.Throws<JudgingException>(() => Import(_folder.File("p/score.json", """{"a.png": 1}"""), Mine with { Pool = _folder["p"] }));
    }

    [Fact]
    public void A_name_that_could_be_two_files_is_not_guessed()
    {
        _folder.Write("p/other/c.png", Picture(9));

        var failure = Import(_folder.File("p/kept.txt", "c.png")).Failures.Single();

        Assert.Contains("could be 2 files", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Stars_are_read_from_sidecars_and_from_inside_images()
    {
        var attribute = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>""";
        var element = "<?xpacket begin='\uFEFF' id='W5M0MpCehiHzreSzNTczkc9d'?>" + attribute.Replace(" xmp:Rating=\"4\"/>", "><xmp:Rating>-1</xmp:Rating></rdf:Description>", StringComparison.Ordinal) + "   <?xpacket end='w'?>";
        _folder.File("p/a.png.xmp", attribute);
        _folder.File("p/b.xmp", element);
        _folder.File("p/sub/nobody.xmp", attribute);
        _folder.File("p/sub/d.xmp", attribute.Replace("\"4\"", "\"0\"", StringComparison.Ordinal));
        _folder.Write("p/e.jpg", Jpeg(attribute.Replace("\"4\"", "\"5\"", StringComparison.Ordinal)));
        _folder.Write("p/f.webp", WebP(attribute.Replace("\"4\"", "\"1\"", StringComparison.Ordinal)));
        _folder.Write("p/g.png", Png(attribute.Replace("\"4\"", "\"2\"", StringComparison.Ordinal)));

        var result = Import(_folder["p"]);

        Assert.Equal((ExchangeFormat.Xmp, 1), (result.Format, result.Unscored));
        Assert.Equal("a 1-5 4; b reject; e 1-5 5; f 1-5 1; g 1-5 2", Told());
        Assert.Equal("nobody.xmp", Path.GetFileName(result.Failures.Single().Path));
    }

    [Fact]
    public void Stars_of_EXIF_and_of_Windows_count_where_XMP_has_none()
    {
        var windows = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:M='http://ns.microsoft.com/photo/1.0/' M:Rating='75'/></rdf:RDF>";
        _folder.Write("p/e.jpg", Splices.Edit(ImageWriter.Jpeg(Samples.Noise(31, 9)), new() { Exif = new() { Rating = 3 } }));
        _folder.Write("p/g.png", Png(windows));

        Import(_folder["p"], Mine with { Format = ExchangeFormat.Xmp });

        Assert.Equal("e 1-5 3; g 1-5 4", Told());
    }

    [Fact]
    public void Labels_are_picks_where_they_are_given_a_meaning()
    {
        var green = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Label="Green"/></rdf:RDF></x:xmpmeta>""";
        _folder.File("p/a.png.xmp", green);
        _folder.File("p/b.xmp", green.Replace("Green\"", "Red\" xmp:Rating=\"2\"", StringComparison.Ordinal));
        _folder.File("p/sub/d.xmp", green.Replace("Green", "Blue", StringComparison.Ordinal));
        _folder.Write("p/g.png", Png(green));

        Import(_folder["p"], Mine with { Labels = new Dictionary<string, bool> { ["Green"] = true, ["Red"] = false } });

        Assert.Equal("a keep; b 1-5 2; b reject; g keep", Told());
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><x xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='&a;'/>")]
    [InlineData("<x xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='9'/>")]
    [InlineData("<x xmlns:xmp='http://ns.adobe.com/xap/1.0/'><xmp:Rating>3")]
    [InlineData("<x xmlns:xmp='http://ns.adobe.com/xap/1.0/'><xmp:Rating><y/></xmp:Rating></x>")]
    [InlineData("not xml")]
    public void A_sidecar_that_is_none_is_named(string content)
    {
        var result = Import(_folder.File("p/a.png.xmp", content));

        Assert.Equal((0, "a.png.xmp"), (result.Added, Path.GetFileName(result.Failures.Single().Path)));
    }

    [Theory]
    [InlineData("x.json", """{"a.png": [1, 2], "b.png": [""")]
    [InlineData("x.json", """{"a.png": 1, "b.png": "two"}""")]
    [InlineData("x.json", """{"a.png": 1, "b.png": 1e999}""")]
    [InlineData("x.json", """{"a.png": 1, "b.png": NaN}""")]
    [InlineData("x.json", """{"a.png": 1, "b.png": [1, 2, 3]}""")]
    [InlineData("x.json", """{"a.png": [[[[[[[[[[[1]]]]]]]]]]]}""")]
    [InlineData("x.json", """{"ImageRecords": {"a.png": {"score": 1}, "b.png": 3}}""")]
    [InlineData("x.csv", "winner,loser\na.png,b.png\na.png\n")]
    [InlineData("x.csv", "winner,loser,draw\na.png,b.png,0\na.png,b.png,perhaps\n")]
    [InlineData("x.csv", "relative_path,score\na.png,1\nb.png,high\n")]
    [InlineData("x.csv", "relative_path,score\na.png,1\n\"b.png,2\n")]
    [InlineData("x.csv", "IMAGEPATH,AVERAGE_RATING\na.png,5\nb.png,\n")]
    [InlineData("x.jsonl", """{"kind":"choice","image":"00"}""")]
    [InlineData("x", "\0\u0001")]
    [InlineData("x", "")]
    public void A_file_that_is_not_as_its_format_has_it_brings_nothing_and_is_named(string name, string content)
    {
        var file = _folder.File($"p/{name}", content);

        var message = Assert.Throws<JudgingException>(() => Import(file)).Message;

        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Empty(_log.Standing("mine"));
    }

    [Fact]
    public void Every_cut_of_every_file_is_read_or_refused()
    {
        foreach (var (name, content) in Files.Select(row => (row.Data.Item1, row.Data.Item2)))
        {
            for (var length = 1; length < content.Length; length++)
            {
                var file = _folder.File($"p/cut-{name}", content[..length]);
                try
                {
                    Import(file, Mine with { Taste = "cut" });
                }
                catch (JudgingException e)
                {
                    Assert.Contains(file, e.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void Text_that_is_not_UTF_8_and_files_that_are_missing_are_refused()
    {
        Assert.Throws<JudgingException>(() => Import(_folder.Write("p/x.csv", [(byte)'a', 0xFF, 0xFE])));
        Assert.Throws<JudgingException>(() => Import(_folder["p/none.json"]));
        Assert.Throws<JudgingException>(() => Import(_folder["p"], Mine with { Format = ExchangeFormat.Pairs }));
        Assert.Throws<JudgingException>(() => Import(_folder["p/a.png"], Mine with { Format = ExchangeFormat.Folders }));
    }

    [Fact]
    public void A_log_that_is_cut_or_wrong_brings_nothing()
    {
        const string Line = """{"act":1,"kind":"keep","image":"00000000000000000000000000000000000000000000000000000000000000ff","rater":"me","source":"web","at":"2026-01-01T00:00:00Z"}""";
        var wrong = new[] { ("keep", "choice"), ("keep", "7"), ("\"me\"", "\"../me\""), ("2026", "when"), ("\"web\"", "\"w/b\""), ("0ff", "0fg"), ("\"act\"", "\"expected\"") }
            .Select(w => Line.Replace(w.Item1, w.Item2, StringComparison.Ordinal)).Select(line => line.Replace("\"expected\":1", "\"expected\":2", StringComparison.Ordinal));
        foreach (var text in Enumerable.Range(1, Line.Length - 1).Select(length => $"{Line}\n{Line[..length]}").Concat(wrong.Select(w => $"{Line}\n{w}")))
        {
            var file = _folder.File("p/x.jsonl", text.Replace("00000000000000000000000000000000000000000000000000000000000000ff", Id(), StringComparison.Ordinal));

            var message = Assert.Throws<JudgingException>(() => Import(file)).Message;

            Assert.Contains(file, message, StringComparison.Ordinal);
        }

        Assert.Empty(_log.Standing("mine"));

        string Id() => Convert.ToHexStringLower(ContentId.Of(_folder["p/a.png"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_folder_that_a_trainer_keeps_scores_of_is_read_by_them()
    {
        _folder.File("p/score.json", """{"a.png": [0.5, 1]}""");

        Assert.Equal(ExchangeFormat.ScoreJson, Import(_folder["p"]).Format);
        Assert.Equal("a elo 0.5", Told());
    }

    [Fact]
    public void Copies_of_one_picture_cannot_be_compared()
    {
        _folder.Write("p/copy.png", Picture(0));

        var result = Import(_folder.File("p/pairs.csv", "winner,loser\na.png,copy.png\na.png,b.png\n"));

        Assert.Equal((1, 1), (result.Added, result.Failures.Count));
    }

    [Theory]
    [InlineData("score.json", ExchangeFormat.ScoreJson)]
    [InlineData("scores.csv", ExchangeFormat.ScoresCsv)]
    [InlineData("records", ExchangeFormat.ImageRecords)]
    public void Scores_go_out_and_come_back(string name, ExchangeFormat format)
    {
        Import(_folder.File("p/pairs.csv", "winner,loser\na.png,b.png\na.png,sub/c.png\nsub/d.png,a.png\n"));
        var elo = EloReplay.Of(_log.Standing("mine")).Elo;

        var written = Export($"p/{name}", format);
        Import(_folder[$"p/{name}"], Mine with { Taste = "back" });

        Assert.Equal((4, 0), (written.Done.Count, written.Failures.Count));
        Assert.Equal(elo.Images.ToDictionary(i => i, elo.Score), _log.Standing("back").ToDictionary(j => j.Verdict.Image, j => j.Verdict.Value!.Value));
    }

    [Fact]
    public void A_score_json_is_laid_out_as_the_trainer_s()
    {
        Import(_folder.File("p/pairs.csv", "winner,loser\nsub/c.png,b.png\n"));
        Export("p/score.json", ExchangeFormat.ScoreJson);

        using var json = JsonDocument.Parse(File.ReadAllText(_folder["p/score.json"]));
        Assert.Equal(["sub/c.png", "b.png", "#meta#"], json.RootElement.EnumerateObject().Select(e => e.Name));
        Assert.Equal([0.35, 1], json.RootElement.GetProperty("sub/c.png").EnumerateArray().Select(e => e.GetDouble()));
        Assert.Equal(1, json.RootElement.GetProperty("#meta#").GetProperty("evaluations").GetInt32());
    }

    [Fact]
    public void Pairs_and_averages_go_out_and_come_back()
    {
        Import(_folder.File("p/pairs.csv", "winner,loser,draw\na.png,b.png,0\nb.png,sub/c.png,1\n"));
        Import(_folder.File("p/avg.csv", "IMAGEPATH,AVERAGE_RATING\na.png,7.5\nsub/d.png,2\n"));

        Export("p/out.csv", ExchangeFormat.Pairs);
        Export("p/ratings.csv", ExchangeFormat.AverageRating);

        Assert.Equal("winner,loser,draw\na.png,b.png,0\nb.png,sub/c.png,1\n", File.ReadAllText(_folder["p/out.csv"]));
        Assert.Equal("IMAGEPATH,AVERAGE_RATING\na.png,7.5\nsub/d.png,2\n", File.ReadAllText(_folder["p/ratings.csv"]));
    }

    [Fact]
    public void The_log_itself_goes_out_and_comes_back_whole()
    {
        Import(_folder.File("p/pairs.csv", "winner,loser\na.png,b.png\n"));
        var images = _log.Standing("mine").Select(j => (j.Verdict.Image, j.Verdict.Other!.Value)).Single();
        _log.Append("mine", [Verdict.Choice(images.Value, images.Image) with { Purpose = Purpose.HeldOut, Expected = 0.1 + 0.2 }], new("you", "web", 345));
        _log.Append("mine", [Verdict.Draw(images.Image, images.Value) with { Purpose = Purpose.Repeat }, Verdict.Rating(images.Image, 1 / 3.0, "z")], new("me", "api"));
        _log.Append("mine", [Verdict.Choice(images.Value, images.Image)], new("you", "web", 1));
        _log.Undo("mine", "you", "web");
        var before = _log.Standing("mine");

        Export("log.jsonl", ExchangeFormat.Log);
        Directory.Delete(_folder["p"], recursive: true); // The studio knows the images by content.
        var result = Import(_folder["log.jsonl"], Mine with { Taste = "back" });

        var after = _log.Standing("back");
        Assert.Equal((4, 0), (result.Added, result.Failures.Count));
        Assert.Equal(before.Select(j => (j.Verdict, j.Origin, j.At)), after.Select(j => (j.Verdict, j.Origin, j.At)));
        Assert.Equal(before.Select(j => before.TakeWhile(b => b.Act != j.Act).Count()), after.Select(j => after.TakeWhile(a => a.Act != j.Act).Count()));
        Assert.Equal((0, 4), (Import(_folder["log.jsonl"], Mine with { Taste = "back" }).Added, Import(_folder["log.jsonl"], Mine with { Taste = "back" }).Known));
    }

    [Fact]
    public void A_log_that_names_another_picture_at_a_path_is_not_believed()
    {
        var line = $$"""{"kind":"keep","image":"{{new string('0', 64)}}","image_path":"a.png","at":"2026-01-01T00:00:00Z"}""";

        var result = Import(_folder.File("p/x.jsonl", line));

        Assert.Equal((0, ExchangeFormat.Log), (result.Added, result.Format));
        Assert.Contains("another picture", result.Failures.Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_exists_is_overwritten_and_nothing_empty_is_written()
    {
        Assert.Throws<JudgingException>(() => Export("p/score.json", ExchangeFormat.ScoreJson));
        Import(_folder.File("p/pairs.csv", "winner,loser\na.png,b.png\n"));

        Assert.Throws<IOException>(() => Export("p/pairs.csv", ExchangeFormat.Pairs));
        Assert.Throws<JudgingException>(() => Export("p/names", ExchangeFormat.Names));
        Assert.Throws<JudgingException>(() => Export("p/avg.csv", ExchangeFormat.AverageRating));
        Assert.Equal(["a.png", "b.png", "pairs.csv", "sub"], Directory.EnumerateFileSystemEntries(_folder["p"]).Select(Path.GetFileName).Order());
    }

    private ImportResult Import(string path, ImportRequest? request = null) =>
        new JudgementImport(_log, _library).Run(path, request ?? Mine, null, TestContext.Current.CancellationToken);

    private BatchResult<string> Export(string path, ExchangeFormat format) => new JudgementExport(_log, _library).Run("mine", _folder[path], format);

    /// <summary>What stands, in short, with images by the first letter of their names.</summary>
    private string Told()
    {
        var standing = _log.Standing("mine");
        var paths = _library.Paths([.. standing.SelectMany(j => new[] { j.Verdict.Image, j.Verdict.Other ?? j.Verdict.Image }).Distinct()]);
        return string.Join("; ", standing.Select(j => j.Verdict).Select(v => v.Kind switch
        {
            JudgementKind.Choice => $"{Name(v.Image)} > {Name(v.Other!.Value)}",
            JudgementKind.Draw => $"{Name(v.Image)} = {Name(v.Other!.Value)}",
            JudgementKind.Rating => string.Create(CultureInfo.InvariantCulture, $"{Name(v.Image)} {v.Scale} {v.Value}"),
            _ => $"{Name(v.Image)} {v.Kind}".ToLowerInvariant(),
        }));

        string Name(long image) => Path.GetFileNameWithoutExtension(paths[image].First());
    }

    private static byte[] Picture(int number) => ImageWriter.Png(Samples.Noise(8 + number, 8));

    private static byte[] Jpeg(string xmp)
    {
        byte[] payload = [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Encoding.UTF8.GetBytes(xmp)];
        var length = payload.Length + 2;
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. payload, .. ImageWriter.Jpeg(Samples.Noise(31, 9))[2..]];
    }

    private static byte[] Png(string xmp)
    {
        var png = ImageWriter.Png(Samples.Noise(33, 9));
        const int AfterHeader = 8 + 12 + 13;
        return [.. png[..AfterHeader], .. Samples.Chunk("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. Encoding.UTF8.GetBytes(xmp)]), .. png[AfterHeader..]];
    }

    private static byte[] WebP(string xmp)
    {
        var file = ImageWriter.WebP(Samples.Noise(32, 9));
        var packet = Encoding.UTF8.GetBytes(xmp.Length % 2 == 0 ? xmp : $"{xmp} ");
        byte[] whole = [.. file, .. "XMP "u8, .. BitConverter.GetBytes(packet.Length), .. packet];
        BitConverter.GetBytes(whole.Length - 8).CopyTo(whole, 4);
        return whole;
    }
}
