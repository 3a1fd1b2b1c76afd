using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary><c>taste score --embeddings</c>: vectors that others computed.</summary>
public sealed class EmbeddingsTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task Rows_of_npy_files_and_of_clip_retrieval_s_folders_are_scored_by_place()
    {
        var head = await _studio.ImportHead("head");
        var golden = GoldenFeatures.Own();
        string[] names = ["one_1x1.png", "row_7x1.png", "tiny_10x10.png"];
        float[][] vectors = [.. names.Select(name => golden.FeaturesOf(name).ToArray())];
        var single = Npy("rows.npy", vectors);
        var first = Npy("retrieval/img_emb/img_emb_0.npy", vectors[..2]);
        var second = Npy("retrieval/img_emb/img_emb_1.npy", vectors[2..]);
        _studio.Folder.File("retrieval/metadata/metadata_0.parquet");

        var rows = Row.Parse(await _studio.Output("score", "--embeddings", single, _studio["retrieval"], "--model", "head")).ToDictionary(r => r.Path);

        string[] paths = [.. Enumerable.Range(0, 3).Select(i => $"{single}#{i}"), $"{first}#0", $"{first}#1", second];
        Assert.Equal(paths.Order(), rows.Keys.Order());
        for (var i = 0; i < paths.Length; i++)
        {
            // No float16 is between: only float32 against float64.
            Assert.Equal(head.Score(vectors[i % 3]), rows[paths[i]].Raw, 1e-5);
            Assert.Equal("", rows[paths[i]].ContentId);
        }

        Assert.False(File.Exists(_studio.Studio.Database));
    }

    [Fact]
    public async Task Torch_files_are_read_and_a_bad_file_does_not_stop_the_good_ones()
    {
        var pickles = Path.Combine(Goldens.Own, "pickle");
        var bare = Path.Combine(pickles, "bare_tensor.pt");
        var checkpoint = Checkpoint.Open(ByteSource.Of(await File.ReadAllBytesAsync(bare, TestContext.Current.CancellationToken)));
        var tensor = checkpoint.Tensors.Values.Single();
        var head = await _studio.ImportHead("head", dims: tensor.Shape[-1]);
        string[] bad = [Path.Combine(pickles, "must_refuse.pt"), _studio.Folder.File("text.npy"), _studio["absent.npy"]];

        var (code, output, error) = await _studio.Run(["score", "--embeddings", bare, .. bad, "--model", "head"]);

        var numbers = tensor.Floats(checkpoint.Source);
        var rows = Row.Parse(output);
        Assert.Equal(1, code);
        Assert.Equal(numbers.Length / tensor.Shape[-1], rows.Count);
        Assert.All(numbers.Chunk(tensor.Shape[-1]), vector => Assert.Contains(rows, row => Math.Abs(head.Score(vector) - row.Raw) < 1e-5));
        Assert.All(bad, path => Assert.Contains($"'{path}'", error, StringComparison.Ordinal));
        Assert.EndsWith($"{rows.Count} scored, 3 failed.", error.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vectors_of_another_length_are_refused_and_vectors_are_not_placed()
    {
        await _studio.ImportHead("head");
        var short_ = Npy("short.npy", [[1, 2, 3]]);
        var whole = Npy("whole.npy", [GoldenFeatures.Own().FeaturesOf("one_1x1.png").ToArray()]);

        var (length, _, lengthError) = await _studio.Run("score", "--embeddings", short_, "--model", "head");
        var (mixed, _, mixedError) = await _studio.Run("score", "--embeddings", short_, whole);
        var (placed, _, placedError) = await _studio.Run("score", "--embeddings", whole, "--copy-to", _studio["kept"]);

        Assert.Equal((2, 2, 2), (length, mixed, placed));
        Assert.Equal("error: head 'head' takes vectors of the space undeclared (768-d); these have 3 numbers.", lengthError.TrimEnd());
        Assert.Contains("score them apart", mixedError, StringComparison.Ordinal);
        Assert.Contains("only pictures can be placed", placedError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_studio["kept"]));
    }

    private string Npy(string name, float[][] rows)
    {
        using var file = new MemoryStream();
        Tastemaker.Nets.Weights.Npy.Write(file, rows.SelectMany(r => r).ToArray(), rows[0].Length);
        return _studio.Folder.Write(name, file.ToArray());
    }
}
