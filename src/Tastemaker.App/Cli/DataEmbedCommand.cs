using System.CommandLine;
using Tastemaker.Core.Data.Embeddings;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;

namespace Tastemaker.App.Cli;

/// <summary><c>taste data embed</c>: pictures in files or tars into clip-retrieval's folders.</summary>
internal static class DataEmbedCommand
{
    private const int UsualPartRows = 100_000;

    private static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Pictures, folders of pictures, patterns; or webdataset tars, and folders of them.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<DirectoryInfo> Into = new("--output", "-o")
    {
        Description = "Folder to write img_emb/img_emb_N.npy and metadata/metadata_N.parquet into; parts that are there are kept.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<int> PartRows = new("--part-rows")
    {
        Description = "Pictures in a part; a tar is always one part.",
        HelpName = "N",
        DefaultValueFactory = _ => UsualPartRows,
    };

    private static readonly Option<bool> Captions = new("--captions")
    {
        Description = "Also write text_emb/text_emb_N.npy, the vectors of the captions: of .txt files beside pictures, or in tars. Without a caption it is that of an empty text; long ones are cut.",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the summary as JSON." };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("embed", "Write the feature vectors of any number of pictures as clip-retrieval does; the studio does not learn of them.")
        {
            Paths, Into, ShardChoice.Option, PartRows, Captions, Json,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var (paths, shard, partRows) = (parse.GetRequiredValue(Paths), ShardChoice.Of(parse), parse.GetValue(PartRows));
        if (partRows < 1)
        {
            throw new UserException($"--part-rows {partRows} is no size of a part; 1 or more is wanted.");
        }

        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        using var texts = parse.GetValue(Captions) ? TextEncoder(parse, workspace, terminal, encoder.Name) : null;
        var writer = new EmbeddingWriter(new(parse.GetRequiredValue(Into).FullName), encoder, texts);
        var tars = Tars(paths);
        var failed = 0;
        EmbedSummary summary;
        if (tars.Count > 0)
        {
            summary = writer.Tars(tars, shard, Reporting.Progress(terminal), cancel);
        }
        else
        {
            var found = FolderScan.Run(paths, terminal.In, workspace.Folder, cancel);
            failed = Reporting.Failures(terminal, found.Failures);
            summary = writer.Files(found.Done, partRows, shard, Reporting.Progress(terminal), cancel);
        }

        terminal.ClearProgress();
        Reporting.Failures(terminal, summary.Failures);
        if (parse.GetValue(Json))
        {
            terminal.Json(new { summary.Embedded, summary.PartsWritten, summary.PartsKept, failed = summary.Failed + failed, encoder = encoder.Name });
        }
        else
        {
            terminal.Out.WriteLine($"{summary.Embedded} embedded by {encoder.Name} in {summary.PartsWritten} parts; {summary.PartsKept} parts were there; {summary.Failed + failed} passed over");
        }

        return summary.Failed + failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static ClipTextEncoder TextEncoder(ParseResult parse, Workspace workspace, Terminal terminal, string encoder) => encoder == GistImageEncoder.BuiltIn
        ? throw new UserException($"--captions needs a CLIP; the built-in encoder '{encoder}' sees pictures only. Name one with --encoder; 'taste models pull clip-vit-l-14' installs one.")
        : ClipTextEncoder.Open(workspace.OpenModel(encoder, ModelKind.Encoder), EncoderChoice.Of(parse, terminal));

    /// <summary>The tars among the paths, in order; none where the paths are of pictures.</summary>
    private static List<string> Tars(string[] paths)
    {
        List<string> tars = [.. paths.SelectMany(path => Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.tar").Order(StringComparer.Ordinal)
            : path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? [path] : Enumerable.Empty<string>())];
        if (tars.Count > 0 && paths.FirstOrDefault(path => !Directory.Exists(path) && !path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            throw new UserException($"'{other}' is no tar, and others of the paths are. Embed pictures and tars into folders of their own.");
        }

        if (tars.FirstOrDefault(tar => !File.Exists(tar)) is { } missing)
        {
            throw new UserException($"'{missing}' does not exist.");
        }

        return tars;
    }
}
