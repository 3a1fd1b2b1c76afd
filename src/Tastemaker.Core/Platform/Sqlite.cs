using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tastemaker.Core.Platform;

/// <summary>Opens SQLite files through the system's own library, which the system keeps patched.</summary>
public static class Sqlite
{
    /// <summary>The first with strict tables.</summary>
    internal static readonly Version Oldest = new(3, 37, 0);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Lazy<(Version Version, string Name)> Library = new(Load);

    /// <summary>Of the library that is used, for the doctor.</summary>
    /// <exception cref="SqliteMissingException">There is none, or it is too old.</exception>
    public static Version Version => Library.Value.Version;

    /// <summary>The name under which the library was found.</summary>
    /// <exception cref="SqliteMissingException">There is none, or it is too old.</exception>
    public static string LibraryName => Library.Value.Name;

    /// <summary>Opens or creates a file, with foreign keys on and 30 s of patience with other processes.</summary>
    /// <exception cref="SqliteMissingException">There is no SQLite here, or it is too old.</exception>
    internal static SqliteConnection Open(string path, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate)
    {
        _ = Library.Value;
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            ForeignKeys = true,
            Pooling = false, // A closed file is closed: it can be moved, deleted and replaced.
            DefaultTimeout = (int)Patience.TotalSeconds,
        };
        var db = new SqliteConnection(settings.ToString());
        try
        {
            db.Open();
            _ = raw.sqlite3_busy_timeout(db.Handle, (int)Patience.TotalMilliseconds);
            return db;
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }

    private static (Version, string) Load()
    {
        var (handle, name) = Find();
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (_, _, _) => handle);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        var number = raw.sqlite3_libversion_number(); // 3040001 is 3.40.1
        var version = new Version(number / 1_000_000, number / 1000 % 1000, number % 1000);
        return version >= Oldest
            ? (version, name)
            : throw new SqliteMissingException($"SQLite {Oldest} or later is needed; '{name}' is {version}. {WhatToDo}");
    }

    private static (nint Handle, string Name) Find()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Sqlite).Assembly, null, out var handle))
            {
                return (handle, name);
            }
        }

        throw new SqliteMissingException($"SQLite {Oldest} or later is needed and was not found (looked for {string.Join(", ", Names.Select(n => $"'{n}'"))}). {WhatToDo}");
    }

    // A sqlite3.dll that someone put beside the program comes before Windows' own, which is old on Windows 10.
    private static string[] Names =>
        OperatingSystem.IsWindows() ? ["sqlite3.dll", "winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib", "/usr/lib/libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    private static string WhatToDo =>
        OperatingSystem.IsWindows() ? "Put the sqlite3.dll of https://sqlite.org/download.html beside 'taste.exe'."
        : OperatingSystem.IsMacOS() ? "Update macOS to 13 or later, or: brew install sqlite."
        : "On Debian and Ubuntu: apt install libsqlite3-0. On Fedora: dnf install sqlite-libs. On Alpine: apk add sqlite-libs.";
}

/// <summary>The system has no SQLite library that serves; the message says what to do.</summary>
public sealed class SqliteMissingException(string message) : Exception(message);
