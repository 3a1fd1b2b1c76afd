using System.CommandLine;
using System.Globalization;
using Tastemaker.Core.Data.Prompts;

namespace Tastemaker.App.Cli;

/// <summary><c>taste data prompts</c>: prompts and seeds out of open-prompts' table.</summary>
internal static class DataPromptsCommand
{
    private static readonly Argument<FileInfo> File = new("FILE") { Description = "Table of open-prompts, CSV (also .csv.gz) or Parquet, with the columns prompt and raw_data." };

    private static readonly Option<string?> Width = Range("--width", "Only images of this width, in pixels.");
    private static readonly Option<string?> Height = Range("--height", "Only images of this height, in pixels.");
    private static readonly Option<string?> Steps = Range("--steps", "Only this number of steps.");
    private static readonly Option<string?> Cfg = Range("--cfg", "Only this guidance scale.");
    private static readonly Option<string?> Seed = Range("--seed", "Only this seed.");
    private static readonly Option<string?> Index = Range("--index", "Only images at this place of their message, from 0. Only the first surely has the seed that is stated.");
    private static readonly Option<string?> Sampler = new("--sampler") { Description = "Only this sampler, such as k_euler.", HelpName = "NAME" };
    private static readonly Option<bool> OwnSeed = new("--own-seed") { Description = "Only rows whose seed is the image's own, so that it can be made again." };

    private static readonly Option<bool> AssumeDefaults = new("--assume-defaults")
    {
        Description = "Take a repaired row that names no steps or no scale as having the bot's defaults, 50 and 7.",
    };

    private static readonly Option<string?> Unique = new("--unique")
    {
        Description = $"Keep one of the rows that are alike in all of these: {string.Join(", ", PromptSelection.Keys)}.",
        HelpName = "KEY,KEY",
    };

    private static readonly Option<FileInfo?> Prompts = DataCommand.Output("--prompts", "Write the prompts, one a line.");
    private static readonly Option<FileInfo?> Seeds = DataCommand.Output("--seeds", "Write the seeds, one a line, in the order of the prompts; -1 where none is known.");
    private static readonly Option<FileInfo?> Csv = DataCommand.Output("--csv", "Write the rows with all settings as CSV.");
    private static readonly Option<FileInfo?> Parquet = DataCommand.Output("--parquet", "Write the rows with all settings as Parquet.");
    private static readonly Option<bool> Json = new("--json") { Description = "Print the summary as JSON." };

    public static Command Create(Terminal terminal) =>
        new Command("prompts", "Select prompts and seeds from open-prompts' table of any size.")
        {
            File, Width, Height, Steps, Cfg, Seed, Index, Sampler, OwnSeed, AssumeDefaults, Unique, Prompts, Seeds, Csv, Parquet, Json,
        }.Runs((parse, cancel) => Run(parse, terminal, cancel));

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var request = new PromptRequest(parse.GetRequiredValue(File).FullName, new()
        {
            Width = Parsed(parse, Width),
            Height = Parsed(parse, Height),
            Steps = Parsed(parse, Steps),
            Cfg = Parsed(parse, Cfg),
            Seed = Parsed(parse, Seed),
            Index = Parsed(parse, Index),
            Sampler = parse.GetValue(Sampler),
            OwnSeedOnly = parse.GetValue(OwnSeed),
            AssumeDefaults = parse.GetValue(AssumeDefaults),
            Unique = parse.GetValue(Unique)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        })
        {
            Prompts = parse.GetValue(Prompts)?.FullName,
            Seeds = parse.GetValue(Seeds)?.FullName,
            Csv = parse.GetValue(Csv)?.FullName,
            Parquet = parse.GetValue(Parquet)?.FullName,
        };
        var summary = PromptTable.Run(request, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var failed = Reporting.Failures(terminal, summary.Failures);
        if (parse.GetValue(Json))
        {
            terminal.Json(new
            {
                summary.Rows, summary.Repaired, summary.Malformed, summary.PassedOver, summary.Selected,
                Repeats = summary.Selected - summary.Written, summary.Written, summary.OtherSeed,
            });
        }
        else
        {
            Print(summary, terminal.Out);
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Print(PromptSummary summary, TextWriter output)
    {
        output.WriteLine(Text($"{summary.Rows} rows, {summary.Repaired} of them repaired from the bot's message"));
        if (summary.Malformed + summary.PassedOver > 0)
        {
            output.WriteLine(Text($"{summary.Malformed} rows without readable settings, {summary.PassedOver} lines passed over"));
        }

        output.WriteLine(Text($"{summary.Selected} selected, {summary.Written} after removing repeats"));
        output.WriteLine(Text($"{summary.OtherSeed} of these have a seed that is not known to be the image's own (it is that of the message's first image)"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static NumberRange? Parsed(ParseResult parse, Option<string?> option)
    {
        try
        {
            return parse.GetValue(option) is { } text ? NumberRange.Parse(text) : null;
        }
        catch (FormatException e)
        {
            throw new UserException($"{option.Name} {e.Message}");
        }
    }

    private static Option<string?> Range(string name, string description) => new(name) { Description = description, HelpName = "N|A..B" };
}
