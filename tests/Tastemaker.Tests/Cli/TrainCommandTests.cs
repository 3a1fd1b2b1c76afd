using System.Text.Json;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>From judgements in the log to a head that every command uses.</summary>
public sealed class TrainCommandTests
{
    private const int Images = 40;

    [Theory]
    [InlineData("bayes", "layers.7.bias")]
    [InlineData("linear", "layers.7.bias")]
    [InlineData("mlp", "layers.7.bias")]
    [InlineData("mlp --relu", "layers.11.bias")]
    public async Task A_trained_head_scores_like_any_other_and_so_does_its_export(string kind, string last)
    {
        using var studio = new TestStudio();
        var features = await Judge(studio, heldOut: 40);

        var said = await studio.Output(["train", "--name", "eye", "--encoder", "gist", "--export", "pth", studio["eye.pth"], "--kind", .. kind.Split(' ')]);
        await studio.Output("models", "import", studio["eye.pth"], "--name", "exported", "--space", "gist");
        var rows = Row.Parse(await studio.Output("score", studio["pictures"], "--model", "eye", "--model", "exported", "--encoder", "gist"));
        var (own, exported) = (rows.Where(r => r.Model == "eye").ToList(), rows.Where(r => r.Model == "exported").ToList());

        Assert.StartsWith($"eye: {kind.Split(' ')[0]} head of taste 'mine', from 300 choices and 0 ratings", said, StringComparison.Ordinal);
        Assert.Equal(Images, own.Count);
        Assert.Equal(own.Select(r => r.Raw), exported.Select(r => r.Raw));
        Assert.Equal(0, own.Average(r => r.Z), 1e-2);
        Assert.Equal(1, Math.Sqrt(own.Sum(r => r.Z * r.Z) / (Images - 1)), 1e-2);
        var checkpoint = Checkpoint.Open(ByteSource.Of(await File.ReadAllBytesAsync(studio["eye.pth"], TestContext.Current.CancellationToken)));
        var head = Head.From(checkpoint);
        Assert.Contains(last, checkpoint.Tensors.Keys);
        Assert.Equal(!kind.EndsWith("--relu", StringComparison.Ordinal), head.IsAffine);
        if (head.IsAffine)
        {
            // Float32 sums of 5 layers against one: 1e-5 of scores of the order of 1.
            var folded = head.Fold();
            Assert.All(own, row => Assert.Equal(folded.Score(Unit(row)), head.Score(Unit(row)), 1e-5 * Math.Max(1, Math.Abs(row.Raw))));
        }

        float[] Unit(Row row)
        {
            var vector = features[row.Name];
            var length = Math.Sqrt(vector.Sum(x => (double)x * x));
            return [.. vector.Select(x => (float)(x / length))];
        }
    }

