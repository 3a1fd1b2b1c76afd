using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native;

/// <summary>
/// A file's bytes as read-only memory, of any length, 0 included; the system loads its pages as they are touched.
/// </summary>
/// <remarks>
/// The spans point into the mapping and end with <see cref="Dispose"/>. Tensors over it
/// (<see cref="Ort.OrtTensor.Over"/>) and sessions that use them keep the mapping for as long as they need it.
/// The file must not be cut short meanwhile: reading a page that is gone ends the process.
/// </remarks>
public sealed class MappedFile : IDisposable
{
    private readonly SafeMemoryMappedViewHandle? _view;
    private bool _isDisposed;

    private MappedFile(string path, long length, SafeMemoryMappedViewHandle? view)
    {
        Path = path;
        Length = length;
        _view = view;
    }

    public string Path { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <exception cref="IOException">The file is missing or cannot be mapped.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    public static MappedFile OpenRead(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        var length = stream.Length;
        if (length == 0)
        {
            return new MappedFile(stream.Name, 0, null);
        }

        using var mapping = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new MappedFile(stream.Name, length, mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle);
    }

    /// <param name="offset">In bytes from the start of the file.</param>
    /// <param name="length">In bytes.</param>
    /// <exception cref="EndOfStreamException">The file ends before the span does.</exception>
    public unsafe ReadOnlySpan<byte> Span(long offset, int length) => new((void*)Address(offset, length), length);

    /// <summary>The elements as they lie in the file (little-endian, as is every system we run on), aligned or not.</summary>
    /// <param name="offset">In bytes from the start of the file.</param>
    /// <param name="count">In elements.</param>
    /// <exception cref="EndOfStreamException">The file ends before the span does.</exception>
    public unsafe ReadOnlySpan<T> Span<T>(long offset, int count)
        where T : unmanaged, INumberBase<T> =>
        new((void*)Address(offset, (long)count * Unsafe.SizeOf<T>()), count);

    /// <summary>Copies bytes from <paramref name="offset"/> on until <paramref name="into"/> is full.</summary>
    /// <exception cref="EndOfStreamException">The file ends before that.</exception>
    public void Read(long offset, Span<byte> into) => Span(offset, into.Length).CopyTo(into);

    public void Dispose()
    {
        _isDisposed = true;
        _view?.Dispose();
    }

    /// <summary>What keeps the mapping, for those who hold an <see cref="Address"/>; null for an empty file.</summary>
    internal SafeHandle? View => _view;

    /// <summary>Where <paramref name="length"/> bytes from <paramref name="offset"/> on lie in memory.</summary>
    internal nint Address(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > Length - offset)
        {
            throw new EndOfStreamException(
                $"'{Path}' ends at byte {Length}; {length} bytes from byte {offset} on were asked for. Is the file whole?");
        }

        return _view is null ? 0 : _view.DangerousGetHandle() + (nint)offset;
    }
}
