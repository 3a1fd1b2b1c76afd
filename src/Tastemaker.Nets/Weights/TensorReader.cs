using System.Runtime.InteropServices;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>Stored numbers of any type and strides as float32.</summary>
internal static class TensorReader
{
    private const int ChunkBytes = 1 << 18;

    public static float[] Floats(ByteSource source, StoredTensor tensor)
    {
        if (tensor.Count > Array.MaxLength)
        {
            throw new WeightException($"'{tensor.Name}' has {tensor.Count} numbers; at most {Array.MaxLength} can be read at once.");
        }

        var floats = new float[tensor.Count];
        if (tensor.Strides is null)
        {
            ReadContiguous(source, tensor, tensor.Offset, floats);
        }
        else if (floats.Length > 0)
        {
            Gather(source, tensor, floats);
        }

        return floats;
    }

    /// <summary>Widens consecutive numbers that start at <paramref name="offset"/>, in bounded pieces.</summary>
    public static void ReadContiguous(ByteSource source, StoredTensor tensor, long offset, Span<float> into)
    {
        var size = tensor.Type.Size;
        if (tensor.Type == ElementType.F32)
        {
            source.Fill(offset, MemoryMarshal.AsBytes(into), $"'{tensor.Name}'");
            return;
        }

        var chunk = new byte[(int)Math.Min(ChunkBytes, (long)into.Length * size)];
        for (var done = 0; done < into.Length;)
        {
            var count = Math.Min(chunk.Length / size, into.Length - done);
            var bytes = chunk.AsSpan(0, count * size);
            source.Fill(offset + ((long)done * size), bytes, $"'{tensor.Name}'");
            Widen(tensor.Type, bytes, into.Slice(done, count));
            done += count;
        }
    }

    private static void Gather(ByteSource source, StoredTensor tensor, float[] into)
    {
        var (axes, strides) = (tensor.Shape.Axes, tensor.Strides!);
        var span = 1L;
        for (var axis = 0; axis < axes.Length; axis++)
        {
            span += (axes[axis] - 1) * strides[axis];
        }

        if (span > Array.MaxLength)
        {
            throw new WeightException($"'{tensor.Name}' is a view over {span} numbers; at most {Array.MaxLength} can be read at once.");
        }

        var region = new float[span];
        ReadContiguous(source, tensor, tensor.Offset, region);
        var index = new int[axes.Length];
        var from = 0L;
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = region[from];
            for (var axis = axes.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < axes[axis])
                {
                    break;
                }

                from -= strides[axis] * axes[axis];
                index[axis] = 0;
            }
        }
    }

    private static void Widen(ElementType type, ReadOnlySpan<byte> bytes, Span<float> into)
    {
        switch (type)
        {
            case ElementType.F16:
                Each<Half>(bytes, into, static x => (float)x);
                break;
            case ElementType.BF16:
                Each<ushort>(bytes, into, static x => BitConverter.Int32BitsToSingle(x << 16));
                break;
            case ElementType.F64:
                Each<double>(bytes, into, static x => (float)x);
                break;
            case ElementType.I64:
                Each<long>(bytes, into, static x => x);
                break;
            case ElementType.I32:
                Each<int>(bytes, into, static x => x);
                break;
            case ElementType.I16:
                Each<short>(bytes, into, static x => x);
                break;
            case ElementType.I8:
                Each<sbyte>(bytes, into, static x => x);
                break;
            case ElementType.U8:
                Each<byte>(bytes, into, static x => x);
                break;
            case ElementType.Bool:
                Each<byte>(bytes, into, static x => x == 0 ? 0 : 1);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a type that widens");
        }
    }

    private static void Each<T>(ReadOnlySpan<byte> bytes, Span<float> into, Func<T, float> widen) where T : unmanaged
    {
        var numbers = MemoryMarshal.Cast<byte, T>(bytes);
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = widen(numbers[i]);
        }
    }
}
