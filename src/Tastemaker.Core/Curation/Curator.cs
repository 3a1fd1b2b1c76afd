using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>
/// Copies, moves or links files to their places, and takes the last batch of that back. Nothing is ever overwritten;
/// doing the same again does nothing.
/// </summary>
public sealed class Curator(StudioDatabase database)
{
    // Operations are written down this many at a time, which is also what a kill can leave half done.
    private const int Chunk = 64;

    private readonly Journal _journal = new(database);
    private readonly EditJournal _edits = new(database);

    /// <summary>Places files as planned. A name that is taken by another content gets <c> (2)</c>, <c> (3)</c> and so on.</summary>
    public CurationResult Place(PlaceKind kind, IReadOnlyList<PlannedFile> plan, IProgress<Progress>? progress = null, CancellationToken cancel = default)
    {
        var result = new CurationResult();
        var free = new FreeNames(cancel);
        long batch = 0;
        for (var start = 0; start < plan.Count; start += Chunk)
        {
            var steps = new List<Step>();
            foreach (var planned in plan.Skip(start).Take(Chunk))
            {
                Attempt(planned.From, result, () => Prepare(kind, planned, free, steps, result));
            }

            if (steps.Count > 0)
            {
                batch = batch == 0 ? _journal.NewBatch() : batch;
                Perform(_journal.Plan(batch, kind, steps), result, cancel);
            }

            free.Settle();
            progress?.Report(new("placing files", Math.Min(start + Chunk, plan.Count), plan.Count));
        }

        return result;
    }

    /// <summary>
    /// Takes back the last batch that has not been: moved files return, copies and links are removed where nothing is lost by it, edited
    /// files get their bytes back. What cannot be taken back is named, and stays for another try.
    /// </summary>
    public CurationResult UndoLast(IProgress<Progress>? progress = null, CancellationToken cancel = default)
    {
        var result = new CurationResult();
        var batch = _journal.LastBatch();
        var (operations, edits) = (_journal.Batch(batch), _edits.Batch(batch));
        var done = 0;
        foreach (var edit in edits)
        {
            Attempt(edit.Edit.Path, result, () =>
            {
                cancel.ThrowIfCancellationRequested();
                var edited = FoundFile.At(edit.Edit.Path);
                edit.Edit.TakeBack(edit.Aside, cancel);
                _edits.SetUndone(edit, edited);
                result.AddRestored(edit.Edit.Path);
            });
            progress?.Report(new("undoing", ++done, operations.Count + edits.Count));
        }

        foreach (var operation in operations)
        {
            Attempt(operation.Step.To, result, () =>
            {
                cancel.ThrowIfCancellationRequested();
                Reversal.Of(operation, cancel);
                Trash.Forget(operation.Step.To);
                _journal.SetUndone(operation);
                result.Add(new PlacedFile(operation.Step.To, operation.Step.From, null));
            });
            progress?.Report(new("undoing", ++done, operations.Count + edits.Count));
        }

        return result;
    }

    private static void Prepare(PlaceKind kind, PlannedFile planned, FreeNames free, List<Step> steps, CurationResult result)
    {
        var from = Path.GetFullPath(planned.From);
        var file = FoundFile.At(from) ?? throw new FileNotFoundException("it does not exist.");
        if (new FileInfo(from).LinkTarget is not null)
        {
            from = kind == PlaceKind.Move
                ? throw new IOException("it is a symbolic link. Move the file that it points to, or copy it.")
                : RealPath.Of(from);
        }

        var to = free.For(from, planned.Folder, planned.Name, out var isThere);
        if (isThere)
        {
            result.AddAlreadyThere(new(from, to, null));
            return;
        }

        Directory.CreateDirectory(planned.Folder);
        steps.Add(new(from, to, file));
    }

    private void Perform(IReadOnlyList<Operation> operations, CurationResult result, CancellationToken cancel)
    {
        var done = new List<Operation>();
        try
        {
            foreach (var operation in operations)
            {
                cancel.ThrowIfCancellationRequested();
                Attempt(operation.Step.From, result, () =>
                {
                    var note = Perform(operation, cancel);
                    var placed = FoundFile.At(operation.Step.To) ?? operation.Step.Placed;
                    done.Add(operation with { Step = operation.Step with { Placed = placed } });
                    result.Add(new PlacedFile(operation.Step.From, operation.Step.To, note));
                });
            }
        }
        finally
        {
            _journal.Close(done, operations.ExceptBy(done.Select(d => d.Id), o => o.Id));
        }
    }

    private static string? Perform(Operation operation, CancellationToken cancel)
    {
        switch (operation.Kind)
        {
            case PlaceKind.Copy:
                FilePlacing.Copy(operation.Step.From, operation.Step.To, operation.Aside, cancel);
                return null;
            case PlaceKind.Move:
                FilePlacing.Move(operation.Step.From, operation.Step.To, operation.Aside, cancel);
                return null;
            default:
                return FilePlacing.Link(operation.Step.From, operation.Step.To);
        }
    }

    private static void Attempt(string path, CurationResult result, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            result.Add(new Failure(path, e.Message));
        }
    }
}
