using System.Text.Json;
using Tastemaker.App;
using Tastemaker.App.Cli;
using Tastemaker.Core.Models;
using Tastemaker.Tests.Core.Models;

namespace Tastemaker.Tests.Cli;

public sealed class ModelsCommandTests : IDisposable
{
    private static readonly string Pictures = Path.Combine(Goldens.Own, "preprocess/images");

    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task List_shows_what_is_here_and_what_can_be_fetched()
    {
        ImportHead("mine", "clip-vit-l-14");

        Assert.Equal(0, await Run("list"));

        var lines = _output.ToString().Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains(lines, l => l.StartsWith("mine head clip-vit-l-14 3.2 kB unknown yes", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("asv2 head clip-vit-l-14 3.7 MB Apache-2.0 no", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("clip-vit-l-14 encoder clip-vit-l-14 ? MIT (repository openai/CLIP) no", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_gives_the_same_as_JSON()
    {
        ImportHead("mine", "clip-vit-l-14");

        await Run("list", "--json");

        var rows = JsonDocument.Parse(_output.ToString()).RootElement.EnumerateArray().ToDictionary(r => r.GetProperty("name").GetString()!);
        Assert.Equal(ModelManifest.BuiltIn.Models.Count + 1, rows.Count);
        Assert.True(rows["mine"].GetProperty("installed").GetBoolean());
        Assert.False(rows["asv2"].GetProperty("installed").GetBoolean());
        Assert.Equal(6.9, rows["asv2"].GetProperty("threshold").GetDouble());
        Assert.Equal(JsonValueKind.Null, rows["clip-vit-l-14"].GetProperty("size").ValueKind);
    }

    [Fact]
    public async Task Import_says_what_it_took_in_and_goes_on_after_a_bad_file()
    {
        var good = _folder.Write("good.safetensors", TinyModels.LinearHead(512));
        var bad = _folder.Write("bad.pt", [1]);

        Assert.Equal(1, await Run("import", bad, good));

        Assert.Equal("good: head, linear, space undeclared (512-d), 2.2 kB, licence unknown", _output.ToString().TrimEnd());
        Assert.Contains("bad.pt' cannot be taken in", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_thing_that_cannot_be_done_is_an_error()
    {
        var e = await Assert.ThrowsAsync<ModelException>(() => Run("import", _folder["nowhere"]));
        Assert.StartsWith("there is no file or folder", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ModelException>(() => Run("show", "nonsense"));
        await Assert.ThrowsAsync<ModelException>(() => Run("pull", "nonsense"));
        await Assert.ThrowsAsync<ModelException>(() => Run("verify", "asv2"));
    }

    [Fact]
    public async Task Show_tells_of_models_that_are_here_and_of_those_that_are_not()
    {
        ImportHead("mine", null);

        await Run("show", "mine");
        await Run("show", "csv1");

        var text = _output.ToString();
        Assert.Contains("space      undeclared (768-d)", text, StringComparison.Ordinal);
        Assert.Contains("here       no; fetch it with 'taste models pull csv1'", text, StringComparison.Ordinal);
        Assert.Contains("threshold  7.7", text, StringComparison.Ordinal);
        Assert.Contains("sha256 ba265592f419d88ad66216257d54c57eae08ae2fde0b8be167bbe7ddc09206bd", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_answers_no_with_the_exit_code()
    {
        ImportHead("mine", null);
        Assert.Equal(0, await Run("verify"));
        File.WriteAllBytes(_folder["models/mine/weights.safetensors"], [1]);
        Directory.CreateDirectory(_folder["models/broken"]);

        Assert.Equal(1, await Run("verify", "mine"));
        Assert.Contains("FAILED mine/weights.safetensors: it has 1 bytes;", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("broken", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await Run("verify", "--json"));
        Assert.Contains("broken", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_tells_what_a_lower_precision_costs()
    {
        ImportTinyEncoder();
        ImportHead("mine", null);
        var bad = _folder.File("bad.png", "not a picture");

        Assert.Equal(1, await Run("verify", "tiny", Pictures, bad, "--precision", "int8", "--json"));

        Assert.Contains($"'{bad}'", _errors.ToString(), StringComparison.Ordinal);
        var report = JsonDocument.Parse(_output.ToString()).RootElement;
        Assert.Equal(("tiny", "int8"), (report.GetProperty("encoder").GetString(), report.GetProperty("precision").GetString()));
        Assert.Equal(Directory.GetFiles(Pictures).Length, report.GetProperty("pictures").GetArrayLength());
        var cosine = report.GetProperty("cosine");
        var (mean, low, least) = (Number(cosine, "mean"), Number(cosine, "percentile5"), Number(cosine, "least"));
        Assert.True(least is > 0.9 && least <= low && low <= mean && mean < 1, $"{least} {low} {mean}");
        Assert.True(Number(report, "speed") > 0);
        var head = Assert.Single(report.GetProperty("heads").EnumerateArray());
        Assert.Equal("mine", head.GetProperty("head").GetString());
        Assert.InRange(Number(head, "spearman"), 0.5, 1);
        Assert.InRange(Number(head, "pearson"), 0.5, 1);
        Assert.InRange(Number(head, "meanDifference"), double.Epsilon, Number(head, "maxDifference"));
        Assert.False(Path.Exists(_folder["studio.db"]));

        static double Number(JsonElement of, string name) => of.GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task Verify_says_when_there_is_too_little_to_compare()
    {
        ImportTinyEncoder();
        var picture = Path.Combine(Pictures, "text_501x377.png");

        Assert.Equal(0, await Run("verify", "tiny", picture, "--precision", "f16"));
        Assert.Contains("no installed head takes the vectors of 'tiny'", _errors.ToString(), StringComparison.Ordinal);

        ImportHead("mine", null);
        Assert.Equal(0, await Run("verify", "tiny", picture, "--precision", "f16"));
        Assert.Contains("note: 1 of the 3 pictures that a correlation needs", _errors.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("tiny, f16 beside f32, 1 picture", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("needs the name of one encoder and then at least one PATH", "tiny")]
    [InlineData("'gist' has one precision only", "gist", "x.png")]
    [InlineData("'mine' is no encoder but a head", "mine", "x.png")]
    public async Task Verify_of_a_precision_wants_an_encoder_and_pictures(string message, params string[] args)
    {
        ImportHead("mine", null);

        var e = await Assert.ThrowsAsync<UserException>(() => Run(["verify", .. args, "--precision", "int8"]));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_wants_a_yes()
    {
        ImportHead("mine", null);

        var e = await Assert.ThrowsAsync<UserException>(() => Run("remove", "mine"));
        Assert.Contains("--yes", e.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_folder["models/mine"]));

        Assert.Equal(0, await Run("remove", "mine", "--yes"));
        Assert.False(Directory.Exists(_folder["models/mine"]));
    }

    [Fact]
    public async Task Pull_fetches_and_tells_of_trouble_on_the_way()
    {
        await using var server = await LoopbackServer.StartAsync();
        var head = TinyModels.LinearHead(768);
        server.On("/h.pth", context =>
        {
            server.Serve("/h.pth", head);
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var file = new KnownFile("weights", [server.Address("/h.pth")]) { Size = head.Length, Sha256 = DownloaderTests.HashOf(head) };
        var known = new KnownModel("h", ModelKind.Head, "clip-vit-l-14", "A head.", "MIT", "http://home.test/", "linear", [file]);
        var manifest = ModelManifest.BuiltIn with { Models = [known] };

        var code = await Run(
            new ModelStore(_folder["models"], manifest, TimeProvider.System, DownloaderTests.Handler, new() { Pause = TimeSpan.FromMilliseconds(1) }), "pull", "h");

        Assert.Equal(0, code);
        Assert.Equal("h: head, linear, space 'clip-vit-l-14' (768-d), 3.2 kB, licence MIT", _output.ToString().TrimEnd());
        Assert.StartsWith("h/weights.pth: the server answered 503 Service Unavailable; trying again", _errors.ToString(), StringComparison.Ordinal);
    }

    private void ImportHead(string name, string? space)
    {
        using var store = Store();
        store.Import([_folder.Write($"{name}.safetensors", TinyModels.LinearHead(768))], new(Space: space), CancellationToken.None);
    }

    private void ImportTinyEncoder()
    {
        using var store = Store();
        store.Import([Path.Combine(Goldens.Own, "score/encoder")], new("tiny"), CancellationToken.None);
    }

    private ModelStore Store() => new(_folder["models"], TimeProvider.System);

    private Task<int> Run(params string[] args) => Run(Store(), args);

    private Task<int> Run(ModelStore store, params string[] args)
    {
        var terminal = new Terminal(_output, _errors, TextReader.Null, outIsTerminal: false, errorIsTerminal: false, inIsTerminal: false);
        return ModelsCommand.Create(terminal, _ => new(new(_folder.Path), store)).Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
    }
}
