using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Curation;

namespace Tastemaker.App.Cli;

/// <summary><c>taste rate</c>: stars and scores, written where other programs read them.</summary>
internal static class RateCommand
{
    private static readonly Option<string?> Model = new("--model", "-m") { Description = "Head that rates. Default: the first that takes the encoder's vectors.", HelpName = "NAME" };

    private static readonly Option<string?> Stars = new("--stars")
    {
        Description = "Percentiles of the collection from which on two, three, four and five stars are given. Default: 20,50,80,95.",
        HelpName = "A,B,C,D",
    };

    private static readonly Option<string?> Write = new("--write")
    {
        Description = "Write into the files: png (text aesthetic_score), infotext (key Score of the generation parameters), exif, xmp, "
            + "and beside them: sidecar. Several with commas; then png and infotext are written where a file can have them. Without it nothing is written.",
        HelpName = "png,infotext,exif,xmp,sidecar",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what each image gets as JSON." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("rate", "Give pictures stars by their place in the collection, and write stars and scores into them.") { ScoredPictures.Paths, Model, Stars, Write, Json };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var ladder = parse.GetValue(Stars) is { } stars ? StarLadder.Parse(stars) : StarLadder.Usual;
        var places = parse.GetValue(Write) is { } write ? Places(write) : ScorePlaces.None;
        using var workspace = Root.Open(parse);
        var sheet = ScoredPictures.Of(parse, parse.GetRequiredValue(ScoredPictures.Paths), parse.GetValue(Model) is { } model ? [model] : [], workspace, terminal, cancel).Sheet;
        var rated = Rated.Of(sheet, ladder);
        if (parse.GetValue(Json))
        {
            terminal.Json(rated.Select(r => new { path = r.Path, model = sheet.Heads[0].Name, raw = r.Raw, percentile = Math.Round(r.Percentile, 2), stars = r.Stars }));
        }
        else
        {
            terminal.Table(Histogram(rated, ladder, sheet.Heads[0].Name));
        }

        var failed = Reporting.Failures(terminal, sheet.Failures);
        if (places == ScorePlaces.None)
        {
            terminal.Note("nothing was written; --write png,infotext,exif,xmp,sidecar says where to.");
            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
        }

        var result = new FileEditor(workspace.Database).Edit(
            [.. rated.SelectMany(r => ScoreWriting.Of(r.Path, r.Raw, r.Stars, places))], Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        failed += Reporting.Failures(terminal, result.Failures);
        terminal.Note($"{result.Changed.Count} files written, {result.Unchanged.Count} were as wanted{(failed > 0 ? $", {failed} failed" : "")}."
            + (result.Changed.Count > 0 ? " 'taste undo' takes it back." : ""));
        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static ScorePlaces Places(string write)
    {
        var places = ScorePlaces.None;
        foreach (var word in write.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            places |= word switch
            {
                "png" => ScorePlaces.Png,
                "infotext" => ScorePlaces.Infotext,
                "exif" => ScorePlaces.Exif,
                "xmp" => ScorePlaces.Xmp,
                "sidecar" => ScorePlaces.Sidecar,
                _ => throw new UserException($"--write '{word}' is no place; png, infotext, exif, xmp and sidecar are."),
            };
        }

        return places;
    }

    private static Table Histogram(IReadOnlyList<Rated> rated, StarLadder ladder, string head)
    {
        const int Width = 30;
        var table = new Table { Border = TableBorder.Simple }.AddColumn("stars").AddColumn("from").AddColumn(new TableColumn("images").RightAligned()).AddColumn("");
        for (var stars = 5; stars >= 1; stars--)
        {
            var count = rated.Count(r => r.Stars == stars);
            table.AddRow(
                new Text(new string('★', stars)), new Text(stars == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{ladder.Edges[stars - 2]} %")),
                new Text($"{count}"), new Text(new string('█', rated.Count == 0 ? 0 : (int)Math.Round((double)count * Width / rated.Count))));
        }

        return table.Caption(Markup.Escape($"by {head}; % is the percentile in the collection"));
    }

    private sealed record Rated(string Path, double Raw, double Percentile, int Stars)
    {
        public static IReadOnlyList<Rated> Of(ScoredSheet sheet, StarLadder ladder)
        {
            var percentiles = Percentiles.Of([.. sheet.All.Select(s => (double)s.Scores[0].Raw)]);
            return [.. sheet.All.Zip(percentiles, (scored, percentile) => new Rated(scored.Name, scored.Scores[0].Raw, percentile, ladder.Of(percentile)))];
        }
    }
}
