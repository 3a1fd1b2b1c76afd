using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Nets.Heads;

namespace Tastemaker.App.Cli;

/// <summary><c>taste aesthetic</c>: the directions among images that prompts can be drawn towards.</summary>
internal static class AestheticCommand
{
    private static readonly Option<bool> Replace = new("--replace") { Description = "Put it in the place of what has the name." };

    public static Command Create(Terminal terminal) => new("aesthetic", "Make, list and exchange the aesthetics that 'taste paint' can draw prompts towards.")
    {
        Make(terminal), List(terminal), Show(terminal), Import(terminal), Export(terminal),
    };

    private static Command Make(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "What to call it." };
        var paths = new Argument<string[]>("path") { Description = "Pictures or folders whose mean it is to be. Without any: of the taste.", Arity = ArgumentArity.ZeroOrMore };
        var top = new Option<int?>("--top") { Description = "Only the N that the taste likes best, of the pictures named, else of the studio.", HelpName = "N" };
        var command = new Command("create", "Make an aesthetic: the mean of pictures, or, without PATH and --top, the direction that the taste has learned.")
        {
            name, paths, top, TasteChoice.Option, Replace,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) =>
        {
            using var workspace = Root.Open(parse);
            using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
            if (encoder.Space.Name == GistImageEncoder.BuiltIn)
            {
                throw new UserException("the built-in encoder 'gist' sees no texts, so no prompt can be drawn towards what it sees. 'taste models pull clip-vit-l-14' installs one that does.");
            }

            var made = new Made(parse, workspace, encoder, terminal, cancel);
            var (vector, from) = made.Of(parse.GetValue(paths) ?? [], parse.GetValue(top));
            var model = new AestheticStore(workspace.Models).Keep(parse.GetRequiredValue(name), encoder.Space, vector, from, parse.GetValue(Replace), cancel);
            terminal.Out.WriteLine($"{model.Name}: {model.Description}, space {model.Space}");
            return made.Failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
        });
    }

    private static Command List(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        return new Command("list", "List the aesthetics that are here.") { json }.Runs((parse, _) =>
        {
            using var workspace = Root.Open(parse);
            var all = new AestheticStore(workspace.Models).List();
            if (parse.GetValue(json))
            {
                terminal.Json(all.Select(ModelCard.Of));
                return ExitCode.Done;
            }

            var table = new Table { Border = TableBorder.Simple };
            table.AddColumns("Name", "Space", "What it is", "Licence");
            foreach (var model in all)
            {
                table.AddRow(new Text(model.Name), new Text($"{model.Space}"), new Text(model.Description ?? model.Source), new Text(model.Licence));
            }

            terminal.Table(table);
            terminal.Note("'taste models list' also shows those that can be fetched.");
            return ExitCode.Done;
        });
    }

    private static Command Show(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "The aesthetic." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        return new Command("show", "Show what an aesthetic is, and how near it is to the others of its space.") { name, json }.Runs((parse, _) =>
        {
            using var workspace = Root.Open(parse);
            var store = new AestheticStore(workspace.Models);
            var target = AestheticTarget.Open(workspace.Models, parse.GetRequiredValue(name));
            var length = Math.Sqrt(store.Vector(target.Name).Sum(x => (double)x * x));
            var cosines = store.List().Where(m => m.Name != target.Name && m.Space == target.Space).ToDictionary(m => m.Name, m => Cosine(target, AestheticTarget.Open(workspace.Models, m.Name)));
            var card = ModelCard.Of(workspace.Models.Show(target.Name));
            if (parse.GetValue(json))
            {
                terminal.Json(new { card, length, hash = target.Hash, cosines });
                return ExitCode.Done;
            }

            terminal.Out.WriteLine(card.ToText());
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"length",-10} {length:0.####}"));
            terminal.Out.WriteLine($"{"hash",-10} {target.Hash}");
            foreach (var (other, cosine) in cosines.OrderByDescending(c => c.Value))
            {
                terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"cosine",-10} {cosine:0.000} to {other}"));
            }

            return ExitCode.Done;
        });
    }

    private static Command Import(Terminal terminal)
    {
        var file = new Argument<FileInfo>("file") { Description = "A file with one vector: .pt, .safetensors or .npy, of any float type." };
        var name = new Option<string?>("--name") { Description = "The name to store it under; by default the published one, else the file's." };
        var space = new Option<string?>("--space") { Description = "The feature space that it is of, such as clip-vit-l-14, where that is not known." };
        return new Command("import", "Take in an aesthetic embedding that others made.") { file, name, space, Replace }.Runs((parse, cancel) =>
        {
            using var workspace = Root.Open(parse);
            var model = new AestheticStore(workspace.Models).Import(
                parse.GetRequiredValue(file).FullName, new(parse.GetValue(name), parse.GetValue(space)), parse.GetValue(Replace), cancel);
            terminal.Out.WriteLine($"{model.Name}: an aesthetic, space {model.Space}");
            return ExitCode.Done;
        });
    }

    private static Command Export(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "The aesthetic." };
        var file = new Argument<FileInfo>("file") { Description = "Where to: a .pt for torch and the programs that read aesthetic embeddings, or a .safetensors." };
        return new Command("export", "Write an aesthetic for other programs.") { name, file, Replace }.Runs((parse, _) =>
        {
            using var workspace = Root.Open(parse);
            new AestheticStore(workspace.Models).Export(parse.GetRequiredValue(name), parse.GetRequiredValue(file).FullName, parse.GetValue(Replace));
            terminal.Note($"'{parse.GetRequiredValue(name)}' is in '{parse.GetRequiredValue(file).FullName}'.");
            return ExitCode.Done;
        });
    }

    private static double Cosine(AestheticTarget a, AestheticTarget b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Vector.Length; i++)
        {
            sum += (double)a.Vector[i] * b.Vector[i];
        }

        return sum;
    }

    /// <summary>A vector of what a command line names, and what it is in a sentence.</summary>
    private sealed class Made(ParseResult parse, Workspace workspace, IEncoder encoder, Terminal terminal, CancellationToken cancel)
    {
        private readonly VectorStore _vectors = workspace.Vectors(encoder);

        public int Failed { get; private set; }

        public (float[] Vector, string From) Of(string[] paths, int? top)
        {
            var taste = TasteName.Demand(parse.GetRequiredValue(TasteChoice.Option));
            if (paths.Length == 0 && top is null)
            {
                return (Learned(taste).Weight, $"what taste '{taste}' has learned");
            }

            if (top is < 1)
            {
                throw new UserException($"--top {top} is no number of pictures; 1 or more is.");
            }

            List<float[]> pictures = paths.Length > 0 ? Bring(paths) : [.. _vectors.Read([.. workspace.Library.All().Select(i => i.Id)]).OfType<float[]>()];
            if (top is { } best)
            {
                var head = Learned(taste);
                pictures = [.. pictures.OrderByDescending(vector => head.Score(vector)).Take(best)];
            }

            var what = pictures.Count == 1 ? "1 picture" : $"{pictures.Count} pictures";
            return pictures.Count > 0 ? (Mean(pictures), top is null ? $"mean of {what}" : $"mean of the {what} that taste '{taste}' likes best")
                : throw new UserException($"there is no picture with a vector of encoder '{encoder.Name}'. Name some, or bring them in with 'taste embed'.");
        }

        /// <summary>The mean of what the model learned of the features, as one direction.</summary>
        private AffineHead Learned(string taste)
        {
            var lessons = LessonChoice.OfLog(workspace, taste, encoder, _vectors, terminal).Lessons;
            var fitted = PosteriorHead.Fit(_vectors, workspace.Heads([], encoder.Space), taste, lessons, cancel);
            return fitted.Weights.ToHead().Fold();
        }

        private List<float[]> Bring(string[] paths)
        {
            var found = FolderScan.Run(paths, terminal.In, workspace.Folder, cancel);
            var brought = new Embedder(workspace.Library, _vectors, encoder, TimeProvider.System).Bring(found.Done, Reporting.Progress(terminal), cancel);
            terminal.ClearProgress();
            Failed = Reporting.Failures(terminal, [.. found.Failures, .. brought.Failures]);
            return [.. _vectors.Read([.. brought.Done.Select(b => b.Image.Id)]).OfType<float[]>()];
        }

        /// <summary>Of the features as they come, not normalised, as both originals make it.</summary>
        private static float[] Mean(List<float[]> vectors) =>
            [.. Enumerable.Range(0, vectors[0].Length).Select(i => (float)vectors.Average(vector => (double)vector[i]))];
    }
}
