using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Library;

namespace Tastemaker.Tests.Core.Embedding;

/// <summary>Processes that append to one studio at once, each killed at a moment of its own; what they leave must be right.</summary>
public sealed class VectorStoreKillTests
{
    private const string StudioVariable = "TASTE_TEST_VICTIM_STUDIO";
    private const string FirstVariable = "TASTE_TEST_VICTIM_FIRST";
    private const int Count = 4;
    private const int ImagesEach = 100_000;

    [Fact]
    public Task Kills_at_any_moment_leave_no_row_that_is_wrong() => Kill(rounds: 1);

    [Fact(Explicit = true)] // Starting twenty processes takes too long for the default run.
    public Task Twenty_kills_at_any_moment_leave_no_row_that_is_wrong() => Kill(rounds: 5);

    [Fact(Explicit = true)]
    public void Victim()
    {
        var studio = new StudioFolder(Environment.GetEnvironmentVariable(StudioVariable)!);
        var first = int.Parse(Environment.GetEnvironmentVariable(FirstVariable)!, null);
        using var database = StudioDatabase.Open(studio, TimeProvider.System);
        var library = new ImageLibrary(database);
        var store = Open(database, studio);
        for (var done = 0; done < ImagesEach; done += 8)
        {
            var ids = library.Add([.. Enumerable.Range(first + done, 8).Select(ImageLibraryTests.Image)]);
            store.Append([.. ids.Select(VectorStoreTests.Vector)]);
            if (done == 0)
            {
                File.WriteAllText(Path.Combine(studio.Root, $"started-{Environment.ProcessId}"), "");
            }
        }
    }

    private static async Task Kill(int rounds)
    {
        using var folder = new TempFolder();
        var studio = new StudioFolder(folder.Path);
        using var database = StudioDatabase.Open(studio, TimeProvider.System);
        var random = new Random(1);
        long kept = 0;
        for (var round = 0; round < rounds; round++)
        {
            var before = kept;
            using (var victims = new Victims(typeof(VectorStoreKillTests), nameof(Victim)))
            {
                for (var i = 0; i < Count; i++)
                {
                    victims.Start((StudioVariable, folder.Path), (FirstVariable, $"{((round * Count) + i) * ImagesEach}"));
                }

                // All of them work side by side, and then die one after the other.
                await victims.WaitFor(v => File.Exists(folder[$"started-{v.Id}"]));
                foreach (var victim in victims.Started)
                {
                    await Task.Delay(random.Next(5, 60), TestContext.Current.CancellationToken);
                    victim.Kill();
                    await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
                }
            }

            kept = Check(studio);
            Assert.True(kept > before);
        }
    }

    /// <summary>Opens the studio as the next process would; returns how many vectors are kept.</summary>
    private static long Check(StudioFolder studio)
    {
        using var database = StudioDatabase.Open(studio, TimeProvider.System);
        var store = Open(database, studio);
        Assert.Empty(database.Check());
        Assert.Empty(store.Dropped);
        Assert.Empty(store.Verify());
        using var rows = store.Rows();
        var ids = Enumerable.Range(0, rows.Count).Select(rows.ImageId).ToList();
        Assert.Equal(store.Count(), rows.Count);
        Assert.Equal(ids.Select(VectorStoreTests.Numbers), store.Read(ids));
        return rows.Count;
    }

    private static VectorStore Open(StudioDatabase database, StudioFolder studio) =>
        VectorStore.Open(database, studio, "tiny", "fingerprint", VectorStoreTests.Dims);
}
