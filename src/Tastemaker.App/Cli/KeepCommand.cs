using System.CommandLine;
using System.Globalization;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Library;

namespace Tastemaker.App.Cli;

/// <summary><c>taste keep</c>: the best of every group, and what to do with them and with the rest.</summary>
internal static class KeepCommand
{
    private static readonly Option<string?> Model = new("--model", "-m")
    {
        Description = "Head that decides. Default: the first that takes the encoder's vectors.",
        HelpName = "NAME",
    };

    private static readonly Option<int> Best = new("--best") { Description = "How many to keep in each group.", DefaultValueFactory = _ => 1, HelpName = "N" };

    private static readonly Option<string> Per = new Option<string>("--per")
    {
        Description = "What makes a group: the same prompt or seed in the metadata, a folder, an experiment (a folder with the log of what was painted into it), pictures that are nearly the same, or all together.",
        DefaultValueFactory = _ => "all",
    }.AcceptOnlyFromAmong("prompt", "seed", "folder", "experiment", "near", "all");

    private static readonly Option<double?> ThresholdOption = new("--threshold")
    {
        Description = string.Create(CultureInfo.InvariantCulture,
            $"With --per near: least cosine of the features, 0.5 to 1. Default: {Duplicates.UsualThreshold}, or {Duplicates.GistThreshold} with the built-in 'gist'."),
        HelpName = "X",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };
    private static readonly Option<string?> Tag = new("--tag") { Description = "Put a tag on the kept ones, by which the Library page shows them.", HelpName = "NAME" };

    private static readonly Option<DirectoryInfo?> RestTo = new("--rest-to")
    {
        Description = "Move what is not kept into a folder; asks, or needs --yes.",
        HelpName = "DIR",
    };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("keep", "Choose the best few of every prompt, seed, folder, experiment or group of like pictures.")
        {
            ScoredPictures.Paths, Model, Best, Per, ThresholdOption, Json, Tag, RestTo,
        };
        foreach (var option in EncoderChoice.Options.Concat(PlacingChoice.Options.Where(o => o != PlacingChoice.ChadOption)))
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var best = parse.GetValue(Best);
        if (best < 1)
        {
            throw new UserException($"--best {best} keeps nothing; 1 or more was wanted.");
        }

        if (parse.GetValue(ThresholdOption) is { } given && !(given is >= 0.5 and <= 1))
        {
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"--threshold {given} is no cosine that like pictures could have; 0.5 to 1 was wanted."));
        }

        using var workspace = Root.Open(parse);
        var placing = PlacingChoice.Of(parse, terminal);
        var pictures = ScoredPictures.Of(parse, parse.GetRequiredValue(ScoredPictures.Paths), parse.GetValue(Model) is { } model ? [model] : [], workspace, terminal, cancel);
        var threshold = parse.GetValue(ThresholdOption) ?? Duplicates.ThresholdFor(pictures.Sheet.Encoder);
        var competition = Enum.Parse<Competition>(parse.GetRequiredValue(Per), ignoreCase: true);
        var result = Keeping.Of(competition, pictures.Curated(workspace, head: 0), best, pictures.Vectors, threshold, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        Print(result, parse, pictures.Sheet, terminal);

        var kept = result.Groups.SelectMany(g => g.Kept).ToList();
        var rest = result.Groups.SelectMany(g => g.Rest).ToList();
        var failed = Reporting.Failures(terminal, [.. pictures.Sheet.Failures, .. result.Failures]);
        terminal.Note($"{kept.Count} kept, {rest.Count} not, in {result.Groups.Count} groups, by '{pictures.Sheet.Heads[0].Name}'."
            + (result.Ungrouped.Count > 0 ? $" {result.Ungrouped.Count} files have no {parse.GetValue(Per)} and compete with none." : ""));
        if (parse.GetValue(Tag) is { } tag)
        {
            new ImageTags(workspace.Database).Add([.. kept.Select(f => f.ImageId).Distinct()], tag);
            terminal.Note($"the kept ones bear the tag '{tag}'.");
        }

        // The question about the rest comes first, so that a no leaves everything as it was.
        var restTo = rest.Count > 0 ? parse.GetValue(RestTo)?.FullName : null;
        if (restTo is not null && !PlacingChoice.IsConfirmed(parse) && !(terminal.CanAsk && terminal.Confirm($"Move {rest.Count} files to '{restTo}'?")))
        {
            throw new UserException($"{rest.Count} files would be moved to '{restTo}'; nothing was. Give --yes to move them.");
        }

        if (placing is not null && kept.Count > 0)
        {
            var paths = kept.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
            var all = pictures.Sheet.All.Where(s => paths.Contains(s.Name)).OrderByDescending(s => s.Scores[0].Raw).ThenBy(s => s.Name, StringComparer.Ordinal);
            failed += placing.Run(workspace, pictures.Sheet with { All = [.. all] }, 0, cancel);
        }

        if (restTo is not null)
        {
            var moved = Removal.ToFolder(workspace.Database, [.. rest.Select(f => f.Path)], restTo, Reporting.Progress(terminal), cancel);
            terminal.Note($"{moved.Placed.Count} moved to '{restTo}'; 'taste undo' takes it back{(placing is null ? "" : ", and again the placing of the kept ones")}.");
            failed += Reporting.Failures(terminal, moved.Failures);
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    /// <summary>JSON where it is asked for, else lines of words between tabs, the kept ones of a group first.</summary>
    private static void Print(KeepingResult result, ParseResult parse, ScoredSheet sheet, Terminal terminal)
    {
        if (parse.GetValue(Json))
        {
            terminal.Json(new
            {
                encoder = sheet.Encoder,
                model = sheet.Heads[0].Name,
                per = parse.GetValue(Per),
                groups = result.Groups.Select(g => new { name = g.Name, kept = g.Kept.Select(Card), rest = g.Rest.Select(Card) }),
                ungrouped = result.Ungrouped.Select(Card),
            });
            return;
        }

        foreach (var group in result.Groups)
        {
            foreach (var (verdict, file) in group.Kept.Select(f => ("keep", f)).Concat(group.Rest.Select(f => ("rest", f))))
            {
                var name = string.Concat(group.Name.Select(c => char.IsControl(c) ? ' ' : c));
                terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verdict}\t{file.Score:F4}\t{file.Path}\t{name}"));
            }
        }
    }

    private static object Card(CuratedFile file) => new { path = file.Path, contentId = file.ContentId, raw = file.Score };
}
