using System.CommandLine;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Clip;

namespace Tastemaker.App.Cli;

/// <summary><c>taste embed</c>: raw feature vectors of pictures and texts, for other programs.</summary>
internal static class EmbedCommand
{
    private static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files, folders (with all below them), patterns; - reads a list from stdin.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Texts = new("--text")
    {
        Description = "A text to encode instead of pictures; may be repeated.",
        HelpName = "TEXT",
    };

    private static readonly Option<FileInfo?> Npy = new("--npy")
    {
        Description = "Write the vectors as rows of float32 to a .npy file, and their names beside it as .txt.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Normalise = new("--normalise") { Description = "Divide each vector by its length." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("embed", "Write the feature vectors of pictures or texts; pictures also enter the studio.") { Paths, Texts, Npy, Normalise };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var (paths, texts) = (parse.GetValue(Paths) ?? [], parse.GetValue(Texts) ?? []);
        if (paths.Length == 0 == (texts.Length == 0))
        {
            throw new UserException("give either PATHs of pictures or --text, not both and not neither.");
        }

        var (names, vectors, failures) = texts.Length > 0
            ? (texts, OfTexts(parse, workspace, terminal, texts, cancel), [])
            : OfPictures(parse, workspace, terminal, paths, cancel);
        if (parse.GetValue(Normalise))
        {
            vectors = [.. vectors.Select(Unit)];
        }

        if (parse.GetValue(Npy) is { } file)
        {
            Write(file.FullName, names, vectors);
            terminal.Note($"{vectors.Count} vectors in '{file.FullName}'.");
        }
        else
        {
            foreach (var (name, vector) in names.Zip(vectors))
            {
                terminal.Out.WriteLine($"{name}\t{string.Join(' ', vector)}");
            }
        }

        return Reporting.Failures(terminal, failures) > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static List<float[]> OfTexts(ParseResult parse, Workspace workspace, Terminal terminal, string[] texts, CancellationToken cancel)
    {
        var name = parse.GetValue(EncoderChoice.Encoder) ?? workspace.Models.List().Models.FirstOrDefault(m => m.Kind == ModelKind.Encoder)?.Name
            ?? throw new UserException("texts need a CLIP, and none is installed. 'taste models pull clip-vit-l-14' installs one.");
        if (name == GistImageEncoder.BuiltIn)
        {
            throw new UserException("the built-in encoder 'gist' sees pictures only. Name a CLIP with --encoder.");
        }

        using var encoder = ClipTextEncoder.Open(workspace.OpenModel(name, ModelKind.Encoder), EncoderChoice.Of(parse, terminal));
        return [.. texts.Select(text => OfText(encoder, text, cancel))];
    }

    private static float[] OfText(ClipTextEncoder encoder, string text, CancellationToken cancel)
    {
        const int Shown = 40;
        try
        {
            return encoder.Encode(text, cancel);
        }
        catch (TokenizerException e)
        {
            throw new UserException($"--text '{(text.Length > Shown ? $"{text[..Shown]}..." : text)}': {e.Message}");
        }
    }

    private static (string[] Names, List<float[]> Vectors, IReadOnlyList<Failure> Failures) OfPictures(
        ParseResult parse, Workspace workspace, Terminal terminal, string[] paths, CancellationToken cancel)
    {
        var found = FolderScan.Run(paths, terminal.In, workspace.Folder, cancel);
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        var store = workspace.Vectors(encoder);
        var brought = new Embedder(workspace.Library, store, encoder, TimeProvider.System).Bring(found.Done, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var vectors = store.Read([.. brought.Done.Select(b => b.Image.Id)]);
        var whole = brought.Done.Zip(vectors).Where(pair => pair.Second is not null).ToList();
        return ([.. whole.Select(pair => pair.First.File.Path)], [.. whole.Select(pair => pair.Second!)], [.. found.Failures, .. brought.Failures]);
    }

    private static void Write(string path, string[] names, List<float[]> vectors)
    {
        AtomicFile.Replace(path, stream => Nets.Weights.Npy.Write(stream, vectors.SelectMany(v => v).ToArray(), vectors.Count > 0 ? vectors[0].Length : 0));
        AtomicFile.Replace(Path.ChangeExtension(path, ".txt"), stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            foreach (var name in names)
            {
                writer.WriteLine(name);
            }
        });
    }

    private static float[] Unit(float[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => (double)x * x));
        return length == 0 ? vector : [.. vector.Select(x => (float)(x / length))];
    }
}
