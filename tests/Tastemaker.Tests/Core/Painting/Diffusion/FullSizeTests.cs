using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Core.Painting.Diffusion;

/// <summary>The published checkpoints' full size, with random weights: what loading and one step cost. Gigabytes of disk, minutes of time.</summary>
public sealed partial class FullSizeTests(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public void SD_1_5_loads_with_nothing_missing_and_nothing_unused_and_makes_a_step() => Load(RandomDiffusion.Sd15());

    [Fact(Explicit = true)]
    public void SD_2_1_loads_with_nothing_missing_and_nothing_unused_and_makes_a_step() => Load(RandomDiffusion.Sd21());

    private void Load(RandomDiffusion made)
    {
        const int Side = 64;
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        var path = made.Write(folder["full.safetensors"], ElementType.F16);
        Report($"written, {new FileInfo(path).Length >> 20} MiB");

        using var checkpoint = DiffusionCheckpoint.Open(path);
        Assert.Empty(checkpoint.Unused);
        Report("opened");
        var context = checkpoint.Config.UNet.Context;
        using (var prompts = checkpoint.Prompts(new()))
        {
            Report("text encoder loaded");
            Assert.Equal(2 * 77 * context, prompts.Encode(new long[2 * 77], 2, cancel).Length);
            Report("two prompts encoded");
        }

        using (var denoiser = checkpoint.Denoiser(new(), cancel))
        {
            Report("UNet loaded");
            for (var step = 0; step < 3; step++)
            {
                var clock = Stopwatch.StartNew();
                denoiser.Predict(Waves(2 * 4 * Side * Side), new float[] { 500, 500 }, Waves(2 * 77 * context), Side, Side, cancel);
                Report($"step of two at 512 x 512 in {clock.ElapsedMilliseconds} ms");
            }
        }

        using var decoder = checkpoint.Decoder(new());
        Report("VAE loaded");
        for (var time = 0; time < 2; time++)
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal(3 * 512 * 512, decoder.Decode(Waves(4 * Side * Side), Side, Side, cancel).Length);
            Report($"decoded to 512 x 512 in {clock.ElapsedMilliseconds} ms");
        }
    }

    private static float[] Waves(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))];

    private void Report(string what) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: now {Kept("VmRSS")}, of which files {Kept("RssFile")}; peak {Kept("VmHWM")} MiB"));

    /// <summary>In MiB, as Linux counts them; nothing elsewhere.</summary>
    private static string Kept(string what) => File.Exists("/proc/self/status")
        && KiB().Matches(File.ReadAllText("/proc/self/status")).FirstOrDefault(m => m.Groups[1].Value == what) is { } found
        ? $"{long.Parse(found.Groups[2].ValueSpan, CultureInfo.InvariantCulture) >> 10}" : "?";

    [GeneratedRegex(@"^(\w+):\s+(\d+) kB$", RegexOptions.Multiline)]
    private static partial Regex KiB();
}
