using System.Globalization;

namespace Tastemaker.Native.DuckDb;

/// <summary>What a database may use.</summary>
public sealed record DuckDbOptions
{
    /// <summary>In bytes. What does not fit goes to <see cref="TempFolder"/>.</summary>
    public long MemoryLimit { get; init; } = 1L << 30;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Made when it is needed, and emptied when the database closes.</summary>
    public required string TempFolder { get; init; }

    /// <summary>The only files that statements can read and write, by their full paths.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}

/// <summary>
/// A DuckDB database in memory, for statements over files. It installs and loads no extension, reaches no network, and touches no
/// file but those that were named; no statement can change that.
/// </summary>
public sealed class DuckDbDatabase : IDisposable
{
    private readonly DuckDbDatabaseHandle _handle;

    private DuckDbDatabase(DuckDbDatabaseHandle handle)
    {
        _handle = handle;
    }

    /// <exception cref="NativeLibraryException">DuckDB is missing or too old.</exception>
    /// <exception cref="DuckDbException">It does not accept the options.</exception>
    public static DuckDbDatabase OpenInMemory(DuckDbOptions options)
    {
        var database = new DuckDbDatabase(Open(
        [
            ("threads", options.Threads.ToString(CultureInfo.InvariantCulture)),
            ("memory_limit", string.Create(CultureInfo.InvariantCulture, $"{options.MemoryLimit}B")),
            ("temp_directory", options.TempFolder),
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("preserve_insertion_order", "true"),
        ]));
        try
        {
            using var connection = database.Connect();
            connection.Run($"set allowed_paths = [{string.Join(", ", options.Files.Select(DuckDbText.Literal))}]");
            connection.Run("set enable_external_access = false");
            connection.Run("set lock_configuration = true");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Another way in; each is used by one thread at a time.</summary>
    public DuckDbConnection Connect()
    {
        using var database = new Held(_handle);
        return DuckDbApi.duckdb_connect(database.Pointer, out var connection) == DuckDbApi.Success
            ? new(new DuckDbConnectionHandle(connection, _handle))
            : throw new DuckDbException("the database in memory does not answer.");
    }

    /// <summary>Connections that are still open keep the database until they are closed.</summary>
    public void Dispose() => _handle.Dispose();

    private static DuckDbDatabaseHandle Open(IEnumerable<(string Name, string Value)> settings)
    {
        _ = DuckDbApi.duckdb_create_config(out var config);
        try
        {
            foreach (var (name, value) in settings)
            {
                if (DuckDbApi.duckdb_set_config(config, name, value) != DuckDbApi.Success)
                {
                    throw new DuckDbException($"DuckDB does not take '{value}' for {name}.");
                }
            }

            if (DuckDbApi.duckdb_open_ext(":memory:", out var database, config, out var error) == DuckDbApi.Success)
            {
                return new DuckDbDatabaseHandle(database);
            }

            var refused = DuckDbException.Of(error);
            DuckDbApi.duckdb_free(error);
            throw refused;
        }
        finally
        {
            DuckDbApi.duckdb_destroy_config(ref config);
        }
    }
}

/// <summary>Text in statements, where DuckDB takes no parameter.</summary>
public static class DuckDbText
{
    /// <summary>A string of SQL.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name of SQL, such as a column's.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
