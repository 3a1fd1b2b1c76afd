using System.CommandLine;
using Tastemaker.Core.Data;
using Tastemaker.Core.Judging;

namespace Tastemaker.App.Cli;

/// <summary><c>taste data train-table</c>: a taste's ratings as the table that other trainers read.</summary>
internal static class DataTrainTableCommand
{
    private const string ByRatings = "ratings", ByModel = "model";

    private static readonly Option<FileInfo?> Csv = DataCommand.Output("--csv", "Write the table as CSV.");
    private static readonly Option<FileInfo?> Parquet = DataCommand.Output("--parquet", "Write the table as Parquet.");
    private static readonly Option<string> By = Among();

    public static Command Create(Terminal terminal)
    {
        var command = new Command("train-table", "Write a taste as a table IMAGEPATH, AVERAGE_RATING (1 to 10), from which improved-aesthetic-predictor and others train.")
        {
            TasteChoice.Option, By, Csv, Parquet,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, _) => Run(parse, terminal));
    }

    private static int Run(ParseResult parse, Terminal terminal)
    {
        var (csv, parquet) = (parse.GetValue(Csv)?.FullName, parse.GetValue(Parquet)?.FullName);
        if ((csv ?? parquet) is null)
        {
            throw new UserException("name what to write: --csv FILE, --parquet FILE, or both.");
        }

        using var workspace = Root.Open(parse);
        var taste = TasteName.Demand(parse.GetRequiredValue(TasteChoice.Option));
        var log = new JudgementLog(workspace.Database);
        var rows = parse.GetRequiredValue(By) == ByModel
            ? TrainTable.OfModel(Ranked(parse, workspace, log, taste, terminal), workspace.Library)
            : TrainTable.OfRatings(log.Standing(taste), workspace.Library);
        foreach (var file in new[] { csv, parquet }.OfType<string>())
        {
            TrainTable.Write(file, rows.Done);
            terminal.Note($"{rows.Done.Count} images in '{file}'.");
        }

        return Reporting.Failures(terminal, rows.Failures) > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static Ranking Ranked(ParseResult parse, Workspace workspace, JudgementLog log, string taste, Terminal terminal)
    {
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        using var session = TasteSession.Open(workspace.Library, log, workspace.Vectors(encoder), workspace.Heads([], encoder.Space), taste, seed: 0);
        return session.Ranking;
    }

    private static Option<string> Among()
    {
        var option = new Option<string>("--by")
        {
            Description = "Take the means of the ratings that were given, or what the taste model expects of every image.",
            DefaultValueFactory = _ => ByRatings,
        };
        return option.AcceptOnlyFromAmong(ByRatings, ByModel);
    }
}
