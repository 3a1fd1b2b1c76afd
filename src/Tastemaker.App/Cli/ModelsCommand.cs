using System.CommandLine;
using Spectre.Console;
using Tastemaker.Core.Models;

namespace Tastemaker.App.Cli;

/// <summary><c>taste models</c>: what can be fetched, what is here, and what comes and goes.</summary>
internal static class ModelsCommand
{
    /// <param name="open">The studio that a command line names.</param>
    public static Command Create(Terminal terminal, Func<ParseResult, Workspace> open) =>
        new("models", "Fetch, import and look after encoders, heads and embeddings.")
        {
            List(terminal, open),
            Pull(terminal, open),
            Import(terminal, open),
            Show(terminal, open),
            VerifyCommand.Create(terminal, open),
            Remove(terminal, open),
        };

    private static Command List(Terminal terminal, Func<ParseResult, Workspace> open)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        return Runs(new("list", "List the models that are here and those that can be fetched.") { json }, open, (store, parse, _) =>
        {
            var listing = store.List();
            foreach (var damaged in listing.Damaged)
            {
                terminal.Note($"warning: {damaged.Why}");
            }

            var rows = listing.Models.Select(ModelCard.Of)
                .Concat(store.Manifest.Models.Where(k => listing.Models.All(m => m.KnownAs != k.Name)).Select(k => ModelCard.Of(k, store.Manifest)))
                .ToList();
            if (parse.GetValue(json))
            {
                terminal.Json(rows);
                return ExitCode.Done;
            }

            var table = new Table { Border = TableBorder.Simple };
            table.AddColumns("Name", "Kind", "Space", "Size", "Licence", "Here");
            rows.ForEach(r => table.AddRow(
                new Text(r.Name), new Text(r.Kind), new Text(r.Space ?? $"undeclared ({r.Dimensions}-d)"),
                new Text(r.Size is { } size ? ByteCount.Text(size) : "?"), new Text(r.Licence), new Text(r.Installed ? "yes" : "no")));
            terminal.Table(table);
            return ExitCode.Done;
        });
    }

    private static Command Pull(Terminal terminal, Func<ParseResult, Workspace> open)
    {
        var names = new Argument<string[]>("name")
        {
            Description = "Models to fetch, as 'taste models list' names them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var pull = new Command("pull", "Fetch models from their publishers; a broken transfer goes on where it stopped.") { names };
        return Runs(pull, open, (store, parse, cancel) =>
            EachOf(parse.GetValue(names)!, terminal, name =>
            {
                var model = Reporting.Transfers(terminal, progress => store.Pull(name, progress, cancel));
                terminal.Out.WriteLine($"{model.Name}: {Described(model)}");
            }));
    }

    private static Command Import(Terminal terminal, Func<ParseResult, Workspace> open)
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
            return EachOf(models, terminal, files =>
            {
                var model = store.Import(files, new(parse.GetValue(name), parse.GetValue(space)), cancel);
                terminal.Out.WriteLine($"{model.Name}: {Described(model)}");
            });
        });
    }

    private static Command Show(Terminal terminal, Func<ParseResult, Workspace> open)
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
            if (parse.GetValue(json))
            {
                terminal.Json(card);
            }
            else
            {
                terminal.Out.WriteLine(card.ToText());
            }

            return ExitCode.Done;
        });
    }

    private static Command Remove(Terminal terminal, Func<ParseResult, Workspace> open)
    {
        var name = new Argument<string>("name") { Description = "The model." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        return Runs(new("remove", "Delete a model's files.") { name, yes }, open, (store, parse, cancel) =>
        {
            var wanted = parse.GetValue(name)!;
            if (!parse.GetValue(yes) && !terminal.CanAsk)
            {
                throw new UserException("deleting needs --yes where nobody can be asked.");
            }

            if (!parse.GetValue(yes) && !terminal.Confirm($"Delete '{wanted}' from '{store.Folder}'?"))
            {
                return ExitCode.SomeFailed;
            }

            store.Remove(wanted, cancel);
            terminal.Out.WriteLine($"{wanted}: removed");
            return ExitCode.Done;
        });
    }

    private static Command Runs(Command command, Func<ParseResult, Workspace> open, Func<ModelStore, ParseResult, CancellationToken, int> run) =>
        command.Runs((parse, cancel) =>
        {
            using var workspace = open(parse);
            return run(workspace.Models, parse, cancel);
        });

    /// <summary>Of several, one that fails does not stop the others.</summary>
    private static int EachOf<T>(IReadOnlyList<T> items, Terminal terminal, Action<T> run)
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
                terminal.Fail(e.Message);
            }
        }

        return failures == 0 ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private static string Described(Model model) =>
        $"{model.Kind.ToString().ToLowerInvariant()}, {model.Layout}, space {model.Space}, {ByteCount.Text(model.Size)}, licence {model.Licence}";
}
