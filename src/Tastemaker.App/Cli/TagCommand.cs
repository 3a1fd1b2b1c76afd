using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Curation.Tags;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Platform;

namespace Tastemaker.App.Cli;

/// <summary><c>taste tag</c>: quality tags for trainers, by each image's place in the collection.</summary>
internal static class TagCommand
{
    private const int Samples = 6, BarWidth = 30;

    private static readonly Option<string> Scheme = new("--scheme", "-s")
    {
        Description = "The ladder of tags: pony-v5, pony-v6, pony-full, animagine, noobai, or a JSON file with one.",
        HelpName = "NAME|FILE",
        Required = true,
    };

    private static readonly Option<string?> Model = new("--model", "-m") { Description = "Head that ranks. Default: the first that takes the encoder's vectors.", HelpName = "NAME" };

    private static readonly Option<TagTarget> Write = new("--write")
    {
        Description = "Where tags go: txt or caption (a file beside the image, as trainers read it), xmp (into the image), sidecar (XMP beside it).",
        DefaultValueFactory = _ => TagTarget.Txt,
        HelpName = "txt|caption|xmp|sidecar",
    };

    private static readonly Option<FileInfo?> Metadata = new("--metadata") { Description = "Write into a trainer's metadata JSON instead of captions.", HelpName = "FILE" };

    private static readonly Option<bool> PerFolder = new("--per-folder") { Description = "Compare images within their own folder, so that no source rules the others." };

    private static readonly Option<string?> PerTag = new("--per-tag")
    {
        Description = "Compare images with those whose caption has the same one of these tags, so that no style rules the others.",
        HelpName = "TAG,TAG,…",
    };

