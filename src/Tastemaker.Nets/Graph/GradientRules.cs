using System.Runtime.InteropServices;

namespace Tastemaker.Nets.Graph;

/// <summary>
/// What each op hands back to its inputs: from the gradient of its output those of its inputs, null for an input that is no real number
/// (a shape, an index). Ops broadcast as ONNX does, so what an input was repeated to is summed again.
/// </summary>
internal static class GradientRules
{
    private delegate Node?[] Rule(Node node, Node gradient);

    private static readonly Dictionary<string, Rule> ByOp = new()
    {
        ["Add"] = (node, g) => [SummedTo(node.Inputs[0], g), SummedTo(node.Inputs[1], g)],
        ["Sub"] = (node, g) => [SummedTo(node.Inputs[0], g), SummedTo(node.Inputs[1], g.Neg())],
        ["Mul"] = (node, g) => [SummedTo(node.Inputs[0], g.Mul(node.Inputs[1])), SummedTo(node.Inputs[1], g.Mul(node.Inputs[0]))],
        ["Div"] = (node, g) => [SummedTo(node.Inputs[0], g.Div(node.Inputs[1])), SummedTo(node.Inputs[1], g.Mul(node).Div(node.Inputs[1]).Neg())],
        ["Neg"] = (_, g) => [g.Neg()],
        ["Sqrt"] = (node, g) => [g.Mul(0.5).Div(node)],
        ["Relu"] = (node, g) => [g.Where(node.Greater(Zero(node)), Zero(node))],
        ["Max"] = Max,
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,
        ["ReduceSum"] = (node, g) => [Spread(node, g), null],
        ["ReduceMean"] = (node, g) => [Spread(node, g).Mul(node.Size(node.Type).Div(node.Inputs[0].Size(node.Type))), null],
        ["Reshape"] = (node, g) => [g.Reshape(node.Inputs[0].Shape.Axes), null],
        ["Transpose"] = (node, g) => [g.Transpose(Inverse(Attribute<long[]>(node, "perm")))],
        ["Gather"] = Gather,
        ["GatherND"] = Pick,
        ["Cast"] = (node, g) => [g.Cast(node.Inputs[0].Type)],
        ["LayerNormalization"] = LayerNorm,
        ["QuickGelu"] = QuickGelu,
        ["Gelu"] = Gelu,
        [Attention.Op] = Attention.Gradient,
    };

    public static Node?[] Of(Node node, Node gradient) => ByOp.TryGetValue(node.Op, out var rule) ? rule(node, gradient)
        : throw new GradientException(node.Op, $"'{node.Op}' cannot be differentiated; those that can are {string.Join(", ", ByOp.Keys)}.");

    /// <summary>Of equals the first is taken, so that a clamp at a constant lets through what lies on it, as torch's does.</summary>
    private static Node?[] Max(Node node, Node g)
    {
        var (x, y) = (node.Inputs[0], node.Inputs[1]);
        var second = y.Greater(x);
        return [SummedTo(x, Zero(node).Where(second, g)), SummedTo(y, g.Where(second, Zero(node)))];
    }

    /// <summary>Y = α A' B' + β C, where A' and B' may be transposed: A' has the gradient α G B'ᵀ, B' has α A'ᵀ G.</summary>
    private static Node?[] Gemm(Node node, Node g)
    {
        var (a, b) = (node.Inputs[0], node.Inputs[1]);
        var (transA, transB) = (Attribute(node, "transA", 0L) != 0, Attribute(node, "transB", 0L) != 0);
        var alpha = Attribute(node, "alpha", 1f);
        var byA = transA ? Product(b, transB, g, true, alpha, a.Shape) : Product(g, false, b, !transB, alpha, a.Shape);
        var byB = transB ? Product(g, true, a, transA, alpha, b.Shape) : Product(a, !transA, g, false, alpha, b.Shape);
        return node.Inputs.Count == 2 ? [byA, byB] : [byA, byB, SummedTo(node.Inputs[2], Scaled(g, Attribute(node, "beta", 1f)))];
    }

    private static Node Product(Node a, bool transA, Node b, bool transB, float alpha, Shape shape) => new("Gemm", a.Type, shape, a, b)
    {
        Attributes = [("alpha", alpha), ("transA", transA ? 1L : 0L), ("transB", transB ? 1L : 0L)],
    };

    private static Node?[] MatMul(Node node, Node g)
    {
        var (a, b) = (node.Inputs[0], node.Inputs[1]);
        return [SummedTo(a, g.MatMul(Transposed(b))), SummedTo(b, Transposed(a).MatMul(g))];
    }

    /// <summary>A slice that was taken several times gets the sum of what its copies get, added up one after the other.</summary>
    private static Node?[] Gather(Node node, Node g)
    {
        var (table, ids) = (node.Inputs[0], node.Inputs[1]);
        var axis = (int)Attribute(node, "axis", 0L);
        var count = ids.Shape.Axes.Contains(-1) ? -1 : ids.Shape.Axes.Aggregate(1, (product, size) => product * size);
        var (before, after) = (table.Shape.Axes[..axis], table.Shape.Axes[(axis + 1)..]);
        var slices = g.Reshape([.. before, count, .. after]);
        var places = ids.Reshape([.. before.Select(_ => 1), count, .. after.Select(_ => 1)]).ExpandTo(slices);
        return [new("ScatterElements", table.Type, table.Shape, Zero(table).ExpandTo(table), places, slices)
        {
            Attributes = [("axis", (long)axis), ("reduction", "add")],
        }, null];
    }

