using System.Text;

namespace Tastemaker.Native.DuckDb;

/// <summary>Runs statements, one at a time. A cancelled statement is interrupted and ends in an <see cref="OperationCanceledException"/>.</summary>
public sealed class DuckDbConnection : IDisposable
{
    private readonly DuckDbConnectionHandle _handle;

    internal DuckDbConnection(DuckDbConnectionHandle handle)
    {
        _handle = handle;
    }

    /// <summary>Runs a statement to its end.</summary>
    /// <param name="parameters">For each <c>?</c> a string, a number, or null.</param>
    /// <returns>How many rows it changed or wrote.</returns>
    /// <exception cref="DuckDbException">DuckDB refuses it.</exception>
    public long Run(string sql, CancellationToken cancel = default, params ReadOnlySpan<object?> parameters)
    {
        using var statement = Prepare(sql, parameters);
        using var result = Execute(statement, isStreamed: false, cancel);
        using var held = new Held(result);
        return Changed(held.Pointer);
    }

    /// <summary>
    /// Rows as they are computed; the connection runs nothing else until they are disposed. They come in order where the statement
    /// has one.
    /// </summary>
    /// <exception cref="DuckDbException">DuckDB refuses it.</exception>
    public DuckDbRows Query(string sql, CancellationToken cancel = default, params ReadOnlySpan<object?> parameters)
    {
        using var statement = Prepare(sql, parameters);
        return new DuckDbRows(Execute(statement, isStreamed: true, cancel), _handle, cancel);
    }

    /// <summary>Adds rows to a table of this database.</summary>
    /// <exception cref="DuckDbException">There is no such table.</exception>
    public DuckDbAppender Append(string table)
    {
        using var connection = new Held(_handle);
        var state = DuckDbApi.duckdb_appender_create(connection.Pointer, null, table, out var appender);
        var handle = new DuckDbAppenderHandle(appender, _handle);
        if (state == DuckDbApi.Success)
        {
            return new DuckDbAppender(handle);
        }

        using (handle)
        {
            throw DuckDbException.Of(DuckDbApi.duckdb_appender_error(appender));
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Interrupts what the connection does, for as long as the returned registration lives.</summary>
    internal static CancellationTokenRegistration Interrupting(DuckDbConnectionHandle handle, CancellationToken cancel) => cancel.Register(() =>
    {
        using var connection = new Held(handle);
        DuckDbApi.duckdb_interrupt(connection.Pointer);
    });

    private static unsafe long Changed(nint result) => (long)DuckDbApi.duckdb_rows_changed((DuckDbApi.Result*)result);

    private DuckDbStatementHandle Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        using var connection = new Held(_handle);
        var state = DuckDbApi.duckdb_prepare(connection.Pointer, sql, out var pointer);
        var statement = new DuckDbStatementHandle(pointer, _handle);
        try
        {
            if (state != DuckDbApi.Success)
            {
                throw DuckDbException.Of(DuckDbApi.duckdb_prepare_error(pointer));
            }

            for (var i = 0; i < parameters.Length; i++)
            {
                if (Bind(pointer, (ulong)i + 1, parameters[i]) != DuckDbApi.Success)
                {
                    throw DuckDbException.Of(DuckDbApi.duckdb_prepare_error(pointer));
                }
            }

            return statement;
        }
        catch
        {
            statement.Dispose();
            throw;
        }
    }

    private static unsafe int Bind(nint statement, ulong place, object? value)
    {
        switch (value)
        {
            case null:
                return DuckDbApi.duckdb_bind_null(statement, place);
            case int number:
                return DuckDbApi.duckdb_bind_int64(statement, place, number);
            case long number:
                return DuckDbApi.duckdb_bind_int64(statement, place, number);
            case double number:
                return DuckDbApi.duckdb_bind_double(statement, place, number);
            case string text:
                fixed (byte* bytes = Encoding.UTF8.GetBytes(text))
                {
                    return DuckDbApi.duckdb_bind_varchar_length(statement, place, bytes, (ulong)Encoding.UTF8.GetByteCount(text));
                }

            default:
                throw new ArgumentException($"a parameter is a string, a number or null, not a {value.GetType()}.", nameof(value));
        }
    }

    private unsafe DuckDbResultHandle Execute(DuckDbStatementHandle statement, bool isStreamed, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var result = new DuckDbResultHandle(statement);
        try
        {
            using var held = new Held(statement);
            using var into = new Held(result);
            var structure = (DuckDbApi.Result*)into.Pointer;
            using (Interrupting(_handle, cancel))
            {
                var state = isStreamed
                    ? DuckDbApi.duckdb_execute_prepared_streaming(held.Pointer, structure)
                    : DuckDbApi.duckdb_execute_prepared(held.Pointer, structure);
                if (state == DuckDbApi.Success)
                {
                    return result;
                }
            }

            cancel.ThrowIfCancellationRequested();
            throw DuckDbException.Of(DuckDbApi.duckdb_result_error(structure));
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }
}
