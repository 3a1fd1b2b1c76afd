using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Tastemaker.Core.Demo;

namespace Tastemaker.App.Cli;

/// <summary><c>taste demo</c>: the whole idea in under a minute, with nothing installed and no network.</summary>
internal static class DemoCommand
{
    private static readonly Argument<DirectoryInfo> Folder = new("DIR")
    {
        Description = "Folder to make; it must not hold anything yet.",
        DefaultValueFactory = _ => new("taste-demo"),
    };

    private static readonly Option<int> Images = new("--images")
    {
        Description = "How many pictures to paint.",
        DefaultValueFactory = _ => 300,
        HelpName = "N",
    };

    private static readonly Option<int> Choices = new("--choices")
    {
        Description = "How many choices the simulated person makes.",
        DefaultValueFactory = _ => 400,
        HelpName = "N",
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "Another number, other pictures and another person.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("demo", "Paint pictures, let a simulated person choose, learn the taste, keep the best, and report.") { Folder, Images, Choices, Seed };
        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var options = new DemoOptions(parse.GetRequiredValue(Folder).FullName)
        {
            Images = parse.GetValue(Images),
            Choices = parse.GetValue(Choices),
            Seed = parse.GetValue(Seed),
        };
        var result = Demo.Run(options, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var held = result.HeldOut;
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            Painted {options.Images} abstract pictures; a simulated person with a hidden taste made {options.Choices} choices.
            On choices that were kept out of training the learned taste agrees in {held.Rate:P0} ({held.Low:P0} to {held.High:P0}, {held.Of} choices); chance is 50 %.
            The person agrees with themselves in {result.Repeatability:P0} of repeated choices; knowing the taste exactly would give {result.Ceiling:P0}.
            The best {result.Best.Count} are in {Reporting.FromHere(Path.Combine(options.Folder, "best"))}
            Look at {Reporting.FromHere(result.Report)} ({watch.Elapsed.TotalSeconds:F0} s)
            """));
        return ExitCode.Done;
    }
}
