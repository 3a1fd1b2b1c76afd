using System.Diagnostics;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Cli;

/// <summary>The program itself, killed and interrupted in the middle of painting: what it leaves must be whole, and is gone on with.</summary>
public sealed class PaintKillTests : IDisposable
{
    private const int Pictures = 24, Kills = 3;

    /// <summary>More pictures than are painted before a signal arrives, however busy the machine is.</summary>
    private const int Endless = 500;

    private readonly TestStudio _studio = new();
    private readonly TinyCheckpoint _checkpoint = new();

    public void Dispose()
    {
        _studio.Dispose();
        _checkpoint.Dispose();
    }

    [Fact]
    public async Task Kills_at_any_moment_lose_no_picture_and_paint_none_twice()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (random, struck) = (new Random(1), 0);
        for (var round = 0; round < Kills; round++)
        {
            using var run = round == 0 ? Start() : Taste.Start("--studio", _studio.Studio.Root, "paint", "--resume");
            var before = Files.Length;
            while (Files.Length < before + 2 && !run.HasExited)
            {
                await Task.Delay(1, cancel);
            }

            await Task.Delay(random.Next(60), cancel);
            run.Kill();
            await run.WaitForExitAsync(cancel);
            struck += run.ExitCode is 0 or 1 or 2 ? 0 : 1;
            Assert.All(Files, AssertWhole);
        }

        var (code, _, error) = await _studio.Run("paint", "--resume");

        Assert.True(code == 0, error);
        Assert.True(struck > 0, "every run ended before it could be killed.");
        Assert.Equal(Enumerable.Range(1, Pictures).Select(seed => $"{seed}.png").Order(StringComparer.Ordinal), Files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Files, AssertWhole);
        await _studio.Output(["paint", .. Settings, "--count", $"{Pictures}", "--out", _studio["at once"]]);
        Assert.All(Files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(_studio["at once"], Path.GetFileName(file))), File.ReadAllBytes(file)));
    }

    [Fact]
    public async Task An_interrupt_leaves_the_finished_pictures_and_says_how_to_go_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal that could be sent to a program without a console.");
        var cancel = TestContext.Current.CancellationToken;
        using var run = Start(Endless);
        while (Files.Length < 2 && !run.HasExited)
        {
            await Task.Delay(1, cancel);
        }

        using (var kill = Process.Start("kill", ["-INT", $"{run.Id}"]))
        {
            await kill.WaitForExitAsync(cancel);
        }

        await run.WaitForExitAsync(cancel);

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("'taste paint --resume' paints what is left.", await run.StandardError.ReadToEndAsync(cancel), StringComparison.Ordinal);
        Assert.InRange(Files.Length, 2, Endless - 1);
        Assert.All(Files, AssertWhole);
    }

    private string[] Files => Directory.Exists(_studio["out"]) ? Directory.GetFiles(_studio["out"], "*.png") : [];

    /// <summary>Large enough that a picture takes a while, and small enough that all of them do not.</summary>
    private string[] Settings =>
        ["a cat", "--checkpoint", _checkpoint.Path, "--device", "cpu", "--seed", "1", "--steps", "4", "--width", "64", "--height", "64", "--name", "[seed]"];

    private Process Start(int count = Pictures) => Taste.Start(["--studio", _studio.Studio.Root, "paint", .. Settings, "--count", $"{count}", "--out", _studio["out"]]);

    private static void AssertWhole(string file)
    {
        Assert.Equal(ulong.Parse(Path.GetFileNameWithoutExtension(file), null), GenerationInfo.Of(file)!.Seed);
        Assert.Equal("IEND"u8.ToArray(), File.ReadAllBytes(file)[^8..^4]);
    }
}
