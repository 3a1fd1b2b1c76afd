using System.Text.Json;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>From judgements in the log to a head that every command uses.</summary>
public sealed class TrainCommandTests
{
    private const int Images = 40;

    [Theory]
    [InlineData("linear", "layers.7.bias")]
    [InlineData("mlp", "layers.7.bias")]
    [InlineData("mlp --relu", "layers.11.bias")]
    public async Task A_trained_head_scores_like_any_other_and_so_does_its_export(string kind, string last)
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 40);

        var said = await studio.Output(["train", "--name", "eye", "--encoder", "gist", "--export", "pth", studio["eye.pth"], "--kind", .. kind.Split(' ')]);
        await studio.Output("models", "import", studio["eye.pth"], "--name", "exported", "--space", "gist");
        var rows = Row.Parse(await studio.Output("score", studio["pictures"], "--model", "eye", "--model", "exported", "--encoder", "gist"));
        var (own, exported) = (rows.Where(r => r.Model == "eye").ToList(), rows.Where(r => r.Model == "exported").ToList());

        Assert.StartsWith($"eye: {kind.Split(' ')[0]} head of taste 'mine', from 300 choices and 0 ratings", said, StringComparison.Ordinal);
        Assert.Equal(Images, own.Count);
        Assert.Equal(own.Select(r => r.Raw), exported.Select(r => r.Raw));
        Assert.Equal(0, own.Average(r => r.Z), 1e-2);
        Assert.Equal(1, Math.Sqrt(own.Sum(r => r.Z * r.Z) / (Images - 1)), 1e-2);
        Assert.Contains(last, Checkpoint.Open(ByteSource.Of(await File.ReadAllBytesAsync(studio["eye.pth"], TestContext.Current.CancellationToken))).Tensors.Keys);
    }

    [Fact]
    public async Task The_head_says_what_it_was_made_from()
    {
        using var studio = new TestStudio();
        await Judge(studio, heldOut: 40);

        await studio.Output("train", "--name", "eye", "--encoder", "gist");

        var file = Path.Combine(studio.Studio.Models, "eye", "weights.safetensors");
        var metadata = Checkpoint.Open(ByteSource.Of(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))).Metadata;
        Assert.Equal(("gist", "gist", "linear", "mine", "False"), (metadata["feature_space"], metadata["clip_model"], metadata["kind"], metadata["taste"], metadata["relu"]));
        Assert.Equal(("40", "300", "0"), (metadata["n_images"], metadata["choices"], metadata["ratings"]));
        Assert.EndsWith("/40", metadata["agreement"], StringComparison.Ordinal);
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
        var models = json.RootElement.GetProperty("models").EnumerateArray().ToDictionary(m => m.GetProperty("model").GetString()!);

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

    [Theory]
    [InlineData("train --name eye --encoder gist --taste none", "taste 'none' has no judgements")]
    [InlineData("train --name eye --encoder gist --loss mse", "there are no ratings")]
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

    /// <summary>Pictures of one colour each, and 300 choices of one who likes some of their features, besides those that are held out.</summary>
    private static async Task Judge(TestStudio studio, int heldOut)
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
