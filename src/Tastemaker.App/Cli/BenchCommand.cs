using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Models;

namespace Tastemaker.App.Cli;

/// <summary><c>taste bench</c>: what this machine does, against what it could do.</summary>
internal static class BenchCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    public static Command Create(Terminal terminal) => new("bench", "Measure this machine against its own limits.") { Json, Encode(terminal), Heads(terminal), Judge(terminal), Dedupe(terminal), Paint(terminal), Aesthetic(terminal) };

    private static Command Encode(Terminal terminal)
    {
        var images = new Option<int>("--images") { Description = "How many to time, of each kind.", DefaultValueFactory = _ => 9, HelpName = "N" };
        var device = new Option<string>("--device") { Description = "Where networks run.", DefaultValueFactory = _ => "cpu", HelpName = "NAME" };
        var command = new Command("encode", "Time a full-size ViT-L/14 with random weights against one large MatMul, and a folder against the bare encoder.") { images, device.AcceptOnlyFromAmong([.. Device.Names]) };
        return command.Runs((parse, cancel) =>
        {
            using var workspace = Root.Open(parse);
            Directory.CreateDirectory(workspace.Folder.Root);
            var where = Device.Resolve(parse.GetRequiredValue(device), why => terminal.Note($"note: {why}"));
            return Print(parse, terminal, EncodeBenchmark.Run(workspace.Folder.Root, parse.GetValue(images), where, Reporting.Progress(terminal), cancel));
        });
    }

    private static Command Heads(Terminal terminal)
    {
        var rows = new Option<int>("--rows") { Description = "How many stored vectors.", DefaultValueFactory = _ => 1_000_000, HelpName = "N" };
        var command = new Command("heads", "Time a folded head over stored vectors against reading their bytes, on one core.") { rows };
        return command.Runs((parse, cancel) => Print(parse, terminal, HeadsBenchmark.Run(parse.GetValue(rows), cancel)));
    }

    private static Command Judge(Terminal terminal)
    {
        var seeds = new Option<int>("--seeds") { Description = "How many people of each kind to simulate.", DefaultValueFactory = _ => 10, HelpName = "N" };
        var command = new Command("judge", "How few choices simulated people have to make: the taste model against Elo and against random pairs.") { seeds };
        return command.Runs((parse, cancel) => Print(parse, terminal, JudgeBenchmark.Run(parse.GetValue(seeds), Reporting.Progress(terminal), cancel)));
    }

    private static Command Dedupe(Terminal terminal)
    {
        var images = new Option<int>("--images") { Description = "How many features, of each kind.", DefaultValueFactory = _ => 100_000, HelpName = "N" };
        var command = new Command("dedupe", "Time the search for near duplicates against comparing every pair.") { images };
        return command.Runs((parse, cancel) =>
        {
            using var workspace = Root.Open(parse);
            Directory.CreateDirectory(workspace.Folder.Root);
            return Print(parse, terminal, DedupeBenchmark.Run(workspace.Folder.Root, parse.GetValue(images), Reporting.Progress(terminal), cancel));
        });
    }

    private static Command Paint(Terminal terminal)
    {
        var checkpoint = new Option<string?>("--checkpoint", "-c")
        {
            Description = "Stable Diffusion 1.x or 2.x: a file or a folder of diffusers. Default: a full-size SD 1.5 with random weights, written for it (2 GB) and removed again.",
            HelpName = "PATH",
        };
        var side = new Option<int>("--side") { Description = "Of the picture, in pixels.", DefaultValueFactory = _ => 512, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "How many times each is timed.", DefaultValueFactory = _ => 5, HelpName = "N" };
        var command = new Command("paint", "Time UNet, autoencoder and text encoder of a checkpoint against large MatMuls in the same run, on the processor.")
        {
            checkpoint, side, rounds, PaintCommand.Precision,
        };
        return command.Runs((parse, cancel) =>
        {
            using var workspace = Root.Open(parse);
            Directory.CreateDirectory(workspace.Folder.Root);
            var precision = EncoderChoice.Named(parse.GetRequiredValue(PaintCommand.Precision));
            return Print(parse, terminal, parse.GetValue(checkpoint) is { } path
                ? PaintBenchmark.Run(path, precision, parse.GetValue(side), parse.GetValue(rounds), Reporting.Progress(terminal), cancel)
                : PaintBenchmark.RunFullSize(workspace.Folder.Root, precision, parse.GetValue(side), parse.GetValue(rounds), Reporting.Progress(terminal), cancel));
        });
    }

    private static Command Aesthetic(Terminal terminal)
    {
        var steps = new Option<int>("--steps") { Description = "How many to time.", DefaultValueFactory = _ => 10, HelpName = "N" };
        var device = new Option<string>("--device") { Description = "Where networks run.", DefaultValueFactory = _ => "cpu", HelpName = "NAME" };
        var command = new Command("aesthetic", "Time a step of aesthetic gradients on a full-size text tower with random weights against what it must cost.")
        {
            steps, device.AcceptOnlyFromAmong([.. Device.Names]),
        };
        return command.Runs((parse, cancel) =>
        {
            using var workspace = Root.Open(parse);
            Directory.CreateDirectory(workspace.Folder.Root);
            var where = Device.Resolve(parse.GetRequiredValue(device), why => terminal.Note($"note: {why}"));
            return Print(parse, terminal, AestheticBenchmark.Run(workspace.Folder.Root, Math.Max(2, parse.GetValue(steps)), where, Reporting.Progress(terminal), cancel));
        });
    }

    private static int Print(ParseResult parse, Terminal terminal, IReadOnlyList<Measurement> results)
    {
        terminal.ClearProgress();
        var machine = $"{Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
        if (parse.GetValue(Json))
        {
            terminal.Json(new { machine, results });
            return ExitCode.Done;
        }

        terminal.Out.WriteLine(machine);
        foreach (var result in results)
        {
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.What,-54} {result.Value,10:0.###} {result.Unit}"));
        }

        return ExitCode.Done;
    }
}
