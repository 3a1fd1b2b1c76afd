using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>
/// Changes stretches of the user's files, and makes small new ones beside them. Every change is written down before it happens, so that
/// <see cref="Curator.UndoLast"/> restores the bytes; a kill at any moment leaves the old file or the new.
/// </summary>
public sealed class FileEditor(StudioDatabase database)
{
    // Edits are written down this many at a time, which is also what a kill can leave half done.
    private const int Chunk = 64;

    private readonly EditJournal _journal = new(database);

    /// <summary>Plans and makes the edits, all of one batch. A file that cannot be edited is named and left as it is.</summary>
    /// <returns>Which files changed and which say it already.</returns>
    public EditResult Edit(IReadOnlyList<PlannedEdit> edits, IProgress<Progress>? progress = null, CancellationToken cancel = default)
    {
        var result = new EditResult();
        long batch = 0;
        for (var start = 0; start < edits.Count; start += Chunk)
        {
            var drafts = new List<FileEdit>();
            foreach (var edit in edits.Skip(start).Take(Chunk))
            {
                result.Attempt(edit.Path, () =>
                {
                    cancel.ThrowIfCancellationRequested();
                    if (FileEdit.Draft(RealPath.Of(Path.GetFullPath(edit.Path)), edit.Plan, cancel) is { } draft)
                    {
                        drafts.Add(draft);
                    }
                    else
                    {
                        result.AddUnchanged(edit.Path);
                    }
                });
            }

            if (drafts.Count > 0)
            {
                batch = batch == 0 ? _journal.NewBatch() : batch;
                Make(_journal.Plan(batch, drafts), result, cancel);
            }

            progress?.Report(new("writing", Math.Min(start + Chunk, edits.Count), edits.Count));
        }

        return result;
    }

    private void Make(IReadOnlyList<JournalledEdit> edits, EditResult result, CancellationToken cancel)
    {
        var done = new List<JournalledEdit>();
        try
        {
            foreach (var edit in edits)
            {
                cancel.ThrowIfCancellationRequested();
                result.Attempt(edit.Edit.Path, () =>
                {
                    edit.Edit.Make(edit.Aside, cancel);
                    done.Add(edit);
                    result.AddChanged(edit.Edit.Path);
                });
            }
        }
        finally
        {
            _journal.Close(done, edits.ExceptBy(done.Select(d => d.Id), e => e.Id));
        }
    }
}

/// <param name="Path">The file, or where one is to be made.</param>
/// <param name="Plan">Given the file as it is, empty where there is none: what becomes of it, in rising order of offsets; nothing where it is as wanted.</param>
public sealed record PlannedEdit(string Path, Func<Stream, IReadOnlyList<Splice>> Plan);

/// <summary>What became of edits.</summary>
public sealed class EditResult
{
    private readonly List<string> _changed = [];
    private readonly List<string> _unchanged = [];
    private readonly List<Failure> _failures = [];

    public IReadOnlyList<string> Changed => _changed;

    /// <summary>Files that were as wanted.</summary>
    public IReadOnlyList<string> Unchanged => _unchanged;

    public IReadOnlyList<Failure> Failures => _failures;

    internal void AddChanged(string path) => _changed.Add(path);

    internal void AddUnchanged(string path) => _unchanged.Add(path);

    internal void Attempt(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ImageException or CurationException)
        {
            _failures.Add(new(path, e.Message));
        }
    }
}
