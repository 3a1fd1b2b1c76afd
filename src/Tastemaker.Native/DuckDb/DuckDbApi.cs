using System.Runtime.InteropServices;

namespace Tastemaker.Native.DuckDb;

/// <summary>The functions of duckdb.h that we call, by their C names. What a function releases, it sets to null.</summary>
internal static unsafe partial class DuckDbApi
{
    public const int Success = 0;

    private const string Library = "duckdb";

    static DuckDbApi() => NativeLibraries.Register();

    [LibraryImport(Library)]
    internal static partial void duckdb_free(nint memory);

    [LibraryImport(Library)]
    internal static partial int duckdb_create_config(out nint config);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_set_config(nint config, string name, string option);

    [LibraryImport(Library)]
    internal static partial void duckdb_destroy_config(ref nint config);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_open_ext(string path, out nint database, nint config, out nint error);

    [LibraryImport(Library)]
    internal static partial void duckdb_close(ref nint database);

    [LibraryImport(Library)]
    internal static partial int duckdb_connect(nint database, out nint connection);

    [LibraryImport(Library)]
    internal static partial void duckdb_disconnect(ref nint connection);

    [LibraryImport(Library)]
    internal static partial void duckdb_interrupt(nint connection);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_prepare(nint connection, string query, out nint statement);

    [LibraryImport(Library)]
    internal static partial nint duckdb_prepare_error(nint statement);

    [LibraryImport(Library)]
    internal static partial void duckdb_destroy_prepare(ref nint statement);

    [LibraryImport(Library)]
    internal static partial int duckdb_bind_null(nint statement, ulong place);

    [LibraryImport(Library)]
    internal static partial int duckdb_bind_int64(nint statement, ulong place, long value);

    [LibraryImport(Library)]
    internal static partial int duckdb_bind_double(nint statement, ulong place, double value);

    [LibraryImport(Library)]
    internal static partial int duckdb_bind_varchar_length(nint statement, ulong place, byte* text, ulong length);

    [LibraryImport(Library)]
    internal static partial int duckdb_execute_prepared(nint statement, Result* result);

    [LibraryImport(Library)]
    internal static partial int duckdb_execute_prepared_streaming(nint statement, Result* result);

    [LibraryImport(Library)]
    internal static partial void duckdb_destroy_result(Result* result);

    [LibraryImport(Library)]
    internal static partial nint duckdb_result_error(Result* result);

    [LibraryImport(Library)]
    internal static partial ulong duckdb_rows_changed(Result* result);

    [LibraryImport(Library)]
    internal static partial ulong duckdb_column_count(Result* result);

    [LibraryImport(Library)]
    internal static partial nint duckdb_column_name(Result* result, ulong column);

    [LibraryImport(Library)]
    internal static partial DuckDbType duckdb_column_type(Result* result, ulong column);

    [LibraryImport(Library)]
    internal static partial nint duckdb_fetch_chunk(Result result);

    [LibraryImport(Library)]
    internal static partial void duckdb_destroy_data_chunk(ref nint chunk);

    [LibraryImport(Library)]
    internal static partial ulong duckdb_data_chunk_get_size(nint chunk);

    [LibraryImport(Library)]
    internal static partial nint duckdb_data_chunk_get_vector(nint chunk, ulong column);

    [LibraryImport(Library)]
    internal static partial nint duckdb_vector_get_data(nint vector);

    [LibraryImport(Library)]
    internal static partial ulong* duckdb_vector_get_validity(nint vector);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_appender_create(nint connection, string? schema, string table, out nint appender);

    [LibraryImport(Library)]
    internal static partial nint duckdb_appender_error(nint appender);

    [LibraryImport(Library)]
    internal static partial int duckdb_appender_close(nint appender);

    [LibraryImport(Library)]
    internal static partial int duckdb_appender_destroy(ref nint appender);

    [LibraryImport(Library)]
    internal static partial int duckdb_appender_end_row(nint appender);

    [LibraryImport(Library)]
    internal static partial int duckdb_append_null(nint appender);

    [LibraryImport(Library)]
    internal static partial int duckdb_append_bool(nint appender, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial int duckdb_append_int64(nint appender, long value);

    [LibraryImport(Library)]
    internal static partial int duckdb_append_float(nint appender, float value);

    [LibraryImport(Library)]
    internal static partial int duckdb_append_double(nint appender, double value);

    [LibraryImport(Library)]
    internal static partial int duckdb_append_varchar_length(nint appender, byte* text, ulong length);

    /// <summary>duckdb_result: five fields that are no longer used, and a pointer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Result
    {
        public ulong Columns;
        public ulong Rows;
        public ulong Changed;
        public nint Data;
        public nint Error;
        public nint Internal;
    }
}

/// <summary>The types of duckdb.h whose values can be read here; the others are cast in SQL.</summary>
internal enum DuckDbType
{
    Boolean = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    UInt8 = 6,
    UInt16 = 7,
    UInt32 = 8,
    UInt64 = 9,
    Float = 10,
    Double = 11,
    Text = 17,
    Blob = 18,
}
