using System.CommandLine;
using System.Globalization;
using Tastemaker.Core.Curation;

namespace Tastemaker.App.Cli;

/// <summary><c>taste dedupe</c>: finds copies and near copies, says which to keep, and takes the others away when asked.</summary>
internal static class DedupeCommand
{
    private static readonly Option<string?> Model = new("--model", "-m")
    {
        Description = "Head that decides which to keep. Default: the first that takes the encoder's vectors.",
        HelpName = "NAME",
    };

    private static readonly Option<double?> ThresholdOption = new("--threshold")
    {
        Description = string.Create(CultureInfo.InvariantCulture,
            $"Least cosine of the features of near duplicates, 0.5 to 1. Default: {Duplicates.UsualThreshold}, or {Duplicates.GistThreshold} with the built-in 'gist'."),
        HelpName = "X",
    };

    private static readonly Option<bool> Exact = new("--exact") { Description = "Only files that hold the very same picture." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };
    private static readonly Option<DirectoryInfo?> MoveTo = new("--move-to") { Description = "Move all but the kept ones into a folder; asks, or needs --yes.", HelpName = "DIR" };

    private static readonly Option<bool> Delete = new("--delete")
    {
        Description = "Move all but the kept ones to the trash (on Windows and macOS a folder 'taste-trash' beside each); asks, or needs --yes.",
    };

    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("dedupe", "Find pictures that are there more than once, or nearly, and propose which to keep.")
        {
            ScoredPictures.Paths, Model, ThresholdOption, Exact, Json, MoveTo, Delete, Yes,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var threshold = parse.GetValue(ThresholdOption);
        if (threshold is { } given && !(given is >= 0.5 and <= 1))
        {
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"--threshold {given} is no cosine that near duplicates could have; 0.5 to 1 was wanted."));
        }

        var folder = parse.GetValue(MoveTo)?.FullName;
        var isDelete = parse.GetValue(Delete);
        if (folder is not null && isDelete)
        {
            throw new UserException("--move-to and --delete exclude each other; give one of them.");
        }

        using var workspace = Root.Open(parse);
        var pictures = ScoredPictures.Of(parse, parse.GetRequiredValue(ScoredPictures.Paths), parse.GetValue(Model) is { } model ? [model] : [], workspace, terminal, cancel);
        threshold = parse.GetValue(Exact) ? null : threshold ?? Duplicates.ThresholdFor(pictures.Sheet.Encoder);
        var groups = Duplicates.Find(pictures.Vectors, pictures.Curated(workspace, head: 0), threshold, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var head = pictures.Sheet.Heads[0].Name;
        if (parse.GetValue(Json))
        {
            terminal.Json(new { encoder = pictures.Sheet.Encoder, model = head, threshold, groups = groups.Select(Card) });
        }
        else
        {
            Print(groups, terminal.Out);
        }

        var failed = Reporting.Failures(terminal, pictures.Sheet.Failures);
        string[] others = [.. groups.SelectMany(g => g.Others).Select(d => d.File.Path)];
        var words = Words(groups, threshold, pictures.Sheet.Encoder, head);
        if (others.Length == 0 || (folder is null && !isDelete))
        {
            terminal.Note($"{words} Nothing was touched{(others.Length > 0 ? "; --move-to DIR or --delete takes the others away" : "")}.");
            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
        }

        terminal.Note(words);
        var where = isDelete ? "the trash" : $"'{folder}'";
        if (!parse.GetValue(Yes) && !(terminal.CanAsk && terminal.Confirm($"Move {others.Length} files to {where}?")))
        {
            throw new UserException($"{others.Length} files would be moved to {where}; nothing was. Give --yes to move them.");
        }

        var result = isDelete
            ? Removal.ToTrash(workspace.Database, others, TimeProvider.System, Reporting.Progress(terminal), cancel)
            : Removal.ToFolder(workspace.Database, others, folder!, Reporting.Progress(terminal), cancel);
        terminal.Note($"{result.Placed.Count} moved to {where}; 'taste undo' takes it back.");
        failed += Reporting.Failures(terminal, result.Failures);
        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Print(IReadOnlyList<DuplicateGroup> groups, TextWriter output)
    {
        foreach (var (number, group) in groups.Index())
        {
            output.WriteLine($"group {number + 1}: {group.Others.Count + 1} files");
            output.WriteLine(Line("keep", "", group.Kept));
            foreach (var other in group.Others)
            {
                output.WriteLine(Line("", other.IsExact ? "same" : other.Similarity.ToString("0.0000", CultureInfo.InvariantCulture), other.File));
            }
        }
    }

    private static string Line(string verdict, string similarity, CuratedFile file) => string.Create(CultureInfo.InvariantCulture,
        $"  {verdict,-4}  {similarity,6}  {file.Score,7:F2}  {file.Pixels / 1e6,6:F2} MP  {ByteCount.Text(file.Bytes),9}  {Reporting.FromHere(file.Path)}");

    private static string Words(IReadOnlyList<DuplicateGroup> groups, double? threshold, string encoder, string head)
    {
        var others = groups.SelectMany(g => g.Others).ToList();
        var near = threshold is { } least ? string.Create(CultureInfo.InvariantCulture, $", {others.Count(d => !d.IsExact)} near (cosine of '{encoder}' at least {least})") : "";
        return $"{groups.Count} groups; besides the kept ones {others.Count} files of {ByteCount.Text(others.Sum(d => d.File.Bytes))}: "
            + $"{others.Count(d => d.IsExact)} the same picture{near}. Kept is the best by '{head}', of those within half a deviation the largest.";
    }

    private static object Card(DuplicateGroup group) => new
    {
        kept = new { path = group.Kept.Path, contentId = group.Kept.ContentId, raw = group.Kept.Score, pixels = group.Kept.Pixels, bytes = group.Kept.Bytes },
        others = group.Others.Select(d => new
        {
            path = d.File.Path,
            contentId = d.File.ContentId,
            kind = d.IsExact ? "exact" : "near",
            similarity = Math.Round(d.Similarity, 6),
            raw = d.File.Score,
            pixels = d.File.Pixels,
            bytes = d.File.Bytes,
        }),
    };
}
