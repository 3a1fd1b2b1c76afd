using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>Aesthetics made of pictures and of a taste, and their way out and in again.</summary>
public sealed class AestheticCommandTests : IDisposable
{
    private static readonly string[] Names =
        ["bilevel_1_300x250.png", "bmp_240x230.bmp", "edges_224x224.png", "edges_224x299.png", "edges_297x224.png", "grad_640x480.png", "gray_L_350x270.png", "gif_250x240.gif"];

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task An_aesthetic_is_the_mean_of_the_features_of_its_pictures()
    {
        await _studio.ImportTiny();
        var folder = _studio.Pictures(Names);
        var features = await Features(folder);

        var said = await _studio.Output("aesthetic", "create", "all", folder, "--encoder", "tiny", "--device", "cpu");
        await _studio.Output("aesthetic", "export", "all", _studio["all.pt"]);

        Assert.StartsWith("all: mean of 8 pictures", said, StringComparison.Ordinal);
        float[] mean = [.. Enumerable.Range(0, TestStudio.Dims).Select(i => features.Values.Average(v => v[i]))];
        Tensors.AssertClose(mean, Read(_studio["all.pt"]), 1e-5f * mean.Max(Math.Abs), "mean");
    }

    [Fact]
    public async Task An_aesthetic_goes_out_and_comes_in_again_in_every_format()
    {
        await _studio.ImportTiny();
        await _studio.Output("aesthetic", "create", "one", _studio.Pictures(Names[2]), "--encoder", "tiny", "--device", "cpu");

        foreach (var file in new[] { "out.pt", "out.safetensors" })
        {
            await _studio.Output("aesthetic", "export", "one", _studio[file]);
            await _studio.Output("aesthetic", "import", _studio[file], "--name", $"copy-{Path.GetExtension(file)[1..]}");
            var (code, _, error) = await _studio.Run("aesthetic", "export", "one", _studio[file]);

            Assert.Equal(2, code);
            Assert.Contains("never overwritten", error, StringComparison.Ordinal);
        }

        var one = await Card("one");
        Assert.Equal(one.GetProperty("hash").GetString(), (await Card("copy-pt")).GetProperty("hash").GetString());
        Assert.Equal(one.GetProperty("hash").GetString(), (await Card("copy-safetensors")).GetProperty("hash").GetString());
        Assert.Equal(1, (await Card("copy-pt")).GetProperty("cosines").GetProperty("copy-safetensors").GetDouble(), 1e-6);
        using var list = JsonDocument.Parse(await _studio.Output("aesthetic", "list", "--json"));
        Assert.Equal(["copy-pt", "copy-safetensors", "one"], list.RootElement.EnumerateArray().Select(m => m.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_replaced_only_when_told_to()
    {
        await _studio.ImportTiny();
        var folder = _studio.Pictures(Names[..3]);
        string[] create = ["aesthetic", "create", "mine", folder, "--encoder", "tiny", "--device", "cpu"];
        await _studio.Output(create);
        var before = await Card("mine");

        var (code, _, error) = await _studio.Run(create);

        Assert.Equal(2, code);
        Assert.Contains("there is a model 'mine' already (mean of 3 pictures)", error, StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, Names[0]));
        await _studio.Output([.. create, "--replace"]);
        Assert.NotEqual(before.GetProperty("hash").GetString(), (await Card("mine")).GetProperty("hash").GetString());
        (code, _, error) = await _studio.Run("aesthetic", "create", "tiny", folder, "--encoder", "tiny", "--device", "cpu", "--replace");
        Assert.Equal(2, code);
        Assert.Contains("Choose another name", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taste_is_a_direction_and_chooses_the_pictures_of_a_mean()
    {
        await _studio.ImportTiny();
        var features = await Features(_studio.Pictures(Names));
        var liked = Names.OrderByDescending(name => Liking(features[name])).Take(3).ToList();
        Judge(features);

        await _studio.Output("aesthetic", "create", "learned", "--encoder", "tiny", "--device", "cpu");
        await _studio.Output("aesthetic", "create", "best", "--top", "3", "--encoder", "tiny", "--device", "cpu");

        await _studio.Output("aesthetic", "export", "best", _studio["best.pt"]);
        await _studio.Output("aesthetic", "export", "learned", _studio["learned.pt"]);
        float[] mean = [.. Enumerable.Range(0, TestStudio.Dims).Select(i => liked.Average(name => features[name][i]))];
        Tensors.AssertClose(mean, Read(_studio["best.pt"]), 1e-3f * mean.Max(Math.Abs), "mean"); // What the studio keeps is float16.
        var direction = Read(_studio["learned.pt"]);
        Assert.Equal(liked.Order(), Names.OrderByDescending(name => Along(features[name], direction)).Take(3).Order());
    }

    [Fact]
    public async Task What_sees_no_texts_makes_no_aesthetic()
    {
        var (code, _, error) = await _studio.Run("aesthetic", "create", "mine", _studio.Pictures(Names[0]), "--encoder", "gist");

        Assert.Equal(2, code);
        Assert.Contains("taste models pull clip-vit-l-14", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_vector_and_a_name_of_no_format_are_refused()
    {
        await _studio.ImportTiny();
        await _studio.Output("aesthetic", "create", "one", _studio.Pictures(Names[0]), "--encoder", "tiny", "--device", "cpu");

        Assert.Contains("ends in '.png'", (await _studio.Run("aesthetic", "export", "one", _studio["a.png"])).Error, StringComparison.Ordinal);
        Assert.Contains("cannot be read as an aesthetic", (await _studio.Run("aesthetic", "import", _studio.Folder.File("a.pt"))).Error, StringComparison.Ordinal);
        Assert.Contains("is no aesthetic but an encoder", (await _studio.Run("aesthetic", "show", "tiny")).Error, StringComparison.Ordinal);
    }

    private static double Liking(float[] vector) => Along(vector, [.. Enumerable.Range(0, TestStudio.Dims).Select(i => MathF.Cos(i))]);

    /// <summary>As heads see vectors: by their direction.</summary>
    private static double Along(float[] vector, float[] direction) =>
        vector.Zip(direction, (x, d) => (double)x * d).Sum() / Math.Sqrt(vector.Sum(x => (double)x * x));

    private static float[] Read(string path)
    {
        var checkpoint = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(path)));
        return checkpoint.Floats(checkpoint.Tensors.Keys.Single());
    }

    /// <summary>Every pair of pictures, as someone chooses whose liking is known.</summary>
    private void Judge(Dictionary<string, float[]> features)
    {
        using var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        var library = new ImageLibrary(database);
        var images = library.All().ToDictionary(i => Path.GetFileName(i.Path), i => i.Id);
        List<IReadOnlyList<Verdict>> acts = [.. from a in Names
                                                from b in Names
                                                where Liking(features[a]) > Liking(features[b])
                                                select new[] { Verdict.Choice(images[a], images[b]) }];
        new JudgementLog(database).Append("mine", acts, new("me", "test"));
    }

    private async Task<JsonElement> Card(string name)
    {
        using var json = JsonDocument.Parse(await _studio.Output("aesthetic", "show", name, "--json"));
        return json.RootElement.Clone();
    }

    private async Task<Dictionary<string, float[]>> Features(string folder)
    {
        var lines = (await _studio.Output("embed", folder, "--encoder", "tiny", "--device", "cpu")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Select(line => line.Split('\t')).ToDictionary(
            f => Path.GetFileName(f[0]), f => f[1].Split(' ').Select(n => float.Parse(n, CultureInfo.InvariantCulture)).ToArray());
    }
}
