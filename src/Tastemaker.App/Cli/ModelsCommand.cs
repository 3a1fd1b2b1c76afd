using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Tastemaker.Core.Models;

namespace Tastemaker.App.Cli;

/// <summary><c>taste models</c>: what can be fetched, what is here, and what comes and goes.</summary>
internal static class ModelsCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create(Func<ParseResult, ModelStore> open) => new("models", "Fetch, import and look after encoders, heads and embeddings.")
    {
        List(open),
        Pull(open),
        Import(open),
        Show(open),
        Verify(open),
        Remove(open),
    };

    private static Command List(Func<ParseResult, ModelStore> open)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        return Runs(new("list", "List the models that are here and those that can be fetched.") { json }, open, (store, parse, _) =>
        {
            var listing = store.List();
            foreach (var damaged in listing.Damaged)
            {
                Errors(parse).WriteLine($"warning: {damaged.Why}");
            }

            var rows = listing.Models.Select(ModelCard.Of)
                .Concat(store.Manifest.Models.Where(k => listing.Models.All(m => m.KnownAs != k.Name)).Select(k => ModelCard.Of(k, store.Manifest)))
                .ToList();
            if (parse.GetValue(json))
            {
                Output(parse).WriteLine(JsonSerializer.Serialize(rows, Json));
                return 0;
            }

            var table = new Table { Border = TableBorder.Simple };
            table.AddColumns("Name", "Kind", "Space", "Size", "Licence", "Here");
            rows.ForEach(r => table.AddRow(
                new Text(r.Name), new Text(r.Kind), new Text(r.Space ?? $"undeclared ({r.Dimensions}-d)"),
                new Text(r.Size is { } size ? Bytes(size) : "?"), new Text(r.Licence), new Text(r.Installed ? "yes" : "no")));
            Drawn(Output(parse)).Write(table);
            return 0;
        });
    }

    private static Command Pull(Func<ParseResult, ModelStore> open)
    {
        var names = new Argument<string[]>("name")
        {
            Description = "Models to fetch, as 'taste models list' names them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var pull = new Command("pull", "Fetch models from their publishers; a broken transfer goes on where it stopped.") { names };
        return Runs(pull, open, (store, parse, cancel) =>
            EachOf(parse.GetValue(names)!, parse, name =>
            {
                var model = WithProgress(parse, progress => store.Pull(name, progress, cancel));
                Output(parse).WriteLine($"{model.Name}: {Described(model)}");
            }));
    }

    private static Command Import(Func<ParseResult, ModelStore> open)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Checkpoints (.safetensors, .pt, .pth, .ckpt, .bin, .npy) or folders of one model each; "
                + "with --name, all of them are one model.",
            Arity = ArgumentArity.OneOrMore,
        };
        var name = new Option<string?>("--name") { Description = "The name to store it under; by default the published one, else the file's." };
        var space = new Option<string?>("--space")
        {
            Description = "The feature space that it is of, such as clip-vit-l-14, where its files do not say.",
        };
        return Runs(new("import", "Copy models from local files.") { paths, name, space }, open, (store, parse, cancel) =>
        {
            var all = parse.GetValue(paths)!;
            string[][] models = parse.GetValue(name) is null ? [.. all.Select(p => new[] { p })] : [all];
            return EachOf(models, parse, files =>
            {
                var model = store.Import(files, new(parse.GetValue(name), parse.GetValue(space)), cancel);
                Output(parse).WriteLine($"{model.Name}: {Described(model)}");
            });
        });
    }

    private static Command Show(Func<ParseResult, ModelStore> open)
    {
        var name = new Argument<string>("name") { Description = "The model." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var show = new Command("show", "Show where a model comes from, its licence, its feature space and its files.") { name, json };
        return Runs(show, open, (store, parse, _) =>
        {
            var wanted = parse.GetValue(name)!;
            var card = store.Find(wanted) is { } model ? ModelCard.Of(model)
                : store.Manifest.Find(wanted) is { } known ? ModelCard.Of(known, store.Manifest)
                : ModelCard.Of(store.Show(wanted));
            Output(parse).WriteLine(parse.GetValue(json) ? JsonSerializer.Serialize(card, Json) : card.ToText());
            return 0;
        });
    }

    private static Command Verify(Func<ParseResult, ModelStore> open)
    {
        var names = new Argument<string[]>("name")
        {
            Description = "Models to check; all that are here by default.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var verify = new Command("verify", "Read the files of models again and compare them with their checksums.") { names, json };
        return Runs(verify, open, (store, parse, cancel) =>
        {
            var listing = store.List();
            var isAll = parse.GetValue(names) is not { Length: > 0 };
            string[] wanted = isAll ? [.. listing.Models.Select(m => m.Name)] : parse.GetValue(names)!;
            var verdicts = wanted
                .Select(n => WithProgress(parse, progress => store.Verify(n, progress, cancel)))
                .SelectMany(v => v.Files.Select(f => new Verdict(v.Model.Name, f.File.Name, f.Trouble is null, f.Trouble)))
                .Concat(isAll ? listing.Damaged.Select(d => new Verdict(d.Name, "model.json", false, d.Why)) : [])
                .ToList();
            if (parse.GetValue(json))
            {
                Output(parse).WriteLine(JsonSerializer.Serialize(verdicts, Json));
            }
            else
            {
                verdicts.ForEach(v => Output(parse).WriteLine(v.ToText()));
            }

            if (verdicts.Any(v => !v.Passed))
            {
                Errors(parse).WriteLine("error: some files are not as recorded. Remove those models and fetch or import them again.");
                return 1;
            }

            return 0;
        });
    }

    private static Command Remove(Func<ParseResult, ModelStore> open)
    {
        var name = new Argument<string>("name") { Description = "The model." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        return Runs(new("remove", "Delete a model's files.") { name, yes }, open, (store, parse, cancel) =>
        {
            var wanted = parse.GetValue(name)!;
            if (!parse.GetValue(yes) && !Confirmed($"Delete '{wanted}' from '{store.Folder}'?", parse))
            {
                return 1;
            }

            store.Remove(wanted, cancel);
            Output(parse).WriteLine($"{wanted}: removed");
            return 0;
        });
    }

    /// <summary>The command's work runs aside, so that an interrupt reaches it.</summary>
    private static Command Runs(Command command, Func<ParseResult, ModelStore> open, Func<ModelStore, ParseResult, CancellationToken, int> run)
    {
        command.SetAction((parse, cancel) => Task.Run(
            () =>
            {
                try
                {
                    using var store = open(parse);
                    return run(store, parse, cancel);
                }
                catch (ModelException e)
                {
                    throw new UserException(e.Message);
                }
            },
            cancel));
        return command;
    }

    /// <summary>Of several, one that fails does not stop the others.</summary>
    private static int EachOf<T>(IReadOnlyList<T> items, ParseResult parse, Action<T> run)
    {
        var failures = 0;
        foreach (var item in items)
        {
            try
            {
                run(item);
            }
            catch (ModelException e) when (items.Count > 1)
            {
                failures++;
                Errors(parse).WriteLine($"error: {e.Message}");
            }
        }

        return failures == 0 ? 0 : 1;
    }

    /// <summary>A bar on a terminal; elsewhere only what is worth a line.</summary>
    private static T WithProgress<T>(ParseResult parse, Func<IProgress<DownloadProgress>, T> run)
    {
        var output = new AnsiConsoleOutput(Errors(parse));
        if (!output.IsTerminal)
        {
            return run(new Told(p => Note(parse, p)));
        }

        var console = AnsiConsole.Create(new() { Out = output });
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(),
                new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                Dictionary<string, ProgressTask> bars = [];
                return run(new Told(p =>
                {
                    if (!bars.TryGetValue(p.File, out var bar))
                    {
                        bars[p.File] = bar = context.AddTask(p.File.EscapeMarkup());
                    }

                    bar.IsIndeterminate = p.Total is null;
                    bar.MaxValue = p.Total ?? Math.Max(p.Done, 1);
                    bar.Value = p.Done;
                    Note(parse, p);
                }));
            });
    }

    private static void Note(ParseResult parse, DownloadProgress progress)
    {
        if (progress.Note is { } note)
        {
            Errors(parse).WriteLine($"{progress.File}: {note}");
        }
    }

    private static bool Confirmed(string question, ParseResult parse)
    {
        const string Otherwise = "deleting needs --yes where nobody can be asked.";
        var output = new AnsiConsoleOutput(Errors(parse));
        if (!output.IsTerminal)
        {
            throw new UserException(Otherwise);
        }

        try
        {
            return AnsiConsole.Create(new() { Out = output }).Confirm(question.EscapeMarkup(), defaultValue: false);
        }
        catch (InvalidOperationException)
        {
            throw new UserException(Otherwise);
        }
    }

    private static string Described(Model model) =>
        $"{model.Kind.ToString().ToLowerInvariant()}, {model.Layout}, space {model.Space}, {Bytes(model.Size)}, licence {model.Licence}";

    private static string Bytes(long count)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var power = 0;
        double value = count;
        for (; value >= 1000 && power < units.Length - 1; power++)
        {
            value /= 1000;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[power]}");
    }

    private static TextWriter Output(ParseResult parse) => parse.InvocationConfiguration.Output;

    private static TextWriter Errors(ParseResult parse) => parse.InvocationConfiguration.Error;

    /// <summary>In a pipe a table is as wide as it is.</summary>
    private static IAnsiConsole Drawn(TextWriter writer)
    {
        const int Unbounded = 1000;
        var output = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new() { Out = output });
        if (!output.IsTerminal)
        {
            console.Profile.Width = Unbounded;
        }

        return console;
    }

    private sealed class Told(Action<DownloadProgress> tell) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => tell(value);
    }

    private sealed record Verdict(string Model, string File, bool Passed, string? Trouble)
    {
        public string ToText() => Passed ? $"ok     {Model}/{File}" : $"FAILED {Model}/{File}: {Trouble}";
    }

    /// <summary>What is printed of a model, whether it is here or could be.</summary>
    private sealed record ModelCard(
        string Name, string Kind, string? Space, int Dimensions, string Layout, long? Size, string Licence, bool Installed,
        string? Description, double? Threshold, string Source, string? Folder, DateTimeOffset? InstalledAt, IReadOnlyList<FileCard> Files)
    {
        public static ModelCard Of(Model m) => new(
            m.Name, m.Kind.ToString().ToLowerInvariant(), m.Space.Name, m.Space.Dimensions, m.Layout, m.Size, m.Licence, true,
            m.Description, m.Threshold, m.Source, m.Folder, m.Installed,
            [.. m.Files.Select(f => new FileCard(f.Name, f.Size, f.Sha256, f.Published, []))]);

        public static ModelCard Of(KnownModel m, ModelManifest manifest) => new(
            m.Name, m.Kind.ToString().ToLowerInvariant(), m.Space, manifest.FindSpace(m.Space)!.Dimensions, m.Layout,
            m.Files.All(f => f.Size is not null) ? m.Files.Sum(f => f.Size) : null, m.Licence, false,
            m.Description, m.Threshold, m.Home, null, null,
            [.. m.Files.Select(f => new FileCard(f.Name, f.Size, f.Sha256, f.Sha256 is not null, [.. f.Addresses.Select(a => a.AbsoluteUri)]))]);

        public string ToText()
        {
            (string Label, string? Value)[] lines =
            [
                ("name", Name), ("kind", $"{Kind} ({Layout})"), ("space", $"{Space ?? "undeclared"} ({Dimensions}-d)"), ("about", Description),
                ("threshold", Threshold?.ToString(CultureInfo.InvariantCulture)), ("licence", Licence), ("source", Source),
                ("here", Installed ? Folder : $"no; fetch it with 'taste models pull {Name}'"),
                ("since", InstalledAt?.ToString("u", CultureInfo.InvariantCulture)),
                .. Files.Select(f => ("file", (string?)f.ToText())),
            ];
            return string.Join(Environment.NewLine, lines.Where(l => l.Value is not null).Select(l => $"{l.Label,-10} {l.Value}"));
        }
    }

    private sealed record FileCard(string Name, long? Size, string? Sha256, bool Published, IReadOnlyList<string> Addresses)
    {
        public string ToText()
        {
            var size = Size is { } bytes ? Bytes(bytes) : "size unknown";
            var checksum = Sha256 is null ? "recorded at the first download" : Published ? Sha256 : $"{Sha256} (recorded here)";
            return $"{Name}  {size}  sha256 {checksum}";
        }
    }
}
