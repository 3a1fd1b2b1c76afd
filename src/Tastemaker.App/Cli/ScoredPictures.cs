using System.CommandLine;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary>What was scored, by which heads, and what could not be.</summary>
internal sealed record ScoredSheet(string Encoder, IReadOnlyList<ScoringHead> Heads, IReadOnlyList<Scored> All, IReadOnlyList<Failure> Failures);

/// <summary>Pictures that are in the studio with a vector and scores each: where every command begins that ranks pictures.</summary>
/// <param name="Files">Those of the sheet, in its order.</param>
/// <param name="Vectors">That the scores were made of.</param>
internal sealed record ScoredPictures(ScoredSheet Sheet, IReadOnlyList<EmbeddedFile> Files, VectorStore Vectors)
{
    /// <summary>What such a command is about.</summary>
    public static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files, folders (with all below them), patterns such as '*.png'; - reads a list from stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Finds the pictures, describes those that are new, and scores them all.</summary>
    /// <param name="models">By name; none for all that take the encoder's vectors.</param>
    public static ScoredPictures Of(ParseResult parse, string[] paths, string[] models, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        var found = FolderScan.Run(paths, terminal.In, workspace.Folder, cancel);
        var heads = models.Length > 0 ? workspace.Heads(models, space: null) : [];
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), heads, EncoderChoice.Of(parse, terminal));
        heads = heads.Count > 0 ? heads : workspace.Heads([], encoder.Space);
        Demand(heads, encoder, terminal);

        var vectors = workspace.Vectors(encoder);
        if (encoder is GistImageEncoder && vectors.Count() == 0)
        {
            terminal.Note("note: pictures are described by the built-in encoder 'gist', as no other is installed for these heads; "
                + "'taste models pull clip-vit-l-14' installs CLIP.");
        }

        var brought = new Embedder(workspace.Library, vectors, encoder, TimeProvider.System).Bring(found.Done, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        using var rows = vectors.Rows();
        var scores = ScoreSheet.Of(rows, heads, cancel);
        var place = Enumerable.Range(0, rows.Count).ToDictionary(rows.ImageId);
        var files = brought.Done.Where(b => place.ContainsKey(b.Image.Id)).ToList();
        var all = files.Select(b => new Scored(b.File.Path, Convert.ToHexStringLower(b.Image.ContentId), scores.Of(place[b.Image.Id])));
        return new(new(encoder.Name, heads, [.. all], [.. found.Failures, .. brought.Failures]), files, vectors);
    }

    /// <summary>What decides between files of which some are kept.</summary>
    /// <param name="head">By its place among the sheet's.</param>
    public IReadOnlyList<CuratedFile> Curated(Workspace workspace, int head)
    {
        var pixels = workspace.Library.Images([.. Files.Select(f => f.Image.Id).Distinct()]).OfType<StudioImage>().ToDictionary(i => i.Id, i => (long)i.Width * i.Height);
        return [.. Files.Zip(Sheet.All, (file, scored) => new CuratedFile(
            scored.Name, file.Image.Id, scored.ContentId!, scored.Scores[head].Raw, pixels[file.Image.Id], file.File.Size))];
    }

    /// <summary>Heads and encoder must belong together; a doubt is told, a mismatch refused with both names.</summary>
    public static void Demand(IReadOnlyList<ScoringHead> heads, IEncoder encoder, Terminal terminal)
    {
        if (heads.Count == 0)
        {
            throw new UserException($"no installed head takes the vectors of encoder '{encoder.Name}', space {encoder.Space}. "
                + "'taste models list' shows the heads; 'taste models pull asv2' installs one for clip-vit-l-14.");
        }

        foreach (var head in heads)
        {
            if (!head.Space.Accepts(encoder.Space, out var doubt, out var refusal))
            {
                throw new UserException($"head '{head.Name}' and encoder '{encoder.Name}' do not go together: {refusal}.");
            }

            if (doubt is not null && head == heads[0])
            {
                terminal.Note($"note: head '{head.Name}' with encoder '{encoder.Name}': {doubt}.");
            }
        }
    }
}
