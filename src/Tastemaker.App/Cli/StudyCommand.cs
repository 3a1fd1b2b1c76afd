using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary><c>taste study</c>: what experiments with the painter show.</summary>
internal static class StudyCommand
{
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Pictures of each prompt.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create(Terminal terminal)
    {
        var early = new Command("early-steps", "Measure how well the score of a picture is foretold at each step of its painting, for --prune of 'taste paint'.")
        {
            PaintChoice.Prompt, Seeds, Json,
        };
        foreach (var option in PaintCommand.PainterOptions.Concat(PaintChoice.Settings).Concat(JudgeChoice.Options))
        {
            early.Options.Add(option);
        }

        early.Runs((parse, cancel) => EarlySteps(parse, terminal, cancel));
        return new("study", "Find out what can be relied on.") { early };
    }

    private static int EarlySteps(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var plan = PaintCommand.PainterPlan(parse) with { IsScored = true };
        using var work = PaintWork.Open(plan, workspace, terminal, cancel);
        var requests = PaintChoice.Of(parse, like: null, work.Painter, parse.GetValue(Seeds));
        var progress = Reporting.Progress(terminal);
        var done = 0;
        var study = EarlyStudy.Make(work.Painter, work.Judge!, requests, step =>
        {
            done += step.Done == step.Total ? 1 : 0;
            progress.Report(new("painting", done, requests.Count));
        }, cancel);
        terminal.ClearProgress();
        study.Keep(workspace.Database);
        Print(study, parse.GetValue(Json), terminal);
        return ExitCode.Done;
    }

    private static void Print(EarlyStudy study, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            terminal.Json(new { study.Checkpoint, study.Model, study.Settings, pictures = study.Pictures.Count, steps = study.Correlations(), scores = study.Pictures });
            return;
        }

        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumns("step", "Pearson", "Spearman");
        foreach (var step in study.Correlations())
        {
            table.AddRow(Text($"{step.Step}"), Shown(step.Pearson), Shown(step.Spearman));
        }

        terminal.Table(table);
        terminal.Note(Text($"'{study.Model}' on {study.Pictures.Count} pictures after each step, against its score of the finished ones ({study.Settings}). 'taste paint --prune' goes by it."));
    }

    private static string Shown(double? correlation) => correlation is { } value ? value.ToString("F3", CultureInfo.InvariantCulture) : "–";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
