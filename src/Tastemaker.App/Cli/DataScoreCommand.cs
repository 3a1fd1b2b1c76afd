using System.CommandLine;
using System.Globalization;
using Tastemaker.Core.Data.Embeddings;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.App.Cli;

/// <summary><c>taste data score</c>: scores a folder of embeddings, part by part.</summary>
internal static class DataScoreCommand
{
    private static readonly Argument<DirectoryInfo> Folder = new("FOLDER") { Description = "Folder with img_emb/img_emb_N.npy, as 'taste data embed' and clip-retrieval write it." };

    private static readonly Option<string[]> Models = new("--model", "-m")
    {
        Description = "Head to score with; may be repeated.",
        HelpName = "NAME",
        Required = true,
    };

    private static readonly Option<DirectoryInfo?> Into = new("--output", "-o")
    {
        Description = "Folder to write scores_N into; parts that are there are kept. Default: 'scores' in FOLDER.",
        HelpName = "DIR",
    };

    private static readonly Option<bool> Csv = new("--csv") { Description = "Write CSV." };
    private static readonly Option<bool> Parquet = new("--parquet") { Description = "Write Parquet (the default)." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the summary as JSON." };

    public static Command Create(Terminal terminal) =>
        new Command("score", "Score any number of stored embeddings, a table for each part.") { Folder, Models, Into, ShardChoice.Option, Csv, Parquet, Json }
            .Runs((parse, cancel) => Run(parse, terminal, cancel));

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        if (parse.GetValue(Csv) && parse.GetValue(Parquet))
        {
            throw new UserException("--csv and --parquet exclude each other: the scores are written once. Name another folder with -o for the second.");
        }

        using var workspace = Root.Open(parse);
        var folder = new EmbeddingFolder(parse.GetRequiredValue(Folder).FullName);
        var heads = workspace.Heads(parse.GetRequiredValue(Models), space: null);
        var into = parse.GetValue(Into)?.FullName ?? Path.Combine(folder.Path, "scores");
        var summary = new EmbeddingScores(folder, heads)
            .Run(into, parse.GetValue(Csv) ? TableFormat.Csv : TableFormat.Parquet, ShardChoice.Of(parse), Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var failed = Reporting.Failures(terminal, summary.Failures);
        if (parse.GetValue(Json))
        {
            terminal.Json(new
            {
                summary.Rows, summary.PartsWritten, summary.PartsKept, summary.Bytes, seconds = summary.Scoring.TotalSeconds,
                heads = summary.Heads.Where(h => h.Rows > 0),
            });
        }
        else
        {
            Print(summary, into, terminal.Out);
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Print(ScoreSummary summary, string into, TextWriter output)
    {
        output.WriteLine($"{summary.Rows} scored in {summary.PartsWritten} parts in '{into}'; {summary.PartsKept} parts were there");
        foreach (var head in summary.Heads.Where(h => h.Rows > 0))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{head.Model,-16} mean {head.Mean:F3}, deviation {head.Deviation:F3}, {head.Lowest:F3} to {head.Highest:F3}"));
        }

        if (summary.Rows > 0)
        {
            const double Giga = 1e9;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"read and scored in {summary.Scoring.TotalSeconds:F2} s, {summary.Bytes / Giga / summary.Scoring.TotalSeconds:F2} GB/s"));
        }
    }
}
