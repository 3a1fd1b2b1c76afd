using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native.DuckDb;

/// <summary>An object of DuckDB, released once, and before the one that it came from.</summary>
internal abstract class DuckDbHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly HeldAll? _kept;

    protected DuckDbHandle(nint pointer, DuckDbHandle? keeps)
        : base(ownsHandle: true)
    {
        _kept = keeps is null ? null : new HeldAll([keeps]);
        SetHandle(pointer);
        LiveHandles.Opened();
    }

    protected abstract void Release(ref nint pointer);

    protected sealed override bool ReleaseHandle()
    {
        var pointer = handle;
        Release(ref pointer);
        _kept?.Dispose();
        LiveHandles.Closed();
        return true;
    }
}

internal sealed class DuckDbDatabaseHandle(nint pointer) : DuckDbHandle(pointer, keeps: null)
{
    protected override void Release(ref nint pointer) => DuckDbApi.duckdb_close(ref pointer);
}

internal sealed class DuckDbConnectionHandle(nint pointer, DuckDbDatabaseHandle database) : DuckDbHandle(pointer, database)
{
    protected override void Release(ref nint pointer) => DuckDbApi.duckdb_disconnect(ref pointer);
}

internal sealed class DuckDbStatementHandle(nint pointer, DuckDbConnectionHandle connection) : DuckDbHandle(pointer, connection)
{
    protected override void Release(ref nint pointer) => DuckDbApi.duckdb_destroy_prepare(ref pointer);
}

internal sealed class DuckDbChunkHandle(nint pointer) : DuckDbHandle(pointer, keeps: null)
{
    protected override void Release(ref nint pointer) => DuckDbApi.duckdb_destroy_data_chunk(ref pointer);
}

internal sealed class DuckDbAppenderHandle(nint pointer, DuckDbConnectionHandle connection) : DuckDbHandle(pointer, connection)
{
    protected override void Release(ref nint pointer) => _ = DuckDbApi.duckdb_appender_destroy(ref pointer);
}

/// <summary>A result is a structure that the caller provides: it lies in memory of ours.</summary>
internal sealed unsafe class DuckDbResultHandle(DuckDbStatementHandle statement)
    : DuckDbHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(DuckDbApi.Result)), statement)
{
    protected override void Release(ref nint pointer)
    {
        DuckDbApi.duckdb_destroy_result((DuckDbApi.Result*)pointer);
        NativeMemory.Free((void*)pointer);
    }
}