    private static readonly Option<int> Seed = new("--seed") { Description = "Decides the order where a scheme shuffles its tags.", HelpName = "N" };
    private static readonly Option<bool> Remove = new("--remove") { Description = "Take the scheme's tags out instead." };
    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Show the tiers and samples, and write nothing." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print what each image gets as JSON." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("tag", "Write quality tags into captions, by each image's place in the collection.")
        {
            ScoredPictures.Paths, Scheme, Model, Write, Metadata, PerFolder, PerTag, Seed, Remove, DryRun, Json,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var scheme = TagSchemes.Find(parse.GetRequiredValue(Scheme));
        using var workspace = Root.Open(parse);
        var sheet = ScoredPictures.Of(parse, parse.GetRequiredValue(ScoredPictures.Paths), parse.GetValue(Model) is { } model ? [model] : [], workspace, terminal, cancel).Sheet;
        var head = sheet.Heads[0].Name;
        var files = sheet.All.Select(s => new ScoredFile(s.Name, head, s.Scores[0].Raw) { ContentId = s.ContentId }).ToList();
        var tagged = TagPlan.Of(scheme, files, Group(parse), parse.GetValue(Seed));
        if (parse.GetValue(Remove))
        {
            tagged = [.. tagged.Select(t => t with { Tags = [] })];
        }

        if (parse.GetValue(Json))
        {
            Print(tagged, terminal);
        }
        else
        {
            terminal.Table(Histogram(scheme, tagged, head));
        }

        var failed = Reporting.Failures(terminal, sheet.Failures);
        if (parse.GetValue(DryRun))
        {
            Sample(parse, scheme, tagged, terminal);
            terminal.Note("nothing was written.");
            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
        }

        var (edits, failures) = Edits(parse, scheme, tagged);
        var result = new FileEditor(workspace.Database).Edit(edits, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        failed += Reporting.Failures(terminal, [.. failures, .. result.Failures]);
        terminal.Note($"{Files(result.Changed.Count)} written, {result.Unchanged.Count} were as wanted{(failed > 0 ? $", {failed} failed" : "")}."
            + (result.Changed.Count > 0 ? " 'taste undo' takes it back." : ""));
        if (!parse.GetValue(Remove) && parse.GetValue(Write) is TagTarget.Txt or TagTarget.Caption)
        {
            terminal.Note($"for the trainer: {scheme.Advice}.");
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static (IReadOnlyList<PlannedEdit> Edits, IReadOnlyList<Failure> Failures) Edits(ParseResult parse, TagScheme scheme, IReadOnlyList<TaggedFile> tagged)
    {
        if (parse.GetValue(Metadata) is not { } table)
        {
            var (edits, failures) = TagEdits.Of(parse.GetValue(Write), scheme, tagged);
            return (edits, failures);
        }

        var changes = tagged.DistinctBy(t => t.File.Path).ToDictionary(t => t.File.Path, t => new TagChange(scheme.Own, t.Tags));
        if (!table.Exists)
        {
            throw new UserException($"--metadata '{table.FullName}' does not exist; a trainer's metadata file was wanted, such as sd-scripts' merge_captions_to_metadata writes.");
        }

        var missing = new List<string>();
        using (var file = table.OpenRead())
        {
            CaptionTable.Plan(file, changes, missing);
        }

        return ([new(table.FullName, file => CaptionTable.Plan(file, changes, []))],
            [.. missing.Select(image => new Failure(image, $"'{table.Name}' has no entry that is this image's alone."))]);
    }

    private static Func<ScoredFile, string> Group(ParseResult parse)
    {
        var tags = parse.GetValue(PerTag)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var target = parse.GetValue(Write) == TagTarget.Caption ? TagTarget.Caption : TagTarget.Txt;
        return (parse.GetValue(PerFolder), tags.Length > 0) switch
        {
            (true, true) => throw new UserException("--per-folder and --per-tag exclude each other; give one of them."),
            (true, false) => file => Path.GetDirectoryName(file.Path)!,
            (false, true) => file => Caption.Tags(TagEdits.CaptionPath(target, file.Path)).Intersect(tags).FirstOrDefault() ?? "",
            _ => _ => "",
        };
    }

    private static Table Histogram(TagScheme scheme, IReadOnlyList<TaggedFile> tagged, string head)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumn(new TableColumn("images").RightAligned()).AddColumn(new TableColumn("%").RightAligned())
            .AddColumn(scheme.ByPercentile ? "from" : "score").AddColumn("tags").AddColumn("");
        foreach (var tier in scheme.Tiers.Append(null))
        {
            var count = tagged.Count(t => t.Tier == tier);
            if (tier is null && count == 0)
            {
                continue;
            }

            var share = tagged.Count == 0 ? 0 : (double)count / tagged.Count;
            table.AddRow(
                new Text($"{count}"), new Text(share.ToString("P0", CultureInfo.InvariantCulture).Replace(" %", "", StringComparison.Ordinal)),
                new Text(tier is null ? "below" : string.Create(CultureInfo.InvariantCulture, $"{(tier.HoldsEdge ? "≥" : ">")} {tier.Edge}{(scheme.ByPercentile ? " %" : "")}")),
                new Text(tier is null or { Tags.Count: 0 } ? "(none)" : string.Join(", ", tier.Tags)), new Text(new string('█', (int)Math.Round(share * BarWidth))));
        }

        var groups = tagged.Select(t => t.Group).Distinct().Count();
        return table.Caption(Markup.Escape($"{scheme.Name}, ranked by {head}{(groups > 1 ? $", within {groups} groups" : "")}"));
    }

    /// <summary>What a few captions would become, best, worst and between.</summary>
    private static void Sample(ParseResult parse, TagScheme scheme, IReadOnlyList<TaggedFile> tagged, Terminal terminal)
    {
        var ranked = tagged.OrderByDescending(t => t.Value).ToList();
        foreach (var t in Enumerable.Range(0, Math.Min(Samples, ranked.Count)).Select(i => ranked[(int)((long)i * (ranked.Count - 1) / Math.Max(1, Math.Min(Samples, ranked.Count) - 1))]))
        {
            terminal.Out.WriteLine($"{Reporting.FromHere(t.File.Path)}: {(t.Tags.Count > 0 ? string.Join(", ", t.Tags) : "(none)")}");
        }

        if (parse.GetValue(Write) is TagTarget.Txt or TagTarget.Caption)
        {
            terminal.Note($"for the trainer: {scheme.Advice}.");
        }
    }

    private static void Print(IReadOnlyList<TaggedFile> tagged, Terminal terminal) => terminal.Json(
        tagged.Select(t => new { path = t.File.Path, content_id = t.File.ContentId, group = t.Group, value = Math.Round(t.Value, 4), tags = t.Tags }));

    private static string Files(int count) => count == 1 ? "1 file" : $"{count} files";
}
