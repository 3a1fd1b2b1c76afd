using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Nets.Weights;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Cli;

/// <summary><c>taste paint</c> with an aesthetic: a tiny checkpoint, the goldens' tiny CLIP, and a vector of its space.</summary>
public sealed class PaintAestheticTests : IDisposable
{
    private readonly TestStudio _studio = new();
    private readonly TinyCheckpoint _checkpoint = new();

    public PaintAestheticTests()
    {
        using var stream = File.Create(_studio["some.safetensors"]);
        SafeTensors.Write(stream, [TensorData.Of("e", new(24), Enumerable.Range(0, 24).Select(i => MathF.Sin(i + 1)).ToArray().AsSpan())]);
    }

    public void Dispose()
    {
        _studio.Dispose();
        _checkpoint.Dispose();
    }

    [Fact]
    public async Task A_picture_is_drawn_towards_an_aesthetic_and_says_so()
    {
        await ImportClip();
        await _studio.Output("aesthetic", "import", _studio["some.safetensors"], "--name", "mine");
        var plain = await Paint("plain");

        var drawn = await Paint("drawn", "--aesthetic", "mine", "--aesthetic-lr", "0.01", "--aesthetic-steps", "3");

        Assert.NotEqual(Pixels(plain.File), Pixels(drawn.File));
        var cosines = drawn.Error.Split('\n').Single(line => line.StartsWith("cosine to 'mine', before and after each step: ", StringComparison.Ordinal)).Split(": ")[1].Split(' ')
            .Select(c => double.Parse(c, null)).ToList();
        Assert.Equal(4, cosines.Count);
        Assert.Equal(cosines.Order(), cosines);
        var more = GenerationInfo.Of(drawn.File)!.Settings.ToDictionary(s => s.Key, s => s.Value);
        Assert.Equal(("0.01", "1", "3", "mine", "False", "own"),
            (more["Aesthetic LR"], more["Aesthetic weight"], more["Aesthetic steps"], more["Aesthetic embedding"], more["Aesthetic slerp"], more["Aesthetic encoder"]));

        var file = await Paint("file", "--aesthetic-embedding", _studio["some.safetensors"], "--aesthetic-lr", "0.01", "--aesthetic-steps", "3");
        Assert.Equal(Pixels(drawn.File), Pixels(file.File));
        Assert.Contains("cosine to 'some'", file.Error, StringComparison.Ordinal); // Found in the cache, and told all the same.
        Assert.Single(Directory.GetFiles(_studio.Studio.Conditionings));
    }

    [Theory]
    [InlineData("--aesthetic-weight", "0")]
    [InlineData("--aesthetic-steps", "0")]
    public async Task An_aesthetic_of_no_weight_leaves_the_very_picture(string option, string value)
    {
        await ImportClip();
        var plain = await Paint("plain");

        var drawn = await Paint("drawn", "--aesthetic-embedding", _studio["some.safetensors"], option, value);

        Assert.Equal(Pixels(plain.File), Pixels(drawn.File));
    }

    [Fact]
    public async Task Only_the_extension_s_faults_draw_the_negative_prompt()
    {
        await ImportClip();
        string[] settings = ["--aesthetic-embedding", _studio["some.safetensors"], "--aesthetic-lr", "0.01", "--aesthetic-steps", "2", "--negative", "bad"];
        string[] guided = [.. settings, "--cfg", "5"], unguided = [.. settings, "--cfg", "1"];

        Assert.NotEqual(Pixels((await Paint("a", guided)).File), Pixels((await Paint("b", [.. guided, "--aesthetic-compat"])).File));
        Assert.Equal(Pixels((await Paint("c", unguided)).File), Pixels((await Paint("d", [.. unguided, "--aesthetic-compat"])).File));
    }

    [Fact]
    public async Task A_picture_that_is_like_another_is_drawn_as_it_was_but_where_options_say_otherwise()
    {
        await ImportClip();
        await _studio.Output("aesthetic", "import", _studio["some.safetensors"], "--name", "mine");
        var first = await Paint("first", "--aesthetic", "mine", "--aesthetic-lr", "0.01", "--aesthetic-steps", "3", "--aesthetic-weight", "0.5", "--aesthetic-slerp",
            "--aesthetic-text", "a dog", "--aesthetic-angle", "0.2", "--aesthetic-negative", "--aesthetic-encoder", "stock", "--aesthetic-compat");
        Assert.Contains("note: aesthetic 'mine' does not say which encoder it was made with; its 24 numbers are taken for", first.Error, StringComparison.Ordinal);
        var like = Like(first.File);

        var again = await _studio.Output([.. like, "--out", _studio["again"]]);
        Assert.Equal(File.ReadAllBytes(first.File), File.ReadAllBytes(again.Trim()));

        var changed = await _studio.Output([.. like, "--out", _studio["changed"], "--aesthetic-steps", "2", "--aesthetic-slerp", "false", "--aesthetic-encoder", "own"]);
        var (was, becomes) = (Settings(first.File), Settings(changed.Trim()));
        string[] said = [.. becomes.Where(s => was[s.Key] != s.Value).Select(s => $"{s.Key}: {s.Value}")];
        Assert.Equal(["Aesthetic steps: 2", "Aesthetic slerp: False", "Aesthetic encoder: own"], said);

        var without = await _studio.Output([.. like, "--out", _studio["without"], "--aesthetic", "none"]);
        Assert.Equal(Pixels((await Paint("plain")).File), Pixels(without.Trim()));
    }

