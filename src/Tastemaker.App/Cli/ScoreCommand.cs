using System.CommandLine;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary><c>taste score</c>: ranks pictures by any heads, and places what passes.</summary>
internal static class ScoreCommand
{
    private static readonly Option<string[]> Models = new("--model", "-m")
    {
        Description = "Head to score with; may be repeated. Default: all that take the encoder's vectors.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Embeddings = new("--embeddings")
    {
        Description = "PATH holds vectors, not pictures: .npy, .pt and .safetensors files, or folders of clip-retrieval.",
    };

    private static readonly Option<double?> Above = new("--above") { Description = "Only raw scores of at least this, by the head that ranks.", HelpName = "X" };
    private static readonly Option<double?> Below = new("--below") { Description = "Only raw scores less than this, by the head that ranks.", HelpName = "X" };
    private static readonly Option<string?> TopOption = new("--top") { Description = "Only the best N, or P% of all.", HelpName = "N|P%" };
    private static readonly Option<string?> Sort = new("--sort") { Description = "Head to rank by (default: the first), or 'path'.", HelpName = "NAME|path" };
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };
    private static readonly Option<FileInfo?> Csv = new("--csv") { Description = "Write the scores to a CSV file.", HelpName = "FILE" };

    private static readonly Option<FileInfo?> Parquet = new("--parquet") { Description = "Write the scores to a Parquet file.", HelpName = "FILE" };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("score", "Rank pictures by scoring heads.") { ScoredPictures.Paths, Models, Embeddings, Above, Below, TopOption, Sort, Json, Csv, Parquet };
        foreach (var option in EncoderChoice.Options.Concat(PlacingChoice.Options))
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var placing = PlacingChoice.Of(parse, terminal);
        var sheet = parse.GetValue(Embeddings)
            ? Vectors(parse, workspace, cancel)
            : ScoredPictures.Of(parse, parse.GetRequiredValue(ScoredPictures.Paths), parse.GetValue(Models) ?? [], workspace, terminal, cancel).Sheet;
        var selection = Select(parse, sheet);
        var chosen = selection.Of(sheet.All);

        var chosenSheet = sheet with { All = chosen };
        if (parse.GetValue(Csv) is { } csv)
        {
            ScorePrinter.Csv(chosenSheet, csv.FullName);
            terminal.Note($"{chosen.Count} of {sheet.All.Count} scored, in '{csv.FullName}'.");
        }

        if (parse.GetValue(Parquet) is { } parquet)
        {
            ScorePrinter.Parquet(chosenSheet, parquet.FullName);
            terminal.Note($"{chosen.Count} of {sheet.All.Count} scored, in '{parquet.FullName}'.");
        }

        if ((parse.GetValue(Csv) ?? parse.GetValue(Parquet)) is null || parse.GetValue(Json))
        {
            ScorePrinter.Print(chosenSheet, selection.Head, parse.GetValue(Json), terminal);
        }

        var failed = Reporting.Failures(terminal, sheet.Failures);
        if (placing is not null && chosen.Count > 0)
        {
            failed += placing.Run(workspace, chosenSheet, selection.Head, cancel);
        }

        if (failed > 0)
        {
            terminal.Note($"{sheet.All.Count} scored, {failed} failed.");
        }

        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static ScoredSheet Vectors(ParseResult parse, Workspace workspace, CancellationToken cancel)
    {
        var found = VectorFiles.Open(parse.GetRequiredValue(ScoredPictures.Paths));
        using var files = found.Files;
        var dims = files.Dimensions;
        var heads = workspace.Heads(parse.GetValue(Models) ?? [], dims is { } d ? new(null, d) : null);
        foreach (var head in heads.Where(h => dims is { } n && h.Space.Dimensions != n))
        {
            throw new UserException($"head '{head.Name}' takes vectors of the space {head.Space}; these have {dims} numbers.");
        }

        if (heads.Count == 0)
        {
            throw new UserException("no installed head takes these vectors. 'taste models list' shows the heads; --model names one.");
        }

        var scores = ScoreSheet.Of(files.Vectors(), heads, cancel);
        var all = files.Names().Select((name, i) => new Scored(name, null, scores.Of(i)));
        return new(parse.GetValue(EncoderChoice.Encoder) ?? "", heads, [.. all], found.Failures);
    }

    private static Selection Select(ParseResult parse, ScoredSheet sheet)
    {
        var sort = parse.GetValue(Sort);
        var byPath = sort == "path";
        var head = sort is null || byPath ? 0 : sheet.Heads.ToList().FindIndex(h => h.Name.Equals(sort, StringComparison.OrdinalIgnoreCase));
        if (head < 0)
        {
            throw new UserException($"--sort '{sort}' is not a head in use ({string.Join(", ", sheet.Heads.Select(h => h.Name))}) and not 'path'.");
        }

        try
        {
            var isChad = parse.GetValue(PlacingChoice.ChadOption);
            return new()
            {
                Head = head,
                ByPath = byPath,
                Above = parse.GetValue(Above) ?? (isChad ? PlacingChoice.ChadThreshold(sheet.Heads[head]) : null),
                Below = parse.GetValue(Below),
                Top = parse.GetValue(TopOption) is { } top ? Top.Parse(top) : null,
                Rounded = isChad ? Chad.Round : raw => raw,
            };
        }
        catch (FormatException e)
        {
            throw new UserException($"--top {e.Message}");
        }
    }
}
