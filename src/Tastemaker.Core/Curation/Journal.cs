using Tastemaker.Core.Library;

namespace Tastemaker.Core.Curation;

/// <summary>What is done to the user's files, written down before it happens, so that a kill at any moment can be undone.</summary>
internal sealed class Journal(StudioDatabase database)
{
    public long NewBatch() => database.Write(JournalQueries.NewBatch);

    /// <summary>Writes down what is about to be done; returns the operations with their numbers.</summary>
    public IReadOnlyList<Operation> Plan(long batch, PlaceKind kind, IReadOnlyList<Step> steps) => database.Write(db =>
        steps.Select(step => new Operation(JournalQueries.Plan(db, batch, kind, step, database.Now), batch, kind, step, IsDone: false)).ToList());

    /// <summary>Notes what was done, and that the rest of the plan was not. The library follows the files.</summary>
    public void Close(IReadOnlyList<Operation> done, IEnumerable<Operation> notDone) => database.Write(db =>
    {
        foreach (var operation in done)
        {
            JournalQueries.SetDone(db, operation, database.Now);
            JournalQueries.Follow(db, operation, database.Now);
        }

        foreach (var operation in notDone)
        {
            JournalQueries.SetUndone(db, operation.Id, database.Now);
        }

        return 0;
    });

    /// <summary>The last batch of which something stands, whether files were placed or edited; 0 for none.</summary>
    public long LastBatch() => database.Read(JournalQueries.LastBatch);

    /// <summary>What stands of a batch, the last operation first.</summary>
    public IReadOnlyList<Operation> Batch(long batch) => database.Read(db => JournalQueries.Batch(db, batch));

    public void SetUndone(Operation operation) => database.Write(db =>
    {
        JournalQueries.Unfollow(db, operation);
        JournalQueries.SetUndone(db, operation.Id, database.Now);
        return 0;
    });
}

/// <summary>One file's way.</summary>
/// <param name="Placed">The file as it was before, and from when it is done as it then is.</param>
internal sealed record Step(string From, string To, FoundFile Placed);

internal sealed record Operation(long Id, long Batch, PlaceKind Kind, Step Step, bool IsDone)
{
    /// <summary>What a copy is called while it is a part; undo finds it by this name after a kill.</summary>
    public string Aside => Path.Combine(Path.GetDirectoryName(Step.To)!, $".taste-{Batch}-{Id}.part");
}
