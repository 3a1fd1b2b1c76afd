using Tastemaker.Core.Taste;
using System.Globalization;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Gist;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Demo;

/// <summary>What the demo does, and how much of it.</summary>
/// <param name="Folder">Where it writes; absent or empty.</param>
public sealed record DemoOptions(string Folder)
{
    /// <summary>How many pictures are painted, 40 to 5000.</summary>
    public int Images { get; init; } = 300;

    /// <summary>How many choices the simulated person makes, 40 to 5000; a quarter of them is kept out to test with.</summary>
    public int Choices { get; init; } = 400;

    /// <summary>How many of the pictures are copied into <c>best/</c>.</summary>
    public int Best { get; init; } = 30;

    /// <summary>Width and height of a picture in pixels, 64 to 1024.</summary>
    public int Side { get; init; } = 320;

    /// <summary>Decides pictures, person and choices.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>What came of the demo.</summary>
/// <param name="HeldOut">Choices foretold among those kept out; none of their images was in a choice that was learned from.</param>
/// <param name="Repeatability">How often the person judges the same pair alike.</param>
/// <param name="Ceiling">How often the person's choices follow their own true order: the most that any model could reach.</param>
public sealed record DemoResult(string Report, Agreement HeldOut, double Repeatability, double Ceiling, IReadOnlyList<string> Best);

/// <summary>The demo cannot run as asked.</summary>
public sealed class DemoException(string message) : Exception(message);

/// <summary>
/// Tastemaker from end to end on pictures that it paints itself and a person that it makes up: paint, describe (<c>gist</c>), choose between
/// pairs, learn, test on choices that were kept out, rank, keep the best, report.
/// </summary>
public static class Demo
{
    /// <param name="options">How much of it.</param>
    /// <param name="progress">Told now and then, from several threads.</param>
    /// <exception cref="DemoException">The folder is not empty, or a number is out of its range.</exception>
    public static DemoResult Run(DemoOptions options, IProgress<Progress>? progress, CancellationToken cancel)
    {
        Check(options);
        var images = Path.Combine(options.Folder, "images");
        Directory.CreateDirectory(images);

        var pictures = Paint(options, images, progress, cancel);
        var person = new SimulatedPerson([.. pictures.Select(p => (p.Prompt, p.Features))], options.Seed);
        var study = Study.Make(pictures, person, options, progress, cancel);
        var ranked = pictures.Select((p, i) => new RankedPicture(p, study.Scores[i])).OrderByDescending(p => p.Score).ToList();
        var best = CopyBest(ranked, options);

        progress?.Report(new Progress("Writing the report", 0, 1));
        var report = Path.Combine(options.Folder, "report.html");
        File.WriteAllText(report, DemoReport.Write(options, study, ranked));
        progress?.Report(new Progress("Writing the report", 1, 1));
        return new DemoResult(report, study.Curve[^1].HeldOut, SimulatedPerson.Repeatability, person.AgreementWithSelf, best);
    }

    private static void Check(DemoOptions options)
    {
        Require("images", options.Images, 40, 5000);
        Require("choices", options.Choices, 40, 5000);
        Require("side", options.Side, 64, 1024);
        Require("best", options.Best, 1, options.Images);
        if (Directory.Exists(options.Folder) && Directory.EnumerateFileSystemEntries(options.Folder).Any())
        {
            throw new DemoException($"'{Path.GetFullPath(options.Folder)}' is not empty; the demo wants a folder of its own. "
                + "Name one that does not exist yet.");
        }

        static void Require(string what, int value, int low, int high)
        {
            if (value < low || value > high)
            {
                throw new DemoException($"the demo's number of '{what}' is {value}; {low} to {high} is possible.");
            }
        }
    }

    private static Picture[] Paint(DemoOptions options, string folder, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var pictures = new Picture[options.Images];
        var done = 0;
        var parallel = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, options.Images, parallel, i =>
        {
            var seed = Dice.Mix((options.Seed << 20) + (ulong)i);
            var prompt = AbstractPrompt.Draw(seed);
            var rgb = AbstractPainter.Paint(prompt, seed, options.Side);
            var file = $"{(i + 1).ToString("0000", CultureInfo.InvariantCulture)}-{prompt.Text.Replace(",", "", StringComparison.Ordinal).Replace(' ', '-')}.png";
            File.WriteAllBytes(Path.Combine(folder, file), ImageWriter.Png(new Raster(options.Side, options.Side, PixelMode.Rgb, rgb)));
            pictures[i] = new Picture(file, prompt, GistEncoder.Encode(rgb, options.Side, options.Side));
            progress?.Report(new Progress("Painting", Interlocked.Increment(ref done), options.Images));
        });
        return pictures;
    }

    private static List<string> CopyBest(List<RankedPicture> ranked, DemoOptions options)
    {
        var folder = Path.Combine(options.Folder, "best");
        Directory.CreateDirectory(folder);
        var copies = new List<string>();
        foreach (var (rank, picture) in ranked.Take(options.Best).Index())
        {
            var copy = Path.Combine(folder, $"{(rank + 1).ToString("00", CultureInfo.InvariantCulture)}-{picture.Picture.File}");
            File.Copy(Path.Combine(options.Folder, "images", picture.Picture.File), copy);
            copies.Add(copy);
        }

        return copies;
    }
}

/// <summary>A painted picture: its file's name in <c>images/</c>, what it was asked to be, and what the encoder sees.</summary>
internal sealed record Picture(string File, AbstractPrompt Prompt, float[] Features);

internal sealed record RankedPicture(Picture Picture, double Score);
