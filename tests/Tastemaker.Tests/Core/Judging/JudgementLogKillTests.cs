using System.Diagnostics;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Library;

namespace Tastemaker.Tests.Core.Judging;

/// <summary>Processes that judge in one studio at once, each killed while it writes: what was acknowledged must be there.</summary>
public sealed class JudgementLogKillTests
{
    private const string StudioVariable = "TASTE_TEST_VICTIM_STUDIO";
    private const int Count = 2;
    private const int Images = 5;

    [Fact]
    public async Task A_kill_in_the_middle_takes_no_judgement_that_was_acknowledged()
    {
        using var folder = new TempFolder();
        using var database = StudioDatabase.Open(new StudioFolder(folder.Path), TimeProvider.System);
        new ImageLibrary(database).Add([.. Enumerable.Range(0, Images).Select(ImageLibraryTests.Image)]);
        using var victims = new Victims(GetType(), nameof(Victim));
        for (var i = 0; i < Count; i++)
        {
            victims.Start((StudioVariable, folder.Path));
        }

        await victims.WaitFor(v => Acknowledged(folder, v).Count > 20);
        foreach (var victim in victims.Started)
        {
            victim.Kill();
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var standing = new JudgementLog(database).Standing("mine").ToLookup(j => j.Act);
        Assert.All(victims.Started.SelectMany(v => Acknowledged(folder, v)), act => Assert.Equal(Images - 1, standing[act].Count()));
        Assert.All(standing, act => Assert.Equal(Images - 1, act.Count()));
        Assert.Empty(database.Check());
    }

    [Fact(Explicit = true)]
    public void Victim()
    {
        var studio = new StudioFolder(Environment.GetEnvironmentVariable(StudioVariable)!);
        using var database = StudioDatabase.Open(studio, TimeProvider.System);
        var log = new JudgementLog(database);
        using var acknowledged = new StreamWriter(Path.Combine(studio.Root, $"acknowledged-{Environment.ProcessId}")) { AutoFlush = true };
        while (true)
        {
            acknowledged.Write($"{log.Append("mine", [.. Enumerable.Range(2, Images - 1).Select(other => Verdict.Choice(1, other))], new("me", "test"))}\n");
        }
    }

    /// <summary>Whole lines only: the kill may have cut the last.</summary>
    private static List<long> Acknowledged(TempFolder folder, Process victim)
    {
        if (!File.Exists(folder[$"acknowledged-{victim.Id}"]))
        {
            return [];
        }

        using var file = new StreamReader(new FileStream(folder[$"acknowledged-{victim.Id}"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. file.ReadToEnd().Split('\n')[..^1].Select(line => long.Parse(line, null))];
    }
}