    /// <summary>Of each of the batch, one row was taken: that row has the gradient, the others have zeros.</summary>
    private static Node?[] Pick(Node node, Node g)
    {
        var (x, rows) = (node.Inputs[0], node.Inputs[1]);
        if (x.Shape.Rank != 3 || x.Shape[1] == -1 || Attribute(node, "batch_dims", 0L) != 1)
        {
            throw new GradientException(node.Op, $"'GatherND' of {x.Shape} cannot be differentiated; one row for each of a batch of matrices can, where the rows are counted.");
        }

        var places = Ops.Integers([.. Enumerable.Range(0, x.Shape[1])]);
        var isTaken = new Node("Equal", ElementType.Bool, new(rows.Shape[0], x.Shape[1]), rows, places).Cast(x.Type);
        return [isTaken.Reshape(x.Shape[0], x.Shape[1], 1).Mul(g.Reshape(x.Shape[0], 1, x.Shape[2])), null];
    }

    /// <summary>y = w · n + b with n = (x − mean) / deviation: x has the gradient (v − mean v − n · mean(v n)) / deviation, where v = w g.</summary>
    private static Node?[] LayerNorm(Node node, Node g)
    {
        var (x, weight, bias) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        var centred = x.Sub(LastMean(x));
        var deviation = LastMean(centred.Mul(centred)).Add(Attribute<float>(node, "epsilon")).Sqrt();
        var normed = centred.Div(deviation);
        var v = g.Mul(weight);
        var byX = v.Sub(LastMean(v)).Sub(normed.Mul(LastMean(v.Mul(normed)))).Div(deviation);
        return [byX, SummedTo(weight, g.Mul(normed)), SummedTo(bias, g)];
    }

    /// <summary>y = x s with s = sigmoid(α x): s + α y (1 − s).</summary>
    private static Node?[] QuickGelu(Node node, Node g)
    {
        var alpha = Attribute<float>(node, "alpha");
        var gate = node.Inputs[0].Mul(alpha).Sigmoid();
        return [g.Mul(gate.Add(node.Mul(gate.Neg().Add(1.0)).Mul(alpha)))];
    }

    /// <summary>y = x Φ(x): Φ(x) + x φ(x), with the normal distribution and its density.</summary>
    private static Node?[] Gelu(Node node, Node g)
    {
        var x = node.Inputs[0];
        var below = x.Mul(Math.Sqrt(0.5)).Erf().Add(1.0).Mul(0.5);
        var density = x.Mul(x).Mul(-0.5).Exp().Mul(1 / Math.Sqrt(2 * Math.PI));
        return [g.Mul(below.Add(x.Mul(density)))];
    }

    private static Node LastMean(Node x) => x.Reduce("ReduceMean", [x.Shape.Rank - 1], keep: true);

    /// <summary>The gradient of a sum, at everything that was summed.</summary>
    private static Node Spread(Node node, Node g)
    {
        int[] axes = [.. MemoryMarshal.Cast<byte, long>(node.Inputs[1].Data.Span).ToArray().Select(axis => (int)axis)];
        return g.Reshape(Arithmetic.Reduced(node.Inputs[0].Shape, axes, keep: true).Axes).ExpandTo(node.Inputs[0]);
    }

    /// <summary>Undoes broadcasting: the axes that an input does not have, or has with size 1, are summed over.</summary>
    private static Node SummedTo(Node input, Node g)
    {
        var added = g.Shape.Rank - input.Shape.Rank;
        int[] axes = [.. Enumerable.Range(0, g.Shape.Rank).Where(axis => axis < added || (input.Shape[axis - added] == 1 && g.Shape[axis] != 1))];
        return axes.Length == 0 ? g : g.Reduce("ReduceSum", axes, keep: true).Reshape(input.Shape.Axes);
    }

    private static Node Scaled(Node g, float factor) => factor == 1 ? g : g.Mul(factor);

    private static Node Zero(Node like) => Arithmetic.Scalar(like.Type, 0);

    private static Node Transposed(Node x) => x.Transpose([.. Enumerable.Range(0, x.Shape.Rank - 2), x.Shape.Rank - 1, x.Shape.Rank - 2]);

    private static int[] Inverse(long[] order) => [.. Enumerable.Range(0, order.Length).Select(axis => Array.IndexOf(order, axis))];

    internal static T Attribute<T>(Node node, string name, T absent) =>
        node.Attributes.Where(a => a.Name == name).Select(a => (T)a.Value).FirstOrDefault(absent);

    internal static T Attribute<T>(Node node, string name) => (T)node.Attributes.First(a => a.Name == name).Value;
}
