using System.Runtime.InteropServices;

namespace Tastemaker.Nets.Graph;

/// <summary>Element by element, with ONNX's broadcasting, and sums: what losses, gradients and optimisers are made of.</summary>
public static class Arithmetic
{
    extension(Node x)
    {
        public Node Sub(Node y) => new("Sub", x.Type, Ops.Broadcast(x.Shape, y.Shape), x, y);

        public Node Div(Node y) => new("Div", x.Type, Ops.Broadcast(x.Shape, y.Shape), x, y);

        /// <summary>The larger of the two, element by element.</summary>
        public Node Max(Node y) => new("Max", x.Type, Ops.Broadcast(x.Shape, y.Shape), x, y);

        public Node Neg() => new("Neg", x.Type, x.Shape, x);

        public Node Sqrt() => new("Sqrt", x.Type, x.Shape, x);

        public Node Relu() => new("Relu", x.Type, x.Shape, x);

        public Node Sigmoid() => new("Sigmoid", x.Type, x.Shape, x);

        public Node Exp() => new("Exp", x.Type, x.Shape, x);

        /// <summary>The error function.</summary>
        public Node Erf() => new("Erf", x.Type, x.Shape, x);

        public Node Pow(Node exponent) => new("Pow", x.Type, Ops.Broadcast(x.Shape, exponent.Shape), x, exponent);

        public Node Mul(double factor) => x.Mul(Scalar(x.Type, factor));

        public Node Add(double term) => x.Add(Scalar(x.Type, term));

        /// <summary>The matrix product of the last two axes; those before them broadcast.</summary>
        public Node MatMul(Node y)
        {
            if (x.Shape.Rank < 2 || y.Shape.Rank < 2 || x.Shape[-1] != y.Shape[-2])
            {
                throw new ArgumentException($"shapes {x.Shape} and {y.Shape} do not multiply as matrices.", nameof(y));
            }

            var before = Ops.Broadcast(new(x.Shape.Axes[..^2]), new(y.Shape.Axes[..^2]));
            return new("MatMul", x.Type, new([.. before.Axes, x.Shape[-2], y.Shape[-1]]), x, y);
        }

        /// <summary>The sum over axes, which go away.</summary>
        public Node Sum(params int[] axes) => x.Reduce("ReduceSum", axes, keep: false);

        /// <summary>The mean over axes, which go away.</summary>
        public Node Mean(params int[] axes) => x.Reduce("ReduceMean", axes, keep: false);

        /// <summary>The mean of all numbers.</summary>
        public Node Mean() => x.Mean([.. Enumerable.Range(0, x.Shape.Rank)]);

        /// <param name="keep">Whether a reduced axis stays, of size 1.</param>
        internal Node Reduce(string op, int[] axes, bool keep) =>
            new(op, x.Type, Reduced(x.Shape, axes, keep), x, Ops.Integers([.. axes.Select(axis => (long)axis)])) { Attributes = [("keepdims", keep ? 1L : 0L)] };

        internal Node Greater(Node y) => new("Greater", ElementType.Bool, Ops.Broadcast(x.Shape, y.Shape), x, y);

        /// <summary>x where the condition holds, else <paramref name="other"/>.</summary>
        internal Node Where(Node condition, Node other) =>
            new("Where", x.Type, Ops.Broadcast(condition.Shape, Ops.Broadcast(x.Shape, other.Shape)), condition, x, other);

        /// <summary>Repeated along its axes of size 1 until it has the shape of <paramref name="like"/>, also one that is known only when the graph runs.</summary>
        internal Node ExpandTo(Node like) => new("Expand", x.Type, like.Shape, x, new Node("Shape", ElementType.I64, new(like.Shape.Rank), like));

        /// <summary>How many numbers it has, when the graph runs.</summary>
        internal Node Size(ElementType type) => new Node("Size", ElementType.I64, new(), x).Cast(type);
    }

    /// <summary>A number as a constant of the graph.</summary>
    internal static Node Scalar(ElementType type, double value) => new(Node.Constant, type, new())
    {
        Data = type switch
        {
            ElementType.F32 => MemoryMarshal.AsBytes<float>([(float)value]).ToArray(),
            ElementType.F64 => MemoryMarshal.AsBytes<double>([value]).ToArray(),
            ElementType.F16 => MemoryMarshal.AsBytes<Half>([(Half)value]).ToArray(),
            _ => throw new ArgumentException($"a constant of {type} cannot be made of {value}; F16, F32 and F64 are known.", nameof(type)),
        },
    };

    /// <summary>Numbers as a constant of the graph.</summary>
    internal static Node Tensor(Shape shape, ReadOnlySpan<float> values) =>
        new(Node.Constant, ElementType.F32, shape) { Data = MemoryMarshal.AsBytes(values).ToArray() };

    /// <summary>A shape whose given axes have size 1, or are gone.</summary>
    internal static Shape Reduced(Shape shape, int[] axes, bool keep) => keep
        ? new([.. shape.Axes.Select((size, axis) => axes.Contains(axis) ? 1 : size)])
        : new([.. shape.Axes.Where((_, axis) => !axes.Contains(axis))]);
}
