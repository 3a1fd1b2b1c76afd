using System.CommandLine;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary>Where scored files are to go: the options <c>--copy-to</c>, <c>--move-to</c>, <c>--link-to</c> and how things are named there.</summary>
internal sealed class PlacingChoice
{
    public static readonly Option<bool> ChadOption = new("--chad")
    {
        Description = "SD-Chad's own choices: rounded scores, threshold 6.9 (7.7 for csv1), names such as 00012-1234--Chad--6.9.png.",
    };

    private static readonly Option<DirectoryInfo?> CopyTo = new("--copy-to") { Description = "Copy what is listed into a folder.", HelpName = "DIR" };

    private static readonly Option<DirectoryInfo?> MoveTo = new("--move-to")
    {
        Description = "Move what is listed into a folder; asks, or needs --yes.",
        HelpName = "DIR",
    };

    private static readonly Option<DirectoryInfo?> LinkTo = new("--link-to") { Description = "Link what is listed into a folder.", HelpName = "DIR" };

    private static readonly Option<string?> BandsOption = new("--bands")
    {
        Description = "A subfolder for each band of raw scores, by its lower edges.",
        HelpName = "5,6,6.9",
    };

    private static readonly Option<string?> Rename = new("--rename")
    {
        Description = "Name pattern, such as '{stem}--{model}--{raw:F1}{ext}'.",
        HelpName = "PATTERN",
    };

    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };

    private readonly PlaceKind _kind;
    private readonly string _folder;
    private readonly Bands? _bands;
    private readonly NamePattern? _pattern;
    private readonly bool _isAllowed;
    private readonly bool _isChad;
    private readonly Terminal _terminal;

    private PlacingChoice(PlaceKind kind, ParseResult parse, Terminal terminal, string folder)
    {
        (_kind, _folder, _terminal) = (kind, folder, terminal);
        _bands = parse.GetValue(BandsOption) is { } bands ? Bands.Parse(bands) : null;
        _pattern = parse.GetValue(Rename) is { } pattern ? NamePattern.Parse(pattern) : null;
        _isAllowed = kind != PlaceKind.Move || parse.GetValue(Yes);
        _isChad = parse.GetValue(ChadOption);
        if (_isChad && _pattern is not null)
        {
            throw new UserException("--chad and --rename both name the files; give one of them.");
        }
    }

    public static IEnumerable<Option> Options => [CopyTo, MoveTo, LinkTo, BandsOption, Rename, ChadOption, Yes];

    /// <summary>Whether nothing is to be asked.</summary>
    public static bool IsConfirmed(ParseResult parse) => parse.GetValue(Yes);

    /// <summary>Null where files stay where they are.</summary>
    public static PlacingChoice? Of(ParseResult parse, Terminal terminal)
    {
        (PlaceKind Kind, DirectoryInfo? Folder)[] all =
            [(PlaceKind.Copy, parse.GetValue(CopyTo)), (PlaceKind.Move, parse.GetValue(MoveTo)), (PlaceKind.Link, parse.GetValue(LinkTo))];
        var asked = all.Where(a => a.Folder is not null).ToList();
        return asked.Count switch
        {
            0 when parse.GetValue(BandsOption) is not null || parse.GetValue(Rename) is not null =>
                throw new UserException("--bands and --rename say how files are placed; say where with --copy-to, --move-to or --link-to."),
            0 => null,
            1 => new(asked[0].Kind, parse, terminal, asked[0].Folder!.FullName),
            _ => throw new UserException("--copy-to, --move-to and --link-to exclude each other; give one of them."),
        };
    }

    public static double ChadThreshold(ScoringHead head) => (head.KnownAs ?? head.Name) == "csv1" ? Chad.Csv1Threshold : Chad.Threshold;

    /// <summary>Places the files and tells of it; returns how many could not be.</summary>
    public int Run(Workspace workspace, ScoredSheet sheet, int head, CancellationToken cancel)
    {
        if (sheet.All.Any(s => s.ContentId is null))
        {
            throw new UserException("only pictures can be placed; these are vectors. Leave out --copy-to, --move-to and --link-to.");
        }

        var plan = Plan(sheet, head);
        if (!_isAllowed && !Confirm(plan.Done.Count))
        {
            throw new UserException($"{plan.Done.Count} files would be moved to '{_folder}'; nothing was. Give --yes to move them.");
        }

        var result = new Curator(workspace.Database).Place(_kind, plan.Done, Reporting.Progress(_terminal), cancel);
        _terminal.ClearProgress();
        foreach (var note in result.Placed.Where(p => p.Note is not null))
        {
            _terminal.Note($"note: '{note.To}' {note.Note}");
        }

        var verb = _kind switch { PlaceKind.Copy => "copied", PlaceKind.Move => "moved", _ => "linked" };
        var already = result.AlreadyThere.Count > 0 ? $", {result.AlreadyThere.Count} were there already" : "";
        _terminal.Note($"{result.Placed.Count} {verb} to '{_folder}'{already}; 'taste undo' takes it back.");
        return Reporting.Failures(_terminal, [.. plan.Failures, .. result.Failures]);
    }

    private Core.Platform.BatchResult<PlannedFile> Plan(ScoredSheet sheet, int head)
    {
        var model = sheet.Heads[head].Name;
        var files = sheet.All.Select((s, i) => new ScoredFile(s.Name, model, s.Scores[head].Raw)
        {
            Z = s.Scores[head].Z,
            Percentile = s.Scores[head].Percentile,
            Rank = i + 1,
            ContentId = s.ContentId,
        }).ToList();
        var plan = Placement.Plan(files, _folder, _bands, _pattern);
        if (!_isChad)
        {
            return plan;
        }

        var next = Chad.NextSequence(_folder);
        return new([.. plan.Done.Select((p, i) => p with
        {
            Name = Chad.Name(next + i, Path.GetFileNameWithoutExtension(p.From), files[i].Raw, Path.GetExtension(p.From)),
        })], plan.Failures);
    }

    private bool Confirm(int count) => _terminal.CanAsk && _terminal.Confirm($"Move {count} files to '{_folder}'?");
}
