using System.Text.Json;
using Tastemaker.Core.Curation;
using Tastemaker.Native;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>From files to scores and features, against the reference implementations' numbers.</summary>
[Trait("Kind", "golden")]
public sealed class ScoreGoldenTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>golden/README.md's: where the decoder agrees, and where it is another one.</summary>
    private const double Tolerance = 2e-3, LossyTolerance = 2e-2;

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    public static TheoryData<string> Folders => [.. TestStudio.Cases];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task The_published_heads_give_the_reference_s_scores(string folder)
    {
        string[] files = ["asv1/sa_0_4_vit_l_14_linear.pth", "asv2/sac+logos+ava1-l14-linearMSE.pth", "sdchad/chadscorer.pth"];
        await _studio.Output(["models", "import", .. files.Select(Goldens.UpstreamFile)]);
        await _studio.Output("models", "import", Path.Combine(folder, "encoder"), "--name", "tiny");
        var golden = GoldenFeatures.Of(folder);

        var rows = await _studio.Score([.. golden.Pictures, "--model", "asv1", "--model", "asv2", "--model", "csv1"]);

        Assert.NotEmpty(golden.Pictures);
        Assert.Equal(3 * golden.Pictures.Count, rows.Count);
        foreach (var picture in rows.GroupBy(r => r.Path))
        {
            var isSame = GoldenFeatures.HasReferencePixels(picture.Key);
            var worst = picture.Max(row => Math.Abs(row.Raw - golden.ScoreOf(row.Name, row.Model)));
            if (!isSame)
            {
                output.WriteLine($"{Path.GetFileName(picture.Key)}: the decoder differs from the reference's; scores by {worst:F5}.");
            }

            Assert.True(worst <= (isSame ? Tolerance : LossyTolerance), $"{picture.Key}: a score is {worst} from the reference's.");
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Embed_writes_the_reference_s_features(string folder)
    {
        await _studio.Output("models", "import", Path.Combine(folder, "encoder"), "--name", "tiny");
        var golden = GoldenFeatures.Of(folder);
        string[] pictures = [.. golden.Pictures.Where(GoldenFeatures.HasReferencePixels)];

        await _studio.Output(["embed", .. pictures, "--encoder", "tiny", "--orientation", "ignore", "--device", "cpu", "--npy", _studio["features.npy"]]);

        Assert.NotEmpty(pictures);
        Assert.Equal(pictures, await File.ReadAllLinesAsync(_studio["features.txt"], TestContext.Current.CancellationToken));
        using var file = MappedFile.OpenRead(_studio["features.npy"]);
        var npy = NpyFile.Open(new(file.Length, file.Read));
        Assert.Equal(pictures.Length, npy.Rows);
        var row = new float[npy.Width];
        for (var i = 0; i < npy.Rows; i++)
        {
            npy.Read(i, row);
            AssertStored(golden.FeaturesOf(Path.GetFileName(pictures[i])), row, Path.GetFileName(pictures[i]));
        }
    }

    [Fact]
    public async Task Stored_embeddings_give_the_scores_that_float64_gives()
    {
        Dictionary<string, string> heads = new()
        {
            ["asv1_vit_l_14"] = "asv1/sa_0_4_vit_l_14_linear.pth",
            ["asv2_sac_logos_ava1"] = "asv2/sac+logos+ava1-l14-linearMSE.pth",
            ["asv2_ava_logos_linear"] = "asv2/ava+logos-l14-linearMSE.pth",
            ["asv2_ava_logos_relu"] = "asv2/ava+logos-l14-reluMSE.pth",
            ["csv1_chadscorer"] = "sdchad/chadscorer.pth",
        };
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(Goldens.UpstreamFile("golden_scores.json"), TestContext.Current.CancellationToken));
        var scores = document.RootElement.GetProperty("scores").EnumerateObject().ToDictionary(s => Goldens.UpstreamFile(s.Name), s => s.Value);
        Dictionary<string, string> published = [];
        foreach (var (key, file) in heads)
        {
            // Published heads keep their published names, whatever their file is called.
            published[key] = (await _studio.Output("models", "import", Goldens.UpstreamFile(file))).Split(':')[0];
        }

        var rows = Row.Parse(await _studio.Output(["score", "--embeddings", .. scores.Keys, .. published.Values.SelectMany(name => new[] { "--model", name })]));

        Assert.Equal(18, scores.Count);
        Assert.Equal(scores.Count * heads.Count, rows.Count);
        Assert.All(rows, row => Assert.Equal(scores[row.Path].GetProperty(published.Single(p => p.Value == row.Model).Key).GetDouble(), row.Raw, 1e-4));

        // Of CSV1, SD-Chad keeps what rounds to 7.7; of the others 6.9.
        var (chad, asv2) = (published["csv1_chadscorer"], published["asv2_sac_logos_ava1"]);
        Assert.Equal(Kept(chad, 7.7), Row.Parse(await _studio.Output(["score", "--embeddings", .. scores.Keys, "--model", chad, "--chad"])).Select(r => r.Path));
        Assert.Equal(Kept(asv2, 6.9), Row.Parse(await _studio.Output(["score", "--embeddings", .. scores.Keys, "--model", asv2, "--chad"])).Select(r => r.Path));
        Assert.NotEmpty(Kept(chad, 6.9).Except(Kept(chad, 7.7)));

        IEnumerable<string> Kept(string model, double threshold) =>
            rows.Where(r => r.Model == model && Chad.Verdict(r.Raw, threshold) == ChadVerdict.Chad).OrderByDescending(r => r.Raw).Select(r => r.Path);
    }

    /// <summary>Within 5e-5 (golden/README.md) before the studio rounded it to float16, which keeps order: so between two rounded bounds.</summary>
    private static void AssertStored(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string name)
    {
        const float EmbeddingTolerance = 5e-5f;
        for (var i = 0; i < expected.Length; i++)
        {
            var (low, high) = ((float)(Half)(expected[i] - EmbeddingTolerance), (float)(Half)(expected[i] + EmbeddingTolerance));
            Assert.True(actual[i] >= low && actual[i] <= high, $"{name}: {actual[i]} at {i}; {expected[i]} expected.");
        }
    }
}
