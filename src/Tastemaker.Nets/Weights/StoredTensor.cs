using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>One tensor of a checkpoint: what it is and where its bytes lie in the file.</summary>
/// <param name="Offset">Of the first element, in bytes from the start of the file.</param>
/// <param name="Strides">In elements; null where the tensor is contiguous and row-major, as nearly all are.</param>
public sealed record StoredTensor(string Name, ElementType Type, Shape Shape, long Offset, long[]? Strides = null)
{
    public long Count => Shape.Axes.Aggregate(1L, (count, axis) => count * axis);

    public long Bytes => Count * Type.Size;

    /// <summary>The numbers as float32 in row-major order, whatever their type and strides are in the file.</summary>
    public float[] Floats(ByteSource source) => TensorReader.Floats(source, this);
}

/// <summary>A file's bytes, read where they are asked for: a mapped file, or an array in tests.</summary>
/// <param name="Read">Fills the span from the offset, or throws <see cref="EndOfStreamException"/>.</param>
public sealed record ByteSource(long Length, ReadAt Read)
{
    public static ByteSource Of(byte[] bytes) => new(bytes.Length, (offset, into) =>
    {
        if (offset < 0 || offset + into.Length > bytes.Length)
        {
            throw new EndOfStreamException($"bytes {offset}..{offset + into.Length} of {bytes.Length}.");
        }

        bytes.AsSpan((int)offset, into.Length).CopyTo(into);
    });
}

public delegate void ReadAt(long offset, Span<byte> into);
