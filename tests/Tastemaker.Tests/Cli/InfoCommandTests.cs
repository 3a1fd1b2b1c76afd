using System.Text;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Tests.Core.Imaging;
using Tastemaker.Tests.Core.Imaging.Generation;

namespace Tastemaker.Tests.Cli;

public sealed class InfoCommandTests : IDisposable
{
    private const string Xmp = """
        <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4" xmp:Label="Red"><dc:subject><rdf:Bag><rdf:li>cat</rdf:li><rdf:li>score_9</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>
        """;

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task A_picture_s_making_rating_tags_and_sidecars_are_shown_in_a_table()
    {
        var picture = _studio.Folder.Write("one.png", Texts(("parameters", InfotextTests.Documented), ("aesthetic_score", "5.9")));
        _studio.Folder.File("one.png.xmp", Xmp);
        _studio.Folder.File("one.txt", "a caption");

        var lines = (await _studio.Output("info", picture)).TrimEnd().Split('\n');

        Assert.EndsWith("one.png", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  negative    ugly, fat, obese", lines.Single(line => line.Contains("negative", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(
            [
                "picture     PNG, 24 × 16", $"content id  {Convert.ToHexStringLower(ContentId.Of(picture, TestContext.Current.CancellationToken))}", "made with   AUTOMATIC1111",
                "Seed        965400086", "Steps       20", "Sampler     Euler a", "CFG scale   7", "Size        512x512", "Model hash  45dee52b", "score       5.9 (aesthetic_score)",
                "rating      4 of 5 (one.png.xmp)", "label       Red", "tags        cat, score_9", "sidecars    one.txt, one.png.xmp",
            ],
            lines[1..].Where(line => !line.StartsWith("  prompt", StringComparison.Ordinal) && !line.StartsWith("  negative", StringComparison.Ordinal)).Select(line => line.Trim()));
        Assert.False(File.Exists(_studio.Studio.Database), "taste info makes no studio.");
    }

    [Fact]
    public async Task JSON_has_an_object_for_each_file_with_all_of_it()
    {
        var made = _studio.Folder.Write("made.png", Texts(("prompt", ComfyTests.Example)));
        var plain = _studio.Folder.Write("plain.png", Texts());

        using var json = JsonDocument.Parse(await _studio.Output("info", made, plain, "--json"));

        var first = json.RootElement[0];
        var generation = first.GetProperty("generation");
        Assert.Equal((made, "PNG", 24, 16), (first.GetProperty("path").GetString(), first.GetProperty("format").GetString(), first.GetProperty("width").GetInt32(), first.GetProperty("height").GetInt32()));
        Assert.Equal(("ComfyUI", "masterpiece best quality girl", "bad hands"), (generation.GetProperty("generator").GetString(), generation.GetProperty("prompt").GetString(), generation.GetProperty("negativePrompt").GetString()));
        Assert.Equal((ulong.MaxValue, 8.0), (generation.GetProperty("seed").GetUInt64(), generation.GetProperty("cfgScale").GetDouble()));
        Assert.Equal("detail.safetensors: 0.8", generation.GetProperty("settings").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "lora").GetProperty("value").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement[1].GetProperty("generation").ValueKind);
        Assert.Equal(2, json.RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Where_it_is_written_is_told_where_it_is_not_the_file_itself()
    {
        var picture = _studio.Folder.Write("one.png", Texts());
        _studio.Folder.File("one.txt", InfotextTests.Documented);

        Assert.Contains("  found in    the text file beside it\n", await _studio.Output("info", picture), StringComparison.Ordinal);

        using var json = JsonDocument.Parse(await _studio.Output("info", picture, "--json"));
        Assert.Equal("sidecar", json.RootElement[0].GetProperty("generation").GetProperty("place").GetString());
    }

    [Fact]
    public async Task What_the_studio_knows_of_a_picture_is_told()
    {
        var folder = _studio.Pictures("tiny_10x10.png", "gray_L_350x270.png");
        await _studio.Output("embed", "--encoder", "gist", folder);
        _studio.Folder.File("choices.csv", "winner,loser\ntiny_10x10.png,gray_L_350x270.png\n");
        var (code, _, error) = await _studio.Run("judgements", "import", _studio["choices.csv"], "--root", folder);
        Assert.True(code == 0, error);

        using var json = JsonDocument.Parse(await _studio.Output("info", Path.Combine(folder, "tiny_10x10.png"), "--json"));

        var studio = json.RootElement[0].GetProperty("studio");
        Assert.Equal(["gist"], studio.GetProperty("encoders").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(1, studio.GetProperty("judgements").GetInt32());
        Assert.Contains("described by gist; 1 judgements", await _studio.Output("info", folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_named_and_the_others_shown()
    {
        var good = _studio.Folder.Write("good.png", Texts(("parameters", InfotextTests.Documented)));
        var text = _studio.Folder.File("no.png", "no picture");
        _studio.Folder.File("good.xmp", "<not xmp");

        var (code, output, error) = await _studio.Run("info", good, text, _studio["gone.png"], "--json");

        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(965400086UL, Assert.Single(json.RootElement.EnumerateArray()).GetProperty("generation").GetProperty("seed").GetUInt64());
        var lines = error.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Contains(lines, line => line.Contains("no.png", StringComparison.Ordinal) && line.Contains("holds text", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("gone.png", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("good.xmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_s_words_do_not_steer_the_terminal()
    {
        var picture = _studio.Folder.Write("one.png", Texts(("parameters", "a\u001b[2Jcat\u0007\nSteps: 1, Seed: 2, Evil: \"\\u001b]0;x\\u0007\"")));

        var output = await _studio.Output("info", picture);

        Assert.DoesNotContain(output, c => char.IsControl(c) && c != '\n');
        Assert.Contains("a [2Jcat", output, StringComparison.Ordinal);
    }

    /// <summary>A small PNG with text chunks.</summary>
    internal static byte[] Texts(params (string Keyword, string Text)[] texts)
    {
        const int AfterHeader = 33;
        var picture = Web.TestServer.Picture(1);
        return [.. picture[..AfterHeader], .. texts.SelectMany(t => Samples.Chunk("tEXt", Encoding.Latin1.GetBytes($"{t.Keyword}\0{t.Text}"))), .. picture[AfterHeader..]];
    }
}
