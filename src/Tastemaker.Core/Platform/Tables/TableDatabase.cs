using Tastemaker.Native.DuckDb;

namespace Tastemaker.Core.Platform.Tables;

/// <summary>Where statements over tables run: in bounded memory, with the given files and no others.</summary>
internal sealed class TableDatabase : IDisposable
{
    private static int _scratches;

    private readonly DuckDbDatabase _database;

    private TableDatabase(DuckDbDatabase database)
    {
        _database = database;
    }

    /// <param name="files">What statements may read and write.</param>
    /// <param name="scratch">Folder in which a folder of ours takes what memory does not hold; it goes with the database.</param>
    public static TableDatabase Open(IEnumerable<string> files, string? scratch = null, int? threads = null) => new(DuckDbDatabase.OpenInMemory(new()
    {
        Files = [.. files.Select(Path.GetFullPath)],
        Threads = threads ?? Environment.ProcessorCount,
        TempFolder = Path.Combine(Path.GetFullPath(scratch ?? Path.GetTempPath()), $".taste-{Environment.ProcessId}-{Interlocked.Increment(ref _scratches)}.tmp"),
    }));

    public DuckDbConnection Connect() => _database.Connect();

    public void Dispose() => _database.Dispose();
}
