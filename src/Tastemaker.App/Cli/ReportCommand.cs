using System.CommandLine;
using System.Text;
using Tastemaker.Core.Curation.Reports;
using Tastemaker.Core.Platform;

namespace Tastemaker.App.Cli;

/// <summary><c>taste report</c>: what a collection looks like to its heads, on one page.</summary>
internal static class ReportCommand
{
    private static readonly Option<string[]> Models = new("--model", "-m")
    {
        Description = "Head to report on; may be repeated. Default: all that take the encoder's vectors.",
        HelpName = "NAME",
    };

    private static readonly Option<FileInfo> Output = new("--output", "-o") { Description = "The page to write.", HelpName = "FILE", Required = true };

    private static readonly Option<string[]> Above = new("--above")
    {
        Description = "Threshold to show, for every head or one; may be repeated. Default: SD-Chad's 6.9 for asv2 and 7.7 for csv1.",
        HelpName = "[NAME=]X",
    };

    private static readonly Option<string> Buckets = new Option<string>("--buckets")
    {
        Description = "How the wall is cut: 40 buckets of 0.25 (another round width for other scales), or 20 of equally many pictures.",
        DefaultValueFactory = _ => "width",
    }.AcceptOnlyFromAmong("width", "quantiles");

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the figures to a JSON file too.", HelpName = "FILE" };
    private static readonly Option<FileInfo?> Csv = new("--csv") { Description = "Write every score to a CSV file too.", HelpName = "FILE" };

    private static readonly Option<FileInfo?> Parquet = new("--parquet") { Description = "Write every score to a Parquet file too.", HelpName = "FILE" };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("report", "Write one page on a collection: distributions, a wall of pictures by score, and how the heads agree.")
        {
            ScoredPictures.Paths, Models, Output, Above, Buckets, Json, Csv, Parquet,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var options = new ReportOptions
        {
            Thresholds = [.. (parse.GetValue(Above) ?? []).Select(Threshold.Parse)],
            Buckets = parse.GetRequiredValue(Buckets) == "quantiles" ? BucketKind.Quantiles : BucketKind.Width,
        };
        var sheet = ScoredPictures.Of(parse, parse.GetRequiredValue(ScoredPictures.Paths), parse.GetValue(Models) ?? [], workspace, terminal, cancel).Sheet;
        var failed = Reporting.Failures(terminal, sheet.Failures);
        var report = CollectionReport.Of(sheet.Encoder, sheet.Heads, sheet.All, options);
        var (html, failures) = report.Page(TimeProvider.System.GetLocalNow(), Reporting.Progress(terminal), cancel);
        failed += Reporting.Failures(terminal, [.. report.Unscored, .. failures]);

        var output = parse.GetRequiredValue(Output).FullName;
        Write(output, html);
        if (parse.GetValue(Json) is { } json)
        {
            Write(json.FullName, report.Json());
        }

        if (parse.GetValue(Csv) is { } csv)
        {
            ScorePrinter.Csv(sheet, csv.FullName);
        }

        if (parse.GetValue(Parquet) is { } parquet)
        {
            ScorePrinter.Parquet(sheet, parquet.FullName);
        }

        terminal.Note($"{report.Images.Count} pictures, {report.Heads.Count} {(report.Heads.Count == 1 ? "head" : "heads")}, in '{Reporting.FromHere(output)}'.");
        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Write(string path, string text) => AtomicFile.Replace(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