    [Fact]
    public async Task The_head_says_what_it_was_made_from()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 40);

        await studio.Output("train", "--name", "eye", "--encoder", "gist");

        var file = Path.Combine(studio.Studio.Models, "eye", "weights.safetensors");
        var metadata = Checkpoint.Open(ByteSource.Of(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))).Metadata;
        Assert.Equal(("gist", "gist", "bayes", "mine", "False"), (metadata["feature_space"], metadata["clip_model"], metadata["kind"], metadata["taste"], metadata["relu"]));
        Assert.Equal(("40", "300", "0"), (metadata["n_images"], metadata["choices"], metadata["ratings"]));
        Assert.EndsWith("/40", metadata["agreement"], StringComparison.Ordinal);
        Assert.Equal("340", metadata["log_row"]);
        Assert.Equal(101, metadata["percentiles"].Split(',').Length);
        Assert.Equal(64, metadata["data_sha256"].Length);
    }

    [Fact]
    public async Task Heads_are_compared_on_choices_that_trained_none_of_them()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 60);
        await studio.Output("train", "--name", "eye", "--encoder", "gist");

        using var json = JsonDocument.Parse(await studio.Output("evaluate", "--model", "eye", "--model", "plain", "--encoder", "gist", "--json"));
        var models = Models(json);

        var eye = models["eye"].GetProperty("agreement");
        Assert.Equal(60, eye.GetProperty("of").GetInt32());
        Assert.InRange(eye.GetProperty("rate").GetDouble(), 0.75, 1);
        Assert.InRange(eye.GetProperty("low").GetDouble(), 0.5, eye.GetProperty("rate").GetDouble());
        Assert.Equal("mine", models["eye"].GetProperty("learnedFrom").GetString());
        Assert.Equal(JsonValueKind.Null, models["plain"].GetProperty("learnedFrom").ValueKind);
        Assert.Equal("eye", json.RootElement.GetProperty("models")[0].GetProperty("model").GetString());
    }

    [Fact]
    public async Task A_head_replaces_its_former_self_but_no_model_from_elsewhere()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 0);
        await studio.ImportHead("theirs", dims: Tastemaker.Nets.Gist.GistEncoder.Dimensions, space: "gist");

        await studio.Output("train", "--name", "eye", "--encoder", "gist");
        await studio.Output("train", "--name", "eye", "--encoder", "gist", "--kind", "mlp");
        var shown = await studio.Output("models", "show", "eye");
        var (code, _, error) = await studio.Run("train", "--name", "theirs", "--encoder", "gist");

        Assert.Contains("layers", shown, StringComparison.Ordinal);
        Assert.Equal(2, code);
        Assert.Contains("there is another model 'theirs'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_posterior_begins_from_other_heads_but_never_from_what_learned_the_same()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 0);
        await studio.Output("train", "--name", "deep", "--encoder", "gist", "--kind", "mlp", "--relu", "--export", "pth", studio["deep.pth"]);
        await studio.Output("models", "import", studio["deep.pth"], "--name", "foreign", "--space", "gist");

        var (code, first, error) = await studio.Run("train", "--name", "eye", "--encoder", "gist");
        var weights = await Weights(studio, "eye");
        var again = await studio.Output("train", "--name", "eye", "--encoder", "gist");

        Assert.Equal(0, code);
        Assert.EndsWith(", begun from 'plain'\n", first, StringComparison.Ordinal);
        Assert.Contains("it does not begin from 'foreign'", error, StringComparison.Ordinal);
        Assert.DoesNotContain("deep", error, StringComparison.Ordinal);
        Assert.Equal(first, again);
        Assert.Equal(weights, await Weights(studio, "eye"));
    }

    [Fact]
    public async Task A_pair_that_was_learned_is_not_asked_even_if_it_is_kept_out_later_or_taken_back()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 60);
        using var database = StudioDatabase.Open(studio.Studio, TimeProvider.System);
        var log = new JudgementLog(database);
        var standing = log.Standing("mine").Select(j => j.Verdict).ToList();
        var images = standing.SelectMany(v => new[] { v.Image, v.Other!.Value }).Distinct().ToList();
        var fresh = images.SelectMany(a => images.Where(b => b > a).Select(b => Verdict.Choice(a, b)))
            .First(v => !standing.Any(s => (s.Image, s.Other) == (v.Image, v.Other) || (s.Other, s.Image) == (v.Image, v.Other)));
        var twice = standing.Where(v => v.Purpose == Purpose.Train).DistinctBy(v => (v.Image, v.Other)).Take(7);
        log.Append("mine", [fresh], new("me", "test"));
        await studio.Output("train", "--name", "eye", "--encoder", "gist");
        log.Undo("mine", "me", "test");
        log.Append("mine", [.. twice.Append(fresh).Select(v => v with { Purpose = Purpose.HeldOut })], new("me", "test"));

        using var json = JsonDocument.Parse(await studio.Output("evaluate", "--encoder", "gist", "--json"));
        var models = Models(json);

        Assert.Equal((8, 60), (models["eye"].GetProperty("leftOut").GetInt32(), models["eye"].GetProperty("agreement").GetProperty("of").GetInt32()));
        Assert.Equal((0, 68), (models["plain"].GetProperty("leftOut").GetInt32(), models["plain"].GetProperty("agreement").GetProperty("of").GetInt32()));
    }

    [Fact]
    public async Task A_file_trains_a_head_without_a_trace_in_the_log_and_never_tests_what_it_trained()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 60);
        await studio.Output("train", "--name", "eye", "--encoder", "gist");
        await studio.Output("judgements", "export", studio["pairs.csv"]);
        using var other = new TestStudio();

        var said = await other.Output("train", "--name", "filed", "--encoder", "gist", "--from", studio["pairs.csv"]);
        using var onFile = JsonDocument.Parse(await other.Output("evaluate", "--on", studio["pairs.csv"], "--encoder", "gist", "--json"));
        using var onExport = JsonDocument.Parse(await studio.Output("evaluate", "--on", studio["pairs.csv"], "--encoder", "gist", "--json"));
        var table = await other.Output("evaluate", "--on", studio["pairs.csv"], "--encoder", "gist");

        Assert.StartsWith("filed: bayes head of taste 'mine', from 360 choices and 0 ratings of 'pairs.csv'", said, StringComparison.Ordinal);
        using (var database = StudioDatabase.Open(other.Studio, TimeProvider.System))
        {
            Assert.Empty(new JudgementLog(database).Tastes());
        }

        var (filed, plain, eye) = (Models(onFile)["filed"], Models(onFile)["plain"], Models(onExport)["eye"]);
        Assert.Equal((JsonValueKind.Null, 360, true), (filed.GetProperty("agreement").ValueKind, filed.GetProperty("leftOut").GetInt32(), filed.GetProperty("learnedFromThese").GetBoolean()));
        Assert.Equal((360, false), (plain.GetProperty("agreement").GetProperty("of").GetInt32(), plain.GetProperty("learnedFromThese").GetBoolean()));
        Assert.Contains("these very judgements", table, StringComparison.Ordinal);

        // An export does not say which choices were kept out; the place in the log does.
        Assert.Equal((60, 300), (eye.GetProperty("agreement").GetProperty("of").GetInt32(), eye.GetProperty("leftOut").GetInt32()));
        Assert.InRange(eye.GetProperty("agreement").GetProperty("rate").GetDouble(), 0.75, 1);
    }

    [Theory]
    [InlineData("train --name eye --encoder gist --taste none", "taste 'none' has no judgements")]
    [InlineData("train --name eye --encoder gist --kind linear --loss mse", "there are no ratings")]
    [InlineData("train --name eye --encoder gist --loss margin", "--loss is for --kind linear and mlp")]
    [InlineData("train --name eye --encoder gist --from nowhere.csv", "nowhere.csv")]
    [InlineData("train --name plain --encoder gist", "built-in encoder")]
    [InlineData("train --name eye --encoder gist --relu", "--relu is for --kind mlp")]
    [InlineData("train --name eye --encoder gist --export onnx x.onnx", "--export 'onnx' is not known")]
    [InlineData("train --name ../eye --encoder gist", "cannot be a model's name")]
    [InlineData("evaluate --model plain --encoder gist", "kept out of training")]
    public async Task What_cannot_be_done_is_said_in_a_line(string command, string why)
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 0);

        var (code, _, error) = await studio.Run(command.Split(' '));

        Assert.Equal(2, code);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    private static Dictionary<string, JsonElement> Models(JsonDocument json) =>
        json.RootElement.GetProperty("models").EnumerateArray().ToDictionary(m => m.GetProperty("model").GetString()!);

    private static async Task<string> Weights(TestStudio studio, string name) =>
        Convert.ToHexString(await File.ReadAllBytesAsync(Path.Combine(studio.Studio.Models, name, "weights.safetensors"), TestContext.Current.CancellationToken));

    /// <summary>Pictures of one colour each, and 300 choices of one who likes some of their features, besides those that are held out.</summary>
    /// <returns>Each picture's features, by its name.</returns>
    private static async Task<Dictionary<string, float[]>> Judge(TestStudio studio, int heldOut)
    {
        var random = new Random(8);
        var folder = studio.Folder.Folder("pictures");
        foreach (var i in Enumerable.Range(0, Images))
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{i:00}.bmp"), Bitmap(random), TestContext.Current.CancellationToken);
        }

        await studio.Output("embed", folder, "--encoder", "gist", "--npy", studio["features.npy"]);
        using var database = StudioDatabase.Open(studio.Studio, TimeProvider.System);
        using var encoder = new GistImageEncoder(Orientation.Apply);
        var vectors = VectorStore.Open(database, studio.Studio, encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions);
        using var rows = vectors.Rows();
        long[] images = [.. Enumerable.Range(0, rows.Count).Select(rows.ImageId)];
        float[] liking = [.. vectors.Read(images).Select(v => v!.Take(8).Select((x, i) => x * (8 - i)).Sum())];
        Assert.Equal(Images, images.Length);
        var acts = new List<IReadOnlyList<Verdict>>();
        while (acts.Count < 300 + heldOut)
        {
            var (a, b) = (random.Next(Images), random.Next(Images));
            var purpose = (a + b) % 4 == 0 ? Purpose.HeldOut : Purpose.Train; // A pair is always of one purpose.
            if (a != b && acts.Count(act => act[0].Purpose == purpose) < (purpose == Purpose.Train ? 300 : heldOut))
            {
                acts.Add([(liking[a] > liking[b] ? Verdict.Choice(images[a], images[b]) : Verdict.Choice(images[b], images[a])) with { Purpose = purpose }]);
            }
        }

        new JudgementLog(database).Append("mine", acts, new("me", "test"));
        var paths = new ImageLibrary(database).Paths(images);
        return images.Zip(vectors.Read(images)).ToDictionary(i => Path.GetFileName(paths[i.First].First()), i => i.Second!);
    }

    /// <summary>16 x 16 pixels: a colour, and a gradient of some strength.</summary>
    private static byte[] Bitmap(Random random)
    {
        const int Side = 16, Header = 54;
        var bytes = new byte[Header + (Side * Side * 3)];
        "BM"u8.CopyTo(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(2), bytes.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(10), Header);
        BitConverter.TryWriteBytes(bytes.AsSpan(14), 40);
        BitConverter.TryWriteBytes(bytes.AsSpan(18), Side);
        BitConverter.TryWriteBytes(bytes.AsSpan(22), Side);
        BitConverter.TryWriteBytes(bytes.AsSpan(26), (1 << 0) | (24 << 16));
        var (colour, slope) = (new[] { random.Next(200), random.Next(200), random.Next(200) }, random.Next(55));
        for (var i = Header; i < bytes.Length; i++)
        {
            var place = (i - Header) / 3;
            bytes[i] = (byte)(colour[(i - Header) % 3] + (slope * (place % Side) / Side));
        }

        return bytes;
    }
}
