using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary><c>taste evaluate</c>: heads side by side, each on judgements that did not train it.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string[]> Models = new("--model", "-m")
    {
        Description = "Head to compare; may be repeated. Default: all that take the encoder's vectors.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> On = new("--on")
    {
        Description = "Compare on the judgements of a FILE (or folder) of any kind that 'taste judgements import' reads.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Compare heads on choices that did not train them.") { TasteChoice.Option, Models, On, Json };
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

        var file = parse.GetValue(On);
        var (lessons, source, failed) = file is null
            ? LessonChoice.OfLog(workspace, taste, encoder, workspace.Vectors(encoder), terminal)
            : LessonChoice.OfFile(workspace, taste, file, isAsked: true, encoder, workspace.Vectors(encoder), terminal, cancel);
        Demand(lessons, source);

        var log = new JudgementLog(workspace.Database);
        var compared = heads.Select(head => Comparison.Of(head, lessons, log, cancel)).OrderByDescending(c => c.Agreement.Of > 0).ThenByDescending(c => c.Agreement.Rate).ToList();
        if (parse.GetValue(Json))
        {
            terminal.Json(new { Taste = taste, source.File, Ceiling = Figures(lessons.Ceiling), Models = compared.Select(c => Row(c, lessons)) });
        }
        else
        {
            Print(lessons, source, compared, terminal);
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Demand(Lessons lessons, JudgementSource source)
    {
        if (lessons.HeldOut.Count == 0 && source.File is null)
        {
            throw new UserException($"no choice of taste '{source.Taste}' was kept out of training, and on those that trained a head it looks better than it is. "
                + "'taste serve' keeps about one choice in ten out.");
        }

        if (lessons.HeldOut.Count == 0 && lessons.Set.Ratings.Count == 0)
        {
            throw new UserException($"'{source.File}' holds no choice or rating of images that have vectors, so nothing can be compared.");
        }
    }

    private static void Print(Lessons lessons, JudgementSource source, List<Comparison> compared, Terminal terminal)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("Model", source.File is null ? "Held-out choices foretold" : "Choices foretold", "Rated pairs in order", "Spearman", "Trained on");
        foreach (var c in compared)
        {
            var (ordered, spearman) = (c.Ordered is { } share ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %") : "-", c.Spearman?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-");
            table.AddRow(new Text(c.Model), new Text(c.Agreement.Of == 0 ? "-" : Percent.Of(c.Agreement)), new Text(ordered), new Text(spearman), new Text(TrainedOn(c, lessons, source)));
        }

        terminal.Table(table);
        foreach (var c in compared.Where(c => c.LeftOut > 0))
        {
            terminal.Note($"'{c.Model}' was not asked {c.LeftOut} of {lessons.HeldOut.Count} choices: it learned from the same pairs.");
        }

        terminal.Note(lessons.Ceiling.Of == 0
            ? "How often the person repeats a choice is not known yet; no head can be expected to foretell more."
            : $"The person repeats {Percent.Of(lessons.Ceiling)} of choices: no head can be expected to foretell more.");
    }

    private static object Row(Comparison c, Lessons lessons) => new
    {
        c.Model,
        Agreement = Figures(c.Agreement),
        c.Ordered,
        c.Spearman,
        LearnedFrom = c.Origin?.Taste,
        LearnedFromFile = c.Origin?.File,
        LearnedFromThese = c.Origin?.DataHash == lessons.DataHash,
        c.LeftOut,
    };

    private static object? Figures(Agreement a) => a.Of == 0 ? null : new { a.Agreed, a.Of, a.Rate, a.Low, a.High };

    private static string TrainedOn(Comparison c, Lessons lessons, JudgementSource source) => c.Origin switch
    {
        null => "nothing of this studio",
        { File: null, Taste: var taste } when taste == source.Taste && source.File is null => "this taste, without these choices",
        { DataHash: var hash } when hash == lessons.DataHash => "these very judgements",
        { File: { } file } => $"file '{file}'",
        { Taste: var taste } => $"taste '{taste}'",
    };
}
