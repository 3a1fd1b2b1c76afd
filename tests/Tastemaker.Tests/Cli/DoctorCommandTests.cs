namespace Tastemaker.Tests.Cli;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task It_names_what_is_loaded_and_what_answers()
    {
        var (code, output, _) = await Taste.Run("doctor", "--studio", _folder["studio"]);

        Assert.Equal(0, code);
        foreach (var part in new[] { "onnxruntime  1.", "vips         8.", "duckdb       1.", "sqlite       3.", "cpu          answers", "to be made by the first command" })
        {
            Assert.Contains(part, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_studio_is_named_and_ends_in_failure()
    {
        _folder.File("studio/studio.db", "this is no database, but text that someone wrote into its place, and long enough to look like one");

        var (code, output, _) = await Taste.Run("doctor", "--studio", _folder["studio"]);

        Assert.Equal(1, code);
        Assert.Contains("studio       MISSING OR BROKEN", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_vector_is_dropped_and_made_again()
    {
        var image = Path.Combine(Goldens.Own, "preprocess", "images", "rgba_320x260.png");
        await Taste.Run("score", image, "--studio", _folder["studio"]);
        var rows = Directory.GetFiles(_folder["studio/vectors"]).Single();
        var bytes = File.ReadAllBytes(rows);
        bytes[^100] ^= 1;
        File.WriteAllBytes(rows, bytes);

        var (code, output, _) = await Taste.Run("doctor", "--studio", _folder["studio"]);

        Assert.Equal(0, code);
        Assert.Contains("0 vectors of 1 encoders; 1 damaged vectors were dropped", output, StringComparison.Ordinal);
        Assert.Equal(0, (await Taste.Run("score", image, "--studio", _folder["studio"])).Code);
        Assert.Contains("1 vectors of 1 encoders", (await Taste.Run("doctor", "--studio", _folder["studio"])).Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
