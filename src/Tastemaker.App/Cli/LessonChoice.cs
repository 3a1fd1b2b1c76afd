using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Judging.Exchange;
using Tastemaker.Core.Library;

namespace Tastemaker.App.Cli;

/// <summary>The judgements that a head is trained on or tried with: a taste's log, or a file.</summary>
internal static class LessonChoice
{
    /// <exception cref="UserException">The taste has no judgements.</exception>
    public static (Lessons Lessons, JudgementSource Source, int Failed) OfLog(Workspace workspace, string taste, IEncoder encoder, VectorStore vectors, Terminal terminal)
    {
        var log = new JudgementLog(workspace.Database).Since(taste, 0);
        var standing = log.Standing();
        if (standing.Count == 0)
        {
            throw new UserException($"taste '{taste}' has no judgements. Make some with 'taste serve --open'.");
        }

        return (Noted(Lessons.Of(standing, vectors), standing.Count, encoder, terminal), new(taste, log.Last, File: null), 0);
    }

    /// <summary>A file in any form that can be imported; the log does not change. Images that the studio lacks enter it, with their vectors.</summary>
    /// <param name="isAsked">Whether heads are tried on all of its choices, instead of trained on them.</param>
    /// <exception cref="UserException">The file states nothing about images that are there.</exception>
    public static (Lessons Lessons, JudgementSource Source, int Failed) OfFile(
        Workspace workspace, string taste, string file, bool isAsked, IEncoder encoder, VectorStore vectors, Terminal terminal, CancellationToken cancel)
    {
        var import = new JudgementImport(new(workspace.Database), workspace.Library);
        var read = import.Read(file, new(taste, TasteName.DefaultRater), Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        var failed = Reporting.Failures(terminal, read.Failures);
        if (read.Done.Count == 0)
        {
            throw new UserException($"'{file}' holds no judgement of an image that is there. 'taste judgements import --help' says what can be read.");
        }

        failed += Embed(workspace, read.Done, encoder, vectors, terminal, cancel);
        var lessons = isAsked ? Lessons.Asked(read.Done, vectors) : Lessons.Of(read.Done, vectors);
        return (Noted(lessons, read.Done.Count, encoder, terminal), new(taste, LogRow: null, Path.GetFileName(Path.TrimEndingDirectorySeparator(file))), failed);
    }

    /// <summary>Returns how many of the images could not be read.</summary>
    private static int Embed(Workspace workspace, IReadOnlyList<Judgement> judgements, IEncoder encoder, VectorStore vectors, Terminal terminal, CancellationToken cancel)
    {
        long[] images = [.. judgements.SelectMany(j => new[] { j.Verdict.Image, j.Verdict.Other ?? j.Verdict.Image }).Distinct()];
        long[] without = [.. images.Zip(vectors.Read(images)).Where(pair => pair.Second is null).Select(pair => pair.First)];
        var paths = workspace.Library.Paths(without);
        List<FoundFile> files = [.. without.Select(image => paths[image].Select(FoundFile.At).FirstOrDefault(found => found is not null)).OfType<FoundFile>()];
        if (files.Count == 0)
        {
            return 0;
        }

        var brought = new Embedder(workspace.Library, vectors, encoder, TimeProvider.System).Bring(files, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        return Reporting.Failures(terminal, brought.Failures);
    }

    private static Lessons Noted(Lessons lessons, int judgements, IEncoder encoder, Terminal terminal)
    {
        if (lessons.WithoutFeatures > 0)
        {
            terminal.Note($"note: {lessons.WithoutFeatures} of {judgements} judgements are on images without vectors of encoder '{encoder.Name}'; "
                + "'taste embed' makes them.");
        }

        return lessons;
    }
}
