using System.Text;

namespace Tastemaker.Native.DuckDb;

/// <summary>Adds rows to a table, value after value. Rows count once <see cref="Close"/> returns.</summary>
public sealed unsafe class DuckDbAppender : IDisposable
{
    private readonly DuckDbAppenderHandle _handle;

    internal DuckDbAppender(DuckDbAppenderHandle handle)
    {
        _handle = handle;
    }

    private nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _handle.DangerousGetHandle();
        }
    }

    public void Add(ReadOnlySpan<byte> utf8)
    {
        fixed (byte* text = utf8)
        {
            byte none;
            Demand(DuckDbApi.duckdb_append_varchar_length(Pointer, text is null ? &none : text, (ulong)utf8.Length));
        }
    }

    public void Add(string? text)
    {
        if (text is null)
        {
            Null();
        }
        else
        {
            Add(Encoding.UTF8.GetBytes(text));
        }
    }

    public void Add(long? value) => Demand(value is { } number ? DuckDbApi.duckdb_append_int64(Pointer, number) : DuckDbApi.duckdb_append_null(Pointer));

    public void Add(double? value) => Demand(value is { } number ? DuckDbApi.duckdb_append_double(Pointer, number) : DuckDbApi.duckdb_append_null(Pointer));

    public void Add(float value) => Demand(DuckDbApi.duckdb_append_float(Pointer, value));

    public void Add(bool value) => Demand(DuckDbApi.duckdb_append_bool(Pointer, value));

    public void Null() => Demand(DuckDbApi.duckdb_append_null(Pointer));

    public void EndRow() => Demand(DuckDbApi.duckdb_appender_end_row(Pointer));

    /// <exception cref="DuckDbException">The rows do not fit the table, or there is no room for them.</exception>
    public void Close() => Demand(DuckDbApi.duckdb_appender_close(Pointer));

    public void Dispose() => _handle.Dispose();

    private void Demand(int state)
    {
        if (state != DuckDbApi.Success)
        {
            throw DuckDbException.Of(DuckDbApi.duckdb_appender_error(Pointer));
        }
    }
}
