using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>Arithmetic on shapes and strides that come from a file and may say anything.</summary>
internal static class TensorLayout
{
    /// <summary>No tensor has more numbers than this: products of two sizes below it stay far from overflow.</summary>
    public const long MaxCount = 1L << 48;

    private const int MaxAxes = 64;

    /// <summary>A view may repeat numbers (a stride of 0) only up to this many, beyond what its storage holds.</summary>
    private const long MaxExpanded = 1 << 20;

    public static Shape Shape(string name, ReadOnlySpan<long> axes)
    {
        if (axes.Length > MaxAxes)
        {
            throw new WeightException($"'{name}' has {axes.Length} axes; at most {MaxAxes} are read.");
        }

        var shape = new int[axes.Length];
        for (var i = 0; i < axes.Length; i++)
        {
            shape[i] = axes[i] is >= 0 and <= int.MaxValue ? (int)axes[i]
                : throw new WeightException($"axis {i} of '{name}' has size {axes[i]}; 0 to {int.MaxValue} can be read.");
        }

        var checkedShape = new Shape(shape);
        return Count(checkedShape) is null ? throw new WeightException($"'{name}' has shape {checkedShape}, more than any file holds.") : checkedShape;
    }

    /// <summary>How many numbers a shape has; null beyond <see cref="MaxCount"/>.</summary>
    public static long? Count(Shape shape)
    {
        if (shape.Axes.Contains(0))
        {
            return 0;
        }

        var count = 1L;
        foreach (var axis in shape.Axes)
        {
            count *= axis;
            if (count > MaxCount)
            {
                return null;
            }
        }

        return count;
    }

    /// <summary>The strides, checked to stay within <paramref name="stored"/> numbers; null where they are those of a contiguous row-major tensor.</summary>
    public static long[]? Strides(string name, Shape shape, ReadOnlySpan<long> strides, long offset, long stored)
    {
        if (strides.Length != shape.Axes.Length)
        {
            throw new WeightException($"'{name}' has {shape.Axes.Length} axes and {strides.Length} strides.");
        }

        var count = Count(shape)!.Value;
        var last = (Int128)offset;
        var contiguous = true;
        var step = 1L;
        for (var axis = strides.Length - 1; axis >= 0; axis--)
        {
            if (strides[axis] < 0)
            {
                throw new WeightException($"axis {axis} of '{name}' has stride {strides[axis]}; negative strides cannot be read.");
            }

            last += (Int128)strides[axis] * (shape.Axes[axis] - 1);
            contiguous &= shape.Axes[axis] == 1 || strides[axis] == step;
            step *= Math.Max(shape.Axes[axis], 1);
        }

        if (offset < 0 || (count > 0 && last >= stored))
        {
            throw new WeightException($"'{name}' of shape {shape} reaches past its storage of {stored} numbers.");
        }

        if (count > Math.Max(stored, MaxExpanded))
        {
            throw new WeightException($"'{name}' of shape {shape} repeats the {stored} numbers of its storage too often.");
        }

        return contiguous || count == 0 ? null : strides.ToArray();
    }
}
