using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;
using Tastemaker.Nets.Graph;

namespace Tastemaker.App.Cli;

/// <summary><c>taste models verify</c>: whether files are as recorded; or what a lower precision costs on the user's own pictures.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string[]> Names = new("NAME|PATH")
    {
        Description = "Models to check; all that are here by default. With --precision: one encoder, then pictures as for 'taste score'.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> PrecisionOption = new("--precision")
    {
        Description = "Encode the PATHs in this precision and in f32, and compare vectors and scores. The studio stays as it is.",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create(Terminal terminal, Func<ParseResult, Workspace> open)
    {
        var command = new Command("verify", "Compare the files of models with their checksums, or an encoder's precisions with each other.")
        {
            Names, PrecisionOption.AcceptOnlyFromAmong("f16", "int8"), Json,
        };
        foreach (var option in EncoderChoice.RunOptions)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) =>
        {
            using var workspace = open(parse);
            return parse.GetValue(PrecisionOption) is { } precision
                ? Precisions(parse, terminal, workspace, precision, cancel)
                : Checksums(parse, terminal, workspace, cancel);
        });
    }

    private static int Checksums(ParseResult parse, Terminal terminal, Workspace workspace, CancellationToken cancel)
    {
        var (store, listing) = (workspace.Models, workspace.Models.List());
        var isAll = parse.GetValue(Names) is not { Length: > 0 };
        string[] wanted = isAll ? [.. listing.Models.Select(m => m.Name)] : parse.GetValue(Names)!;
        var verdicts = wanted
            .Select(n => Reporting.Transfers(terminal, progress => store.Verify(n, progress, cancel)))
            .SelectMany(v => v.Files.Select(f => new Verdict(v.Model.Name, f.File.Name, f.Trouble is null, f.Trouble)))
            .Concat(isAll ? listing.Damaged.Select(d => new Verdict(d.Name, "model.json", false, d.Why)) : [])
            .ToList();
        if (parse.GetValue(Json))
        {
            terminal.Json(verdicts);
        }
        else
        {
            verdicts.ForEach(v => terminal.Out.WriteLine(v.ToText()));
        }

        if (verdicts.All(v => v.Passed))
        {
            return ExitCode.Done;
        }

        terminal.Fail("some files are not as recorded. Remove those models and fetch or import them again.");
        return ExitCode.SomeFailed;
    }

    private static int Precisions(ParseResult parse, Terminal terminal, Workspace workspace, string precision, CancellationToken cancel)
    {
        if (parse.GetValue(Names) is not [var name, _, ..] arguments)
        {
            throw new UserException("--precision needs the name of one encoder and then at least one PATH of pictures.");
        }

        if (name == GistImageEncoder.BuiltIn)
        {
            throw new UserException($"the built-in encoder '{name}' has one precision only. Name a CLIP; 'taste models list' shows what is here.");
        }

        var options = EncoderChoice.Of(parse, terminal, Precision.F32);
        using var exact = workspace.Encoder(name, [], options);
        using var lower = workspace.Encoder(name, [], options with { Precision = EncoderChoice.Named(precision), FellBack = _ => { } });
        var heads = workspace.Heads([], exact.Space);
        var found = FolderScan.Run(arguments.Skip(1), terminal.In, workspace.Folder, cancel);
        var report = PrecisionCheck.Run(found.Done, exact, lower, heads, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var failed = Reporting.Failures(terminal, [.. found.Failures, .. report.Failures]);
        if (report.Pictures.Count == 0)
        {
            terminal.Fail("no picture could be compared.");
            return ExitCode.SomeFailed;
        }

        Print(parse, terminal, name, precision, report);
        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Print(ParseResult parse, Terminal terminal, string name, string precision, PrecisionReport report)
    {
        var count = report.Pictures.Count;
        if (report.Heads.Count == 0)
        {
            terminal.Note($"note: no installed head takes the vectors of '{name}', so no scores are compared. 'taste models list' shows the heads.");
        }
        else if (count < PrecisionReport.FewestForCorrelation)
        {
            terminal.Note($"note: {count} of the {PrecisionReport.FewestForCorrelation} pictures that a correlation needs at least; give more PATHs.");
        }

        if (parse.GetValue(Json))
        {
            terminal.Json(new
            {
                encoder = name,
                precision,
                pictures = report.Pictures,
                cosine = new { mean = report.MeanCosine, percentile5 = report.LowCosine, least = report.Worst.Cosine },
                speed = report.Speed,
                heads = report.Heads,
            });
            return;
        }

        var (exactTime, lowerTime) = (report.ExactTime.TotalMilliseconds / count, report.LowerTime.TotalMilliseconds / count);
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            {name}, {precision} beside f32, {count} {(count == 1 ? "picture" : "pictures")}
            cosine  mean {report.MeanCosine:F5} · 5th percentile {report.LowCosine:F5} · least {report.Worst.Cosine:F5} ('{report.Worst.Path}')
            speed   {report.Speed:F2} times f32's: {lowerTime:F1} ms a picture for {exactTime:F1} ms
            """));
        if (report.Heads.Count > 0)
        {
            terminal.Table(Table(report.Heads));
        }
    }

    private static Table Table(IReadOnlyList<HeadPrecision> heads)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("head");
        foreach (var title in (string[])["Spearman", "Pearson", "mean difference", "largest"])
        {
            table.AddColumn(new TableColumn(title).RightAligned());
        }

        foreach (var head in heads)
        {
            double?[] numbers = [head.Spearman, head.Pearson, head.MeanDifference, head.MaxDifference];
            table.AddRow([new Text(head.Head), .. numbers.Select(n => new Text(n?.ToString("F4", CultureInfo.InvariantCulture) ?? "-"))]);
        }

        return table;
    }

    private sealed record Verdict(string Model, string File, bool Passed, string? Trouble)
    {
        public string ToText() => Passed ? $"ok     {Model}/{File}" : $"FAILED {Model}/{File}: {Trouble}";
    }
}
