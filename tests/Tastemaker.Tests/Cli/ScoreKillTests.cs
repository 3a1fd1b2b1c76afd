using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Cli;

/// <summary>The program itself, killed in the middle of scoring; what it leaves must be right, and the next run must go on from there.</summary>
public sealed class ScoreKillTests : IDisposable
{
    /// <summary>Enough that a run is killed long before its end: it keeps 64 at a time.</summary>
    private const int PicturesEach = 80;

    private readonly TestStudio _studio = new();
    private readonly Dictionary<string, float[]> _alone = [];

    public void Dispose() => _studio.Dispose();

    [Fact]
    public Task Four_kills_at_any_moment_leave_no_vector_that_is_wrong() => Kill(rounds: 4);

    [Fact(Explicit = true)] // Encoding so many pictures takes minutes.
    public Task Twenty_kills_at_any_moment_leave_no_vector_that_is_wrong() => Kill(rounds: 20);

    private async Task Kill(int rounds)
    {
        var cancel = TestContext.Current.CancellationToken;
        var pictures = Paint(rounds * PicturesEach);
        var random = new Random(1);
        var struck = 0;
        for (var round = 0; round < rounds; round++)
        {
            using var run = Taste.Start("--studio", _studio.Studio.Root, "score", pictures);
            // Every other run is killed soon after it kept something, the others wherever they are: starting, migrating, decoding.
            var before = KeptBytes();
            while (round % 2 == 0 && KeptBytes() == before && !run.HasExited)
            {
                await Task.Delay(1, cancel);
            }

            await Task.Delay(random.Next(round % 2 == 0 ? 40 : 700), cancel);
            run.Kill();
            await run.WaitForExitAsync(cancel);
            if (run.ExitCode is 0 or 1 or 2)
            {
                Assert.True(run.ExitCode == 0, await run.StandardError.ReadToEndAsync(cancel));
            }
            else
            {
                struck++;
            }

            Check(pictures);
        }

        using var last = Taste.Start("--studio", _studio.Studio.Root, "score", pictures);
        var (output, error) = (last.StandardOutput.ReadToEndAsync(cancel), last.StandardError.ReadToEndAsync(cancel));
        await last.WaitForExitAsync(cancel);

        Assert.True(last.ExitCode == 0, await error);
        Assert.True(struck > 0, "every run ended before it could be killed.");
        Assert.Equal(rounds * PicturesEach, Row.Parse((await output).ReplaceLineEndings("\n")).Count);
        Assert.Equal(rounds * PicturesEach, Check(pictures));
    }

    /// <summary>Opens the studio as the next process would; returns how many vectors are kept.</summary>
    private int Check(string pictures)
    {
        if (!File.Exists(_studio.Studio.Database))
        {
            return 0; // Killed before it was made.
        }

        using var encoder = new GistImageEncoder(Orientation.Apply);
        using var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        var store = VectorStore.Open(database, _studio.Studio, encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions);
        Assert.Empty(database.Check());
        Assert.Empty(store.Dropped);
        Assert.Empty(store.Verify());
        using var rows = store.Rows();
        long[] ids = [.. Enumerable.Range(0, rows.Count).Select(rows.ImageId)];
        var paths = new ImageLibrary(database).Paths(ids);
        Assert.Equal(store.Count(), rows.Count);
        foreach (var (id, vector) in ids.Zip(store.Read(ids)))
        {
            var path = Assert.Single(paths[id]);
            Assert.Equal(pictures, Path.GetDirectoryName(path));
            Assert.Equal(Alone(encoder, path), vector);
        }

        return rows.Count;
    }

    /// <summary>What the store must hold of a picture: its features, rounded to float16.</summary>
    private float[] Alone(GistImageEncoder encoder, string path)
    {
        if (!_alone.TryGetValue(path, out var vector))
        {
            var features = encoder.Encode(ImageDecoder.Decode(path, Orientation.Apply, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            _alone[path] = vector = [.. features.Select(x => (float)(Half)x)];
        }

        return vector;
    }

    /// <summary>Of the files that have their names; those that are written aside may be gone before they are measured.</summary>
    private long KeptBytes() => !Directory.Exists(_studio.Studio.Vectors) ? 0
        : new DirectoryInfo(_studio.Studio.Vectors).EnumerateFiles().Where(f => !f.Name.StartsWith('.')).Sum(f => f.Length);

    /// <summary>Small pictures, each of one colour over another with a border between them at a place of its own.</summary>
    private string Paint(int count)
    {
        const int Width = 48, Height = 32;
        var folder = _studio.Folder.Folder("pictures");
        for (var i = 0; i < count; i++)
        {
            var random = new Random(i);
            var (pixels, border, colours) = (new byte[Width * Height * 3], random.Next(1, Height) * Width * 3, new byte[6]);
            random.NextBytes(colours);
            for (var p = 0; p < pixels.Length; p++)
            {
                pixels[p] = colours[(p % 3) + (p < border ? 0 : 3)];
            }

            _studio.Folder.Write($"pictures/{i:D5}.png", ImageWriter.Png(new(Width, Height, PixelMode.Rgb, pixels)));
        }

        return folder;
    }
}
