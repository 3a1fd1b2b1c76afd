using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Models;
using Tastemaker.Native;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>What <c>taste embed</c> writes; the features themselves are compared in <see cref="ScoreGoldenTests"/>.</summary>
public sealed class EmbedCommandTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task Texts_are_encoded_by_the_text_tower_over_the_reference_s_token_ids()
    {
        var tower = Path.Combine(Goldens.Own, "clip_quick/hf");
        var words = Path.Combine(Goldens.Own, "tokenizer_tiny");
        await _studio.Output("models", "import", Together("clip", tower, words), "--name", "tiny-clip");
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(words, "cases.json"), TestContext.Current.CancellationToken));
        var cases = document.RootElement.EnumerateArray().ToDictionary(
            c => c.GetProperty("text").GetString()!, c => c.GetProperty("hf77").EnumerateArray().Select(id => id.GetInt64()).ToArray());
        string[] texts = [.. cases.Keys.Where(text => text.Length < 100 && !text.AsSpan().ContainsAny('\t', '\n'))];
        var tooLong = cases.Keys.First(text => text.Length > 300);

        var output = await _studio.Output(["embed", "--encoder", "tiny-clip", "--device", "cpu", .. texts.SelectMany(text => new[] { "--text", text })]);

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        Assert.True(texts.Length > 3);
        Assert.Equal(texts, lines.Select(line => line[0]));
        foreach (var (text, line) in texts.Zip(lines))
        {
            float[] actual = [.. line[1].Split(' ').Select(n => float.Parse(n, CultureInfo.InvariantCulture))];
            // The reference pads with the end token, the program with zero; what comes after the first end token is not attended to.
            Tensors.AssertClose(TextTower(tower, cases[text]), actual, 1e-6f, text);
        }

        var (code, _, error) = await _studio.Run("embed", "--encoder", "tiny-clip", "--device", "cpu", "--text", tooLong);
        Assert.Equal(2, code);
        Assert.StartsWith($"error: --text '{tooLong[..40]}...': the text takes ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_its_vocabulary_encodes_no_texts_and_says_what_to_do()
    {
        await _studio.Output("models", "import", Path.Combine(Goldens.Own, "clip_quick/hf"), "--name", "tiny-clip");

        var (code, output, error) = await _studio.Run("embed", "--text", "a cat");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("'tiny-clip' was stored without a vocabulary", error, StringComparison.Ordinal);
        Assert.Contains("vocab.json and merges.txt", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Normalised_vectors_have_length_one_and_point_where_the_raw_ones_do()
    {
        var folder = _studio.Pictures("one_1x1.png", "tiny_10x10.png");

        var raw = Vectors(await _studio.Output("embed", folder));
        var unit = Vectors(await _studio.Output("embed", folder, "--normalise"));

        Assert.Equal(["one_1x1.png", "tiny_10x10.png"], raw.Keys.Select(Path.GetFileName));
        Assert.Equal(raw.Keys, unit.Keys);
        foreach (var (name, vector) in raw)
        {
            var length = Math.Sqrt(vector.Sum(x => (double)x * x));
            Assert.NotEqual(1, length, 1e-2);
            Tensors.AssertClose([.. vector.Select(x => (float)(x / length))], unit[name], 1e-6f, name);
        }

        Assert.Equal(2, _studio.Count().Vectors);
    }

    [Fact]
    public async Task A_broken_picture_is_named_and_the_others_are_written()
    {
        var folder = _studio.Pictures("one_1x1.png");
        var broken = _studio.Folder.File("pictures/broken.png", "not a picture");

        var (code, _, error) = await _studio.Run("embed", folder, "--npy", _studio["out.npy"]);

        Assert.Equal(1, code);
        Assert.Contains($"'{broken}'", error, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(folder, "one_1x1.png")], await File.ReadAllLinesAsync(_studio["out.txt"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData]
    [InlineData("a.png", "--text", "a cat")]
    [InlineData("--text", "a cat", "--encoder", "gist")]
    [InlineData("--text", "a cat")]
    public async Task What_cannot_be_encoded_is_refused(params string[] arguments)
    {
        var (code, output, error) = await _studio.Run(["embed", .. arguments]);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    private static Dictionary<string, float[]> Vectors(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('\t')).ToDictionary(line => line[0], line => line[1].Split(' ').Select(n => float.Parse(n, CultureInfo.InvariantCulture)).ToArray());

    private string Together(string name, params string[] folders)
    {
        var folder = _studio.Folder.Folder(name);
        foreach (var file in folders.SelectMany(Directory.EnumerateFiles).Where(f => Path.GetFileName(f) is not "cases.json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    /// <summary>The graph alone, without tokenizer, store and command line; itself compared with the reference in <c>ClipGoldenTests</c>.</summary>
    private static float[] TextTower(string folder, long[] ids)
    {
        using var mapped = MappedFile.OpenRead(Path.Combine(folder, "model.safetensors"));
        var weights = ClipNames.Canonical(Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors);
        var config = ClipConfig.From(weights, File.ReadAllText(Path.Combine(folder, "config.json"))).Text!;
        var outputs = new Dictionary<string, Node> { ["e"] = ClipText.Build(new(weights), config, Node.In("ids", ElementType.I64, -1, config.Stack.Tokens)).Embedding! };
        using var session = Session.Load(outputs, weights, mapped, "cpu");
        return session.Run<long>("ids", ids, [1, ids.Length], "e", TestContext.Current.CancellationToken);
    }
}