    [Fact]
    public async Task An_aesthetic_that_says_which_encoder_made_it_needs_no_note()
    {
        await _studio.Output("models", "import", Path.Combine(Goldens.Own, "aesthetic_gradients/clip"), "--name", "clip", "--space", "tiny-clip");
        await _studio.Output("aesthetic", "import", _studio["some.safetensors"], "--name", "mine", "--space", "tiny-clip");
        await _studio.Output("aesthetic", "import", _studio["some.safetensors"], "--name", "other", "--space", "other-clip");

        Assert.DoesNotContain("note:", (await Paint("mine", "--aesthetic", "mine", "--aesthetic-steps", "1")).Error, StringComparison.Ordinal);
        var (code, _, error) = await Run("out", "--aesthetic", "other", "--aesthetic-steps", "1");
        Assert.Equal(2, code);
        Assert.Contains("the aesthetic is of the space 'other-clip' (24-d);", error, StringComparison.Ordinal);
        Assert.Contains("like 'clip', whose texts are of the space 'tiny-clip' (24-d). Take an aesthetic that was made with that.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_picture_was_drawn_towards_has_to_be_the_very_same()
    {
        await ImportClip();
        await _studio.Output("aesthetic", "import", _studio["some.safetensors"], "--name", "mine");
        var first = (await Paint("first", "--aesthetic", "mine", "--aesthetic-steps", "1")).File;
        var hash = Settings(first)["Aesthetic embedding hash"];
        using (var stream = File.Create(_studio["other.safetensors"]))
        {
            SafeTensors.Write(stream, [TensorData.Of("e", new(24), Enumerable.Range(0, 24).Select(i => MathF.Cos(i)).ToArray().AsSpan())]);
        }

        await _studio.Output("aesthetic", "import", _studio["other.safetensors"], "--name", "mine", "--replace");
        var (code, _, error) = await _studio.Run([.. Like(first), "--out", _studio["out"]]);
        Assert.Equal(2, code);
        Assert.Contains($"; the one with {hash} is wanted. --aesthetic or --aesthetic-embedding takes another, --aesthetic none takes none.", Assert.Single(Lines(error)), StringComparison.Ordinal);

        await _studio.Output("models", "remove", "mine", "--yes");
        (code, _, error) = await _studio.Run([.. Like(first), "--out", _studio["out"]]);
        Assert.Equal(2, code);
        Assert.Contains($"what '{first}' was drawn towards cannot be had: no model 'mine'", Assert.Single(Lines(error)), StringComparison.Ordinal);
        Assert.Empty(TestStudio.Contents(_studio["out"]));

        var file = await _studio.Output([.. Like(first), "--out", _studio["file"], "--aesthetic-embedding", _studio["some.safetensors"]]);
        Assert.Equal(Pixels(first), Pixels(file.Trim()));

        static string[] Lines(string error) => error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    [Theory]
    [InlineData("--aesthetic-steps says how prompts are drawn", "--aesthetic-steps", "3")]
    [InlineData("no model 'nobody'", "--aesthetic", "nobody")]
    [InlineData("give one of them", "--aesthetic", "a", "--aesthetic-embedding", "b.pt")]
    [InlineData("cannot be read as an aesthetic", "--aesthetic-embedding", "/nowhere/at/all.pt")]
    [InlineData("the aesthetic's weight is 2; it can be 0 to 1.", "--aesthetic", "a", "--aesthetic-weight", "2")]
    [InlineData("are about --aesthetic-text, which is missing", "--aesthetic", "a", "--aesthetic-negative")]
    public async Task What_cannot_be_drawn_is_told_and_no_file_is_made(string message, params string[] arguments)
    {
        var (code, output, error) = await Run("out", arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Empty(TestStudio.Contents(_studio["out"]));
    }

    [Fact]
    public async Task Without_the_CLIP_that_the_checkpoint_was_made_from_it_is_told_what_to_fetch()
    {
        var (code, _, error) = await Run("out", "--aesthetic-embedding", _studio["some.safetensors"]);

        Assert.Equal(2, code);
        Assert.Contains("'taste models pull clip-vit-l-14' fetches it", error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Settings(string file) => GenerationInfo.Of(file)!.Settings.ToDictionary(s => s.Key, s => s.Value);

    private string[] Like(string file) => ["paint", "--checkpoint", _checkpoint.Path, "--device", "cpu", "--like", file];

    private static byte[] Pixels(string file) => Tastemaker.Core.Imaging.ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken).Pixels;

    private Task<string> ImportClip() => _studio.Output("models", "import", Path.Combine(Goldens.Own, "aesthetic_gradients/clip"), "--name", "clip");

    private async Task<(string File, string Error)> Paint(string folder, params string[] arguments)
    {
        var (code, output, error) = await Run(folder, arguments);
        Assert.True(code == 0, error);
        return (output.Trim(), error);
    }

    private Task<(int Code, string Output, string Error)> Run(string folder, params string[] arguments) => _studio.Run(
        ["paint", "a cat by the sea", "--checkpoint", _checkpoint.Path, "--device", "cpu", "--seed", "3", "--steps", "2", "--width", "16", "--height", "12", "--out", _studio[folder], .. arguments]);
}
