using System.Runtime.InteropServices;
using System.Text;

namespace Tastemaker.Native.DuckDb;

/// <summary>A result, row by row. Texts point into DuckDB's memory until the next <see cref="Read"/>.</summary>
public sealed unsafe class DuckDbRows : IDisposable
{
    private readonly DuckDbResultHandle _result;
    private readonly DuckDbConnectionHandle _connection;
    private readonly CancellationToken _cancel;
    private readonly DuckDbType[] _types;
    private readonly nint[] _data;
    private readonly nint[] _validity;
    private DuckDbChunkHandle? _chunk;
    private int _row;
    private int _rows;
    private bool _isAtEnd;

    internal DuckDbRows(DuckDbResultHandle result, DuckDbConnectionHandle connection, CancellationToken cancel)
    {
        (_result, _connection, _cancel) = (result, connection, cancel);
        using var held = new Held(result);
        var structure = (DuckDbApi.Result*)held.Pointer;
        var count = (int)DuckDbApi.duckdb_column_count(structure);
        var names = new string[count];
        (_types, _data, _validity) = (new DuckDbType[count], new nint[count], new nint[count]);
        for (var i = 0; i < count; i++)
        {
            names[i] = Marshal.PtrToStringUTF8(DuckDbApi.duckdb_column_name(structure, (ulong)i)) ?? "";
            _types[i] = DuckDbApi.duckdb_column_type(structure, (ulong)i);
        }

        Names = names;
    }

    /// <summary>Of the columns.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Goes on to the next row; false after the last.</summary>
    /// <exception cref="DuckDbException">The statement fails while it runs.</exception>
    public bool Read()
    {
        while (++_row >= _rows)
        {
            if (!Fetch())
            {
                return false;
            }
        }

        return true;
    }

    public bool IsNull(int column)
    {
        Demand();
        var validity = (ulong*)_validity[column];
        return validity is not null && (validity[_row >> 6] >> (_row & 63) & 1) == 0;
    }

    public bool Bool(int column) => Value<bool>(column, DuckDbType.Boolean);

    /// <summary>Of a column of integers of any width.</summary>
    public long Int64(int column) => _types[column] switch
    {
        DuckDbType.Int8 => Value<sbyte>(column, DuckDbType.Int8),
        DuckDbType.Int16 => Value<short>(column, DuckDbType.Int16),
        DuckDbType.Int32 => Value<int>(column, DuckDbType.Int32),
        DuckDbType.Int64 => Value<long>(column, DuckDbType.Int64),
        DuckDbType.UInt8 => Value<byte>(column, DuckDbType.UInt8),
        DuckDbType.UInt16 => Value<ushort>(column, DuckDbType.UInt16),
        DuckDbType.UInt32 => Value<uint>(column, DuckDbType.UInt32),
        _ => checked((long)Value<ulong>(column, DuckDbType.UInt64)),
    };

    /// <summary>Of a column of floating-point numbers.</summary>
    public double Double(int column) =>
        _types[column] == DuckDbType.Float ? Value<float>(column, DuckDbType.Float) : Value<double>(column, DuckDbType.Double);

    /// <summary>Of a column of text or bytes.</summary>
    public ReadOnlySpan<byte> Utf8(int column)
    {
        const int Inlined = 12, Size = 16;
        Demand();
        if (_types[column] is not (DuckDbType.Text or DuckDbType.Blob))
        {
            throw WrongType(column);
        }

        // duckdb_string_t: the length, then either up to 12 bytes, or four of them and a pointer to all.
        var text = (byte*)_data[column] + ((nint)_row * Size);
        var length = *(int*)text;
        return new ReadOnlySpan<byte>(length <= Inlined ? text + 4 : *(byte**)(text + 8), length);
    }

    /// <summary>Of a column of text.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(Utf8(column));

    public void Dispose()
    {
        _chunk?.Dispose();
        _chunk = null;
        _rows = 0;
        _result.Dispose();
    }

    private T Value<T>(int column, DuckDbType type)
        where T : unmanaged
    {
        Demand();
        return _types[column] == type ? ((T*)_data[column])[_row] : throw WrongType(column);
    }

    private void Demand()
    {
        if ((uint)_row >= (uint)_rows)
        {
            throw new InvalidOperationException("there is no row to read from.");
        }
    }

    private ArgumentException WrongType(int column) =>
        new($"column '{Names[column]}' is of type {_types[column]}; cast it in the statement.", nameof(column));

    /// <summary>Stands before the first row of the next chunk, which may have none.</summary>
    private bool Fetch()
    {
        _cancel.ThrowIfCancellationRequested();
        _chunk?.Dispose();
        (_chunk, _row, _rows) = (null, -1, 0);
        if (_isAtEnd)
        {
            return false;
        }

        using var held = new Held(_result);
        using (DuckDbConnection.Interrupting(_connection, _cancel))
        {
            var chunk = DuckDbApi.duckdb_fetch_chunk(*(DuckDbApi.Result*)held.Pointer);
            _chunk = chunk == 0 ? null : new DuckDbChunkHandle(chunk);
        }

        if (_chunk is null)
        {
            _cancel.ThrowIfCancellationRequested();
            _isAtEnd = true;
            var error = DuckDbApi.duckdb_result_error((DuckDbApi.Result*)held.Pointer);
            return error != 0 && *(byte*)error != 0 ? throw DuckDbException.Of(error) : false;
        }

        var pointer = _chunk.DangerousGetHandle();
        _rows = (int)DuckDbApi.duckdb_data_chunk_get_size(pointer);
        for (var i = 0; i < _data.Length; i++)
        {
            var vector = DuckDbApi.duckdb_data_chunk_get_vector(pointer, (ulong)i);
            _data[i] = DuckDbApi.duckdb_vector_get_data(vector);
            _validity[i] = (nint)DuckDbApi.duckdb_vector_get_validity(vector);
        }

        return true;
    }
}
