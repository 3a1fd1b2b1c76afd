using System.Globalization;
using Microsoft.Data.Sqlite;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Library;

/// <summary>
/// The studio's one SQLite file, <c>studio.db</c>: any number of processes may have it open, each through one connection
/// that its threads take in turns.
/// </summary>
/// <remarks>
/// <c>synchronous = full</c>, because judgements are never lost: with <c>normal</c> a power loss can take the last committed
/// transactions. Commits of large work are few, so the flush does not show.
/// </remarks>
public sealed class StudioDatabase : IDisposable
{
    private const int NotADatabase = 26;
    private const int Corrupt = 11;
    private const int CannotOpen = 14;
    private const int ReadOnly = 8;
    private const int Full = 13;
    private const int Busy = 5;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _clock;
    private readonly Lock _turn = new();

    private StudioDatabase(string path, SqliteConnection connection, TimeProvider clock)
    {
        Path = path;
        _connection = connection;
        _clock = clock;
    }

    public string Path { get; }

    /// <summary>Opens the studio's database, making it and its folder where they are missing and bringing an older one up to date.</summary>
    /// <exception cref="LibraryException">It is damaged, another program's, of a later version, or cannot be written.</exception>
    /// <exception cref="SqliteMissingException">The system has no SQLite that serves.</exception>
    public static StudioDatabase Open(StudioFolder studio, TimeProvider clock)
    {
        MakeFolder(studio);
        SqliteConnection? connection = null;
        try
        {
            connection = Sqlite.Open(studio.Database);
            connection.Run("pragma journal_mode = wal");
            connection.Run("pragma synchronous = full");
            connection.Run("pragma recursive_triggers = on"); // Else a row that 'insert or replace' removes passes the triggers by.
            Migrations.Apply(connection, studio.Database);
            return new(studio.Database, connection, clock);
        }
        catch (Exception e)
        {
            connection?.Dispose();
            if (e is SqliteException fault)
            {
                throw Explain(fault, studio.Database);
            }

            throw;
        }
    }

    /// <summary>What <c>quick_check</c> finds wrong with the file; empty when it is sound.</summary>
    public IReadOnlyList<string> Check()
    {
        try
        {
            return Read(db => db.Rows("pragma quick_check", row => row.GetString(0)).Where(line => line != "ok").ToList());
        }
        catch (LibraryException e)
        {
            return [e.Message];
        }
    }

    public void Dispose()
    {
        lock (_turn)
        {
            _connection.Dispose();
        }
    }

    /// <summary>The time as the studio writes it: UTC, ISO 8601, to the millisecond.</summary>
    internal string Now => _clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Runs statements that change nothing, on one state of the database.</summary>
    internal T Read<T>(Func<SqliteConnection, T> work) => InTurn(work, deferred: true);

    /// <summary>Runs statements in one transaction, alone among all processes: all of them happen, or none.</summary>
    internal T Write<T>(Func<SqliteConnection, T> work) => InTurn(work, deferred: false);

    private T InTurn<T>(Func<SqliteConnection, T> work, bool deferred)
    {
        lock (_turn)
        {
            try
            {
                using var transaction = _connection.BeginTransaction(deferred);
                var result = work(_connection);
                transaction.Commit();
                return result;
            }
            catch (SqliteException e)
            {
                throw Explain(e, Path);
            }
        }
    }

    private static void MakeFolder(StudioFolder studio)
    {
        try
        {
            Directory.CreateDirectory(studio.Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LibraryException($"the studio '{studio.Root}' cannot be made: {e.Message} Name another folder with '--studio'.", e);
        }
    }

    private static LibraryException Explain(SqliteException fault, string path)
    {
        var what = fault.SqliteErrorCode switch
        {
            NotADatabase or Corrupt => $"'{path}' is damaged ({fault.Message.TrimEnd('.')}). {HowToRestore(path)}",
            CannotOpen => $"'{path}' cannot be opened. Is it a file that you may read and write, in a folder that you may write?",
            ReadOnly => $"'{path}' cannot be written. Give yourself the right to, or name another folder with '--studio'.",
            Full => $"the disk that holds '{path}' is full. Free some space; nothing that was kept is lost.",
            Busy => $"'{path}' has been in use by another process for 30 s. Try again when that one is done.",
            _ => $"'{path}': {fault.Message}",
        };
        return new(what, fault);
    }

    private static string HowToRestore(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var backup = Directory.EnumerateFiles(folder, $"{System.IO.Path.GetFileName(path)}.*.backup").Max(StringComparer.Ordinal);
        return backup is null
            ? "Move it away together with its '-wal' and '-shm' files: the next run starts a new one."
            : $"Move it away together with its '-wal' and '-shm' files and put the backup '{backup}' in its place.";
    }
}
