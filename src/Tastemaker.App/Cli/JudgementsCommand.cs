using System.CommandLine;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Judging.Exchange;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.App.Cli;

/// <summary><c>taste judgements</c>: brings judgements in from other programs, and writes them for others.</summary>
internal static class JudgementsCommand
{
    /// <summary>Whose judgements a command is about.</summary>
    public static readonly Option<string> Taste = new("--taste")
    {
        Description = "The taste: one person's judgements for one purpose.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TasteName.Default,
    };

    private static readonly Argument<string[]> Sources = new("FILE")
    {
        Description = "Files or folders of judgements, such as score.json, scores.csv (tables also as Parquet), sidecars, a list of names, folders named by score, a folder of favourites.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<FileInfo> Target = new("FILE") { Description = "The file to write, tables also as .parquet; one that exists is never overwritten." };

    private static readonly Option<string?> ReadFormat = Format("What the files are. Default: seen by their content.", ExchangeFormats.Names);

    private static readonly Option<string?> WrittenFormat = Format("What to write. Default: by the file's name.", ExchangeFormats.Written);

    private static readonly Option<DirectoryInfo?> RootFolder = new("--root")
    {
        Description = "Folder from which images are looked up that are not where the file's own folder has them.",
        HelpName = "DIR",
    };

    private static readonly Option<DirectoryInfo?> Pool = new("--pool")
    {
        Description = "Folder that favourites or names were picked from: every other image in it counts as rejected.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Labels = new("--labels")
    {
        Description = "What labels in XMP mean, as each program and person has them otherwise: keep or reject.",
        HelpName = "Green=keep,Red=reject",
    };

    private static readonly Option<string> Rater = new("--rater")
    {
        Description = "Who judged.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TasteName.DefaultRater,
    };

    private static readonly Option<bool> Again = new("--again") { Description = "Take judgements once more that were imported before." };

    public static Command Create(Terminal terminal) => new("judgements", "Import and export choices, ratings and picks.")
    {
        new Command("import", "Take in judgements that were made elsewhere; their images enter the studio.") { Sources, Taste, ReadFormat, RootFolder, Pool, Labels, Rater, Again }
            .Runs((parse, cancel) => Import(parse, terminal, cancel)),
        new Command("export", "Write the judgements of a taste for other programs.") { Target, WrittenFormat, Taste }
            .Runs((parse, _) => Export(parse, terminal)),
    };

    private static int Import(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var sources = parse.GetRequiredValue(Sources);
        var import = new JudgementImport(new(workspace.Database), workspace.Library);
        var request = new ImportRequest(parse.GetRequiredValue(Taste), parse.GetRequiredValue(Rater))
        {
            Format = parse.GetValue(ReadFormat) is { } name ? ExchangeFormats.Find(name) : null,
            Root = parse.GetValue(RootFolder)?.FullName,
            Pool = parse.GetValue(Pool)?.FullName,
            Labels = Meanings(parse.GetValue(Labels)),
            Again = parse.GetValue(Again),
        };
        var failed = 0;
        foreach (var source in sources)
        {
            try
            {
                var result = import.Run(source, request, Reporting.Progress(terminal), cancel);
                terminal.ClearProgress();
                terminal.Out.WriteLine($"{source}: {Described(result)}");
                failed += Reporting.Failures(terminal, result.Failures);
            }
            catch (Exception e) when (e is JudgingException or TableException && sources.Length > 1)
            {
                failed++;
                terminal.Fail(e.Message);
            }
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static int Export(ParseResult parse, Terminal terminal)
    {
        using var workspace = Root.Open(parse);
        var file = parse.GetRequiredValue(Target).FullName;
        var format = (parse.GetValue(WrittenFormat) is { } name ? ExchangeFormats.Find(name) : ExchangeFormats.ByFileName(file))
            ?? throw new UserException($"'{file}' does not say by its name what to write. '--format' does: {string.Join(", ", ExchangeFormats.Written)}.");
        var result = new JudgementExport(new(workspace.Database), workspace.Library).Run(parse.GetRequiredValue(Taste), file, format);
        terminal.Note($"{format.Name()}, {result.Done.Count} in all, in '{file}'.");
        return Reporting.Failures(terminal, result.Failures) > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static Dictionary<string, bool> Meanings(string? labels) =>
        (labels ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=', StringSplitOptions.TrimEntries))
            .Select(pair => pair is [{ Length: > 0 }, "keep" or "reject"] ? pair : throw new UserException($"--labels '{string.Join('=', pair)}' says nothing; a label and what it means was wanted, such as Green=keep or Red=reject."))
            .DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1] == "keep");

    private static string Described(ImportResult result)
    {
        List<string> parts = [$"{result.Format.Name()}, {result.Added} judgements taken in"];
        if (result.Known > 0)
        {
            parts.Add($"{result.Known} were imported before ('--again' takes them once more)");
        }

        if (result.Unscored > 0)
        {
            parts.Add($"{result.Unscored} images without a score");
        }

        if (result.DropsComparisons)
        {
            parts.Add("their counts of comparisons are not kept");
        }

        return $"{string.Join("; ", parts)}.";
    }

    private static Option<string?> Format(string description, IReadOnlyList<string> names)
    {
        var option = new Option<string?>("--format") { Description = description };
        return option.AcceptOnlyFromAmong([.. names]);
    }
}
