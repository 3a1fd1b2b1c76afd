using System.Runtime.CompilerServices;

namespace Tastemaker.Native.Ort;

/// <summary>
/// A tensor that ONNX Runtime can read and write: row-major, in memory of its own, which ends with it, or over a mapped
/// file, whose mapping it keeps. Sessions and bindings that it was given to keep what they need themselves, so that it may
/// be disposed as soon as the call returns.
/// </summary>
public sealed class OrtTensor : IDisposable
{
    private readonly bool _isMapped;
    private readonly string? _device;

    private OrtTensor(OrtValueHandle handle, OrtElement element, long[] shape, bool isMapped, string? device)
    {
        Handle = handle;
        Element = element;
        Shape = shape;
        _isMapped = isMapped;
        _device = device;
    }

    public OrtElement Element { get; }

    public IReadOnlyList<long> Shape { get; }

    /// <summary>Of all elements together; 1 for a scalar, whose shape is empty.</summary>
    public long Count => Shape.Aggregate(1L, (product, dim) => product * dim);

    internal OrtValueHandle Handle { get; }

    /// <summary>A tensor in memory of its own, with undefined contents.</summary>
    /// <exception cref="OrtException">There is not that much memory.</exception>
    public static OrtTensor Allocate(OrtElement element, params ReadOnlySpan<long> shape)
    {
        // Not in the runtime's memory: it takes initializers only from memory that is its caller's.
        var bytes = Bytes(element, shape);
        using var block = Block(bytes);
        var handle = OrtApi.CreateTensor(block.DangerousGetHandle(), bytes, element, shape, block);
        return new OrtTensor(handle, element, shape.ToArray(), isMapped: false, device: null);
    }

    /// <summary>A read-only tensor over the file's own memory: no copy, and pages are loaded as they are used.</summary>
    /// <param name="offset">Of the first element, in bytes from the start of the file.</param>
    /// <exception cref="EndOfStreamException">The file ends before the tensor does.</exception>
    public static OrtTensor Over(MappedFile file, long offset, OrtElement element, params ReadOnlySpan<long> shape)
    {
        var bytes = Bytes(element, shape);
        var data = file.Address(offset, bytes);
        return file.View is { } view && bytes > 0
            ? new OrtTensor(OrtApi.CreateTensor(data, bytes, element, shape, view), element, shape.ToArray(), isMapped: true, device: null)
            : Allocate(element, shape);
    }

    /// <summary>A tensor in memory of its own, with a copy of <paramref name="data"/>.</summary>
    /// <typeparam name="T">As for <see cref="AsSpan"/>.</typeparam>
    public static OrtTensor From<T>(ReadOnlySpan<T> data, OrtElement element, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        CheckType<T>(element);
        var bytes = Bytes(element, shape);
        if (bytes != (long)data.Length * Unsafe.SizeOf<T>())
        {
            throw new ArgumentException(
                $"a {element} tensor of shape [{string.Join(", ", shape.ToArray())}] has {bytes} bytes; {(long)data.Length * Unsafe.SizeOf<T>()} were given.",
                nameof(data));
        }

        var tensor = Allocate(element, shape);
        data.CopyTo(tensor.AsSpan<T>());
        return tensor;
    }

    /// <summary>The elements in place, to read and to write, until the tensor is disposed.</summary>
    /// <typeparam name="T">
    /// The element's own type (Half or ushort for Float16, ushort for BFloat16), or byte for the raw bytes.
    /// </typeparam>
    /// <exception cref="InvalidOperationException">The tensor is over a mapped file, in a device's memory, or too long for a span.</exception>
    public unsafe Span<T> AsSpan<T>()
        where T : unmanaged
    {
        CheckType<T>(Element);
        var length = Count * Element.Size() / Unsafe.SizeOf<T>();
        if (_isMapped)
        {
            throw new InvalidOperationException("the tensor lies over a mapped file, which is read-only. Read it from the MappedFile.");
        }

        if (_device is not null)
        {
            throw new InvalidOperationException($"the tensor is in the memory of '{_device}'. Bind the output to the CPU to read it.");
        }

        if (length > int.MaxValue)
        {
            throw new InvalidOperationException($"the tensor has {length} elements; a span holds {int.MaxValue}. Split it.");
        }

        return new Span<T>((void*)OrtApi.Data(Handle), (int)length);
    }

    public void Dispose() => Handle.Dispose();

    /// <summary>Takes over a value that the runtime made.</summary>
    internal static OrtTensor Adopt(OrtValueHandle handle)
    {
        var (element, shape) = OrtApi.TypeAndShape(handle);
        _ = element.Size();
        return new OrtTensor(handle, element, shape, isMapped: false, OrtApi.Device(handle));
    }

    /// <summary>Refuses a tensor that must not be written to.</summary>
    internal void CheckWritable()
    {
        if (_isMapped)
        {
            throw new InvalidOperationException("the tensor lies over a mapped file, which is read-only: it cannot be an output.");
        }
    }

    private static long Bytes(OrtElement element, ReadOnlySpan<long> shape)
    {
        long bytes = element.Size();
        foreach (var dim in shape)
        {
            if (dim < 0 || (dim > 0 && bytes > long.MaxValue / dim))
            {
                throw new ArgumentException(
                    $"[{string.Join(", ", shape.ToArray())}] is no shape of a {element} tensor: dimensions are 0 or more, and their product fits in 63 bits.",
                    nameof(shape));
            }

            bytes *= dim;
        }

        return bytes;
    }

    private static NativeBlock Block(long bytes)
    {
        try
        {
            return new NativeBlock(bytes);
        }
        catch (OutOfMemoryException)
        {
            throw new OrtException(OrtErrorCode.Fail, $"a tensor of {bytes} bytes does not fit in memory.");
        }
    }

    private static void CheckType<T>(OrtElement element)
    {
        if (!element.Shows(typeof(T)))
        {
            throw new ArgumentException($"{typeof(T).Name} is not the type of {element} elements.");
        }
    }
}
