using System.Runtime.InteropServices;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>A tensor to be written: its numbers in row-major order, little-endian.</summary>
public sealed record TensorData
{
    public TensorData(string name, ElementType type, Shape shape, ReadOnlyMemory<byte> bytes)
    {
        if (TensorLayout.Count(shape) * type.Size != bytes.Length)
        {
            throw new ArgumentException($"'{name}' has {bytes.Length} bytes; "
                + $"shape {shape} of {type} wants {TensorLayout.Count(shape) * type.Size}.", nameof(bytes));
        }

        (Name, Type, Shape, Bytes) = (name, type, shape, bytes);
    }

    public string Name { get; }

    public ElementType Type { get; }

    public Shape Shape { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    public static TensorData Of(string name, Shape shape, ReadOnlySpan<float> numbers) =>
        new(name, ElementType.F32, shape, MemoryMarshal.AsBytes(numbers).ToArray());

    public static TensorData Of(string name, Shape shape, ReadOnlySpan<Half> numbers) =>
        new(name, ElementType.F16, shape, MemoryMarshal.AsBytes(numbers).ToArray());
}
