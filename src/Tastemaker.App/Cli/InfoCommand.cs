using System.CommandLine;
using System.Globalization;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.App.Cli;

/// <summary><c>taste info</c>: what files say about themselves, and what the studio knows of them.</summary>
internal static class InfoCommand
{
    /// <summary>Of a setting's value; <c>--json</c> has all of it.</summary>
    private const int LongestSetting = 400;

    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "Pictures: files, folders (with all below them), patterns such as '*.png'; - reads a list from stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON: an array with one object for each file." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("info", "Show how pictures were made (prompt, seed, settings of any generator), their ratings and tags, and what the studio knows of them.")
        {
            Files, Json,
        };
        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var library = File.Exists(workspace.Folder.Database) ? workspace.Library : null;
        var found = FolderScan.Run(parse.GetRequiredValue(Files), terminal.In, workspace.Folder, cancel);
        var (isJson, failures, cards) = (parse.GetValue(Json), new List<Failure>(found.Failures), new List<object>());
        foreach (var file in found.Done)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                var facts = ImageFacts.Of(file.Path, cancel);
                var known = library?.Image(facts.ContentId) is { } image ? new Known(image, library.Use(image.Id)) : null;
                failures.AddRange(facts.Troubles.Select(why => new Failure(file.Path, why)));
                if (isJson)
                {
                    cards.Add(Card(file.Path, facts, known));
                }
                else
                {
                    Print(file.Path, facts, known, terminal.Out);
                }
            }
            catch (ImageException e)
            {
                failures.Add(new(file.Path, e.Message));
            }
        }

        if (isJson)
        {
            terminal.Json(cards);
        }

        return Reporting.Failures(terminal, failures) > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static void Print(string path, ImageFacts facts, Known? known, TextWriter output)
    {
        var rows = Rows(facts, known).ToList();
        var width = rows.Max(row => row.Name.Length) + 2;
        output.WriteLine(Shown(Reporting.FromHere(path)));
        foreach (var (name, value) in rows)
        {
            var lines = value.ReplaceLineEndings("\n").Split('\n');
            output.WriteLine($"  {Shown(name).PadRight(width)}{Shown(lines[0])}".TrimEnd());
            foreach (var line in lines.Skip(1))
            {
                output.WriteLine($"  {"".PadRight(width)}{Shown(line)}".TrimEnd());
            }
        }

        output.WriteLine();
    }

    private static IEnumerable<(string Name, string Value)> Rows(ImageFacts facts, Known? known)
    {
        yield return ("picture", $"{facts.Format}, {facts.Width} × {facts.Height}");
        yield return ("content id", facts.ContentId);
        if (facts.Generation is { } made)
        {
            foreach (var row in Rows(made))
            {
                yield return row;
            }
        }

        foreach (var (place, stars) in facts.Ratings)
        {
            yield return ("rating", $"{(stars < 0 ? "rejected" : $"{stars} of 5")} ({(place == ImageFacts.Embedded ? place : Path.GetFileName(place))})");
        }

        if (facts.Labels.Count > 0)
        {
            yield return ("label", string.Join(", ", facts.Labels));
        }

        if (facts.Tags.Count > 0)
        {
            yield return ("tags", string.Join(", ", facts.Tags));
        }

        if (facts.HasUnreadXmp)
        {
            yield return ("more XMP", "in further segments, which are not read: they are incomplete, too long, or of another packet");
        }

        if (facts.Sidecars.Count > 0)
        {
            yield return ("sidecars", string.Join(", ", facts.Sidecars.Select(Path.GetFileName)));
        }

        if (known is not null)
        {
            yield return ("studio", $"since {known.Image.AddedAt[..Math.Min(10, known.Image.AddedAt.Length)]}; "
                + $"{(known.Use.Encoders.Count > 0 ? $"described by {string.Join(", ", known.Use.Encoders)}" : "not described")}; {known.Use.Judgements} judgements");
        }
    }

    private static IEnumerable<(string Name, string Value)> Rows(GenerationInfo made)
    {
        if (made.Generator != Generator.Unknown)
        {
            yield return ("made with", made.Generator.Title());
        }

        if (made.Place != GenerationPlace.Metadata)
        {
            yield return ("found in", made.Place == GenerationPlace.Pixels ? "the lowest bits of its pixels" : "the text file beside it");
        }

        if (made.Prompt.Length > 0)
        {
            yield return ("prompt", made.Prompt);
        }

        if (made.NegativePrompt.Length > 0)
        {
            yield return ("negative", made.NegativePrompt);
        }

        foreach (var (name, value) in made.Named().Concat(made.Settings))
        {
            yield return (name, value.Length <= LongestSetting ? value : $"{value[..LongestSetting]}…");
        }

        foreach (var score in made.Scores)
        {
            yield return ("score", string.Create(CultureInfo.InvariantCulture, $"{score.Value} ({score.Place})"));
        }
    }

    private static object Card(string path, ImageFacts facts, Known? known) => new
    {
        path,
        facts.Format,
        facts.Width,
        facts.Height,
        facts.ContentId,
        generation = facts.Generation is not { } made ? null : new
        {
            generator = made.Generator == Generator.Unknown ? null : made.Generator.Title(),
            place = $"{made.Place}".ToLowerInvariant(),
            made.Prompt,
            made.NegativePrompt,
            made.Seed,
            made.Steps,
            made.Sampler,
            made.Scheduler,
            made.CfgScale,
            made.Width,
            made.Height,
            made.Model,
            made.ModelHash,
            settings = made.Settings.Select(s => new { name = s.Key, s.Value }),
            made.Scores,
        },
        facts.Ratings,
        facts.Labels,
        facts.Tags,
        facts.HasUnreadXmp,
        facts.Sidecars,
        studio = known is null ? null : new { known.Image.AddedAt, files = known.Image.Files.Select(file => file.Path), known.Use.Encoders, known.Use.Judgements },
    };

    /// <summary>A file's own words could steer a terminal.</summary>
    private static string Shown(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private sealed record Known(StudioImage Image, ImageUse Use);
}
