using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary><c>taste evaluate</c>: heads side by side on the judgements that trained none of them.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string[]> Models = new("--model", "-m")
    {
        Description = "Head to compare; may be repeated. Default: all that take the encoder's vectors.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Compare heads on the choices that were kept out of training.") { TasteChoice.Option, Models, Json };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var taste = TasteName.Demand(parse.GetRequiredValue(TasteChoice.Option));
        var named = parse.GetValue(Models) ?? [];
        var heads = named.Length > 0 ? workspace.Heads(named, space: null) : [];
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), heads, EncoderChoice.Of(parse, terminal));
        heads = heads.Count > 0 ? heads : workspace.Heads([], encoder.Space);
        foreach (var head in heads)
        {
            if (!head.Space.Accepts(encoder.Space, out _, out var refusal))
            {
                throw new UserException($"head '{head.Name}' and encoder '{encoder.Name}' do not go together: {refusal}.");
            }
        }

        var lessons = TasteChoice.Lessons(workspace, taste, encoder, workspace.Vectors(encoder), terminal);
        if (lessons.HeldOut.Count == 0)
        {
            throw new UserException($"no choice of taste '{taste}' was kept out of training, and on those that trained a head it looks better than it is. "
                + "'taste serve' keeps about one choice in ten out.");
        }

        var compared = heads.Select(head => Comparison.Of(head, lessons, cancel)).OrderByDescending(c => c.Agreement.Agreed).ToList();
        if (parse.GetValue(Json))
        {
            terminal.Json(new { Taste = taste, Ceiling = Figures(lessons.Ceiling), Models = compared.Select(Row) });
        }
        else
        {
            Print(taste, lessons, compared, terminal);
        }

        return ExitCode.Done;
    }

    private static void Print(string taste, Lessons lessons, List<Comparison> compared, Terminal terminal)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("Model", "Held-out choices foretold", "Spearman with ratings", "Trained on");
        foreach (var c in compared)
        {
            var spearman = c.Spearman?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";
            table.AddRow(new Text(c.Model), new Text(Percent.Of(c.Agreement)), new Text(spearman), new Text(TrainedOn(c, taste)));
        }

        terminal.Table(table);
        terminal.Note(lessons.Ceiling.Of == 0
            ? "How often the person repeats a choice is not known yet; no head can be expected to foretell more."
            : $"The person repeats {Percent.Of(lessons.Ceiling)} of choices: no head can be expected to foretell more.");
    }

    private static object Row(Comparison c) => new { c.Model, Agreement = Figures(c.Agreement), c.Spearman, c.LearnedFrom };

    private static object? Figures(Agreement a) => a.Of == 0 ? null : new { a.Agreed, a.Of, a.Rate, a.Low, a.High };

    private static string TrainedOn(Comparison c, string taste) => c.LearnedFrom switch
    {
        null => "other people's judgements",
        var own when own == taste => "this taste, without these choices",
        var other => $"taste '{other}'",
    };
}
