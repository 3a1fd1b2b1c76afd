using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Nets.Graph;

/// <summary>Every rule against central finite differences of the same graph, both run by ONNX Runtime.</summary>
public sealed class GradientTests
{
    /// <summary>
    /// In float32 a loss of size 10 carries an error of 1e-6, which a step of 2⁻⁶ to either side makes 3e-5; the error of the difference
    /// itself, h² f''' / 6, is 4e-5 times a third derivative that is 0 for most ops and at most 4 for the others.
    /// </summary>
    private const float Tolerance = 5e-4f, Step = 1f / 64;

    private static readonly Dictionary<string, (Shape[] Inputs, Func<Node[], Node> Build)> Ops = new()
    {
        ["Add"] = ([new(2, 3), new(2, 3)], x => x[0].Add(x[1])),
        ["Add of a row"] = ([new(4, 3), new(3)], x => x[0].Add(x[1])),
        ["Add of a number"] = ([new(), new(2, 3)], x => x[0].Add(x[1])),
        ["Sub of a column"] = ([new(4, 3), new(4, 1)], x => x[0].Sub(x[1])),
        ["Sub the other way"] = ([new(1, 3), new(4, 1)], x => x[0].Sub(x[1])),
        ["Mul"] = ([new(2, 3), new(2, 3)], x => x[0].Mul(x[1])),
        ["Mul of a plane"] = ([new(2, 3, 4), new(3, 1)], x => x[0].Mul(x[1])),
        ["Div"] = ([new(2, 3), new(2, 3)], x => x[0].Div(x[1].Mul(x[1]).Add(2.0))),
        ["Div by a row"] = ([new(4, 3), new(3)], x => x[0].Div(x[1].Mul(x[1]).Add(2.0))),
        ["Neg"] = ([new(5)], x => x[0].Neg()),
        ["Sqrt"] = ([new(5)], x => x[0].Mul(x[0]).Add(1.0).Sqrt()),
        ["Relu"] = ([new(4, 5)], x => x[0].Relu()),
        ["Max"] = ([new(4, 5), new(4, 5)], x => x[0].Max(x[1])),
        ["Max with a row"] = ([new(5), new(4, 5)], x => x[0].Max(x[1])),
        ["MatMul"] = ([new(2, 3), new(3, 4)], x => x[0].MatMul(x[1])),
        ["MatMul of batches"] = ([new(5, 2, 3), new(5, 3, 4)], x => x[0].MatMul(x[1])),
        ["MatMul of a batch by one"] = ([new(5, 2, 3), new(3, 4)], x => x[0].MatMul(x[1])),
        ["Gemm"] = ([new(2, 3), new(3, 4), new(4)], x => Gemm(x, new(2, 4), 0, 0)),
        ["Gemm, A transposed"] = ([new(3, 2), new(3, 4), new(2, 1)], x => Gemm(x, new(2, 4), 1, 0)),
        ["Gemm, B transposed"] = ([new(2, 3), new(4, 3), new(2, 4)], x => Gemm(x, new(2, 4), 0, 1)),
        ["Gemm, both transposed"] = ([new(3, 2), new(4, 3), new(1, 4)], x => Gemm(x, new(2, 4), 1, 1)),
        ["Gemm without C"] = ([new(3, 2), new(4, 3)], x => Gemm(x, new(2, 4), 1, 1)),
        ["ReduceSum"] = ([new(2, 3, 4)], x => x[0].Sum(0, 2)),
        ["ReduceMean"] = ([new(2, 3, 4)], x => x[0].Mean(1)),
        ["ReduceMean of all"] = ([new(2, 3)], x => x[0].Mean()),
        ["Reshape"] = ([new(2, 3, 4)], x => x[0].Reshape(6, -1)),
        ["Transpose"] = ([new(2, 3, 4)], x => x[0].Transpose(2, 0, 1)),
        ["Gather of a slice"] = ([new(2, 3, 4)], x => x[0].At(1, 2)),
        ["Gather of rows, one of them three times"] = ([new(4, 3)], x => x[0].Rows(Integers([1, 3, 1, 0, 1]))),
        ["Gather of rows by a table"] = ([new(4, 3)], x => x[0].Rows(Integers([1, 3, 1, 0]).Reshape(2, 2))),
        ["Gather of each one's row"] = ([new(2, 3, 4)], x => x[0].Pick(Integers([2, 0]).Reshape(2, 1))),
        ["Cast"] = ([new(2, 3)], x => x[0].Cast(ElementType.F64).Mul(2.0).Cast(ElementType.F32)),
        ["LayerNormalization"] = ([new(4, 3, 5), new(5), new(5)], LayerNorm),
        ["QuickGelu"] = ([new(4, 5)], x => x[0].QuickGelu()),
        ["Gelu"] = ([new(4, 5)], x => x[0].Gelu()),
        ["MultiHeadAttention"] = ([new(2, 3, 4), new(2, 3, 4), new(2, 3, 4)], x => x[0].Attention(x[1], x[2], heads: 2, causal: false)),
        ["MultiHeadAttention that is causal"] = ([new(2, 5, 4), new(2, 5, 4), new(2, 5, 4)], x => x[0].Attention(x[1], x[2], heads: 2, causal: true)),
        ["A value used three times"] = ([new(3, 3)], x => x[0].Mul(x[0]).Add(x[0].MatMul(x[0]))),
    };

    public static TheoryData<string> Names => [.. Ops.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_is_what_finite_differences_give(string name)
    {
        var (shapes, build) = Ops[name];
        var inputs = shapes.Select((shape, i) => Node.In($"x{i}", ElementType.F32, shape.Axes)).ToArray();
        var result = build(inputs);
        var weights = Node.In("weights", ElementType.F32, result.Shape.Axes);
        var loss = result.Mul(weights).Sum([.. Enumerable.Range(0, result.Shape.Rank)]);
        var gradients = Gradient.Of(loss, inputs);
        var outputs = gradients.Select((node, i) => ($"g{i}", new Node("Identity", node.Type, node.Shape, node))).Append(("loss", loss)).ToDictionary(o => o.Item1, o => o.Item2);
        using var session = new OrtSession(Onnx.Write(outputs).Bytes, new() { Threads = 1 });
        var random = new Random(5);
        var numbers = new Queue<float>(Numbers(random, inputs.Sum(n => Count(n.Shape))));
        var values = inputs.ToDictionary(n => n.Name, n => (Enumerable.Range(0, Count(n.Shape)).Select(_ => numbers.Dequeue()).ToArray(), n.Shape));
        var weighed = new Shape([.. result.Shape.Axes.Select(axis => axis == -1 ? 4 : axis)]);
        values["weights"] = (Numbers(random, Count(weighed)), weighed);

        for (var i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(inputs[i].Shape, gradients[i].Shape);
            var x = values[$"x{i}"].Item1;
            var differences = new float[x.Length];
            for (var k = 0; k < x.Length; k++)
            {
                var at = x[k];
                x[k] = at + Step;
                var above = Run(session, values, "loss")[0];
                x[k] = at - Step;
                differences[k] = (above - Run(session, values, "loss")[0]) / (2 * Step);
                x[k] = at;
            }

            Tensors.AssertClose(differences, Run(session, values, $"g{i}"), Tolerance, $"{name}, input {i}");
        }
    }

    [Fact]
    public void An_axis_that_follows_the_batch_is_summed_over()
    {
        var (x, w, b) = (Node.In("x", ElementType.F32, -1, 2), Node.In("w", ElementType.F32, 1, 2), Node.In("b", ElementType.F32, 1));
        var loss = x.Gemm(w, b).Mean();
        var gradients = Gradient.Of(loss, [w, b]);
        using var session = new OrtSession(Onnx.Write(new Dictionary<string, Node> { ["w'"] = gradients[0], ["b'"] = gradients[1] }).Bytes, new());
        var values = new Dictionary<string, (float[], Shape)> { ["x"] = ([1, 2, 3, 4, 5, 9], new(3, 2)), ["w"] = ([7, 8], new(1, 2)), ["b"] = ([0], new(1)) };

        Tensors.AssertClose([3, 5], Run(session, values, "w'"), 1e-6f, "w");
        Tensors.AssertClose([1], Run(session, values, "b'"), 1e-6f, "b");
    }

    [Fact]
    public void What_the_loss_does_not_depend_on_has_a_gradient_of_zeros_in_its_shape()
    {
        var (x, other) = (Node.In("x", ElementType.F32, 3), Node.In("other", ElementType.F32, 2, 2));
        var gradient = Gradient.Of(x.Mean(), [other])[0];
        using var session = new OrtSession(Onnx.Write(new Dictionary<string, Node> { ["g"] = gradient }).Bytes, new());

        Assert.Equal(new Shape(2, 2), gradient.Shape);
        Assert.Equal([0, 0, 0, 0], Run(session, new() { ["other"] = ([1, float.NaN, 3, 4], new(2, 2)) }, "g"));
    }

    [Fact]
    public void A_clamp_lets_through_what_lies_on_it_and_a_relu_does_not()
    {
        var x = Node.In("x", ElementType.F32, 3);
        var outputs = new Dictionary<string, Node>
        {
            ["clamp"] = Gradient.Of(x.Max(Arithmetic.Scalar(ElementType.F32, 0)).Sum(0), [x])[0],
            ["relu"] = Gradient.Of(x.Relu().Sum(0), [x])[0],
        };
        using var session = new OrtSession(Onnx.Write(outputs).Bytes, new());
        var values = new Dictionary<string, (float[], Shape)> { ["x"] = ([-1, 0, 1], new(3)) };

        Assert.Equal([0, 1, 1], Run(session, values, "clamp"));
        Assert.Equal([0, 0, 1], Run(session, values, "relu"));
    }

    [Fact]
    public void An_op_without_a_rule_is_named()
    {
        var x = Node.In("x", ElementType.F32, 3);

        var e = Assert.Throws<GradientException>(() => Gradient.Of(Tangent(x).Mean(), [x]));

        Assert.Equal("Tan", e.Op);
        Assert.Contains("'Tan' cannot be differentiated", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_op_without_a_rule_does_not_matter_beside_the_way()
    {
        var (x, w) = (Node.In("x", ElementType.F32, 3), Node.In("w", ElementType.F32, 3));

        Assert.Equal(w.Shape, Gradient.Of(Tangent(x).Mul(w).Mean(), [w])[0].Shape);
    }

    [Fact]
    public void Indices_have_no_derivative()
    {
        var (x, ids) = (Node.In("x", ElementType.F32, 3, 2), Node.In("ids", ElementType.I64, 4));

        Assert.Contains("input 1 is not known", Assert.Throws<GradientException>(() => Gradient.Of(x.Rows(ids).Mean(), [ids])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_single_number_can_be_differentiated()
    {
        var x = Node.In("x", ElementType.F32, 3);

        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => Gradient.Of(x.Neg(), [x])).Message, StringComparison.Ordinal);
    }

    private static Node Tangent(Node x) => new("Tan", x.Type, x.Shape, x);

    private static Node LayerNorm(Node[] x) =>
        new("LayerNormalization", ElementType.F32, x[0].Shape, x) { Attributes = [("axis", -1L), ("epsilon", 1e-5f)] };

    private static Node Gemm(Node[] x, Shape shape, long transA, long transB) =>
        new("Gemm", ElementType.F32, shape, x) { Attributes = [("alpha", 1.5f), ("beta", -0.5f), ("transA", transA), ("transB", transB)] };

    private static Node Integers(long[] values) => Tastemaker.Nets.Graph.Ops.Integers(values);

    private static int Count(Shape shape) => shape.Axes.Aggregate(1, (product, axis) => product * axis);

    /// <summary>Away from 0 and from each other by more than a step, so that no kink lies between two evaluations.</summary>
    private static float[] Numbers(Random random, int count)
    {
        float[] numbers = [.. Enumerable.Range(0, count).Select(i => (i + 0.5f + (0.2f * random.NextSingle())) * 2 / count)];
        random.Shuffle(numbers);
        return [.. numbers.Select((x, i) => i % 2 == 0 ? x : -x)];
    }

    private static float[] Run(OrtSession session, Dictionary<string, (float[] Values, Shape Shape)> values, string output)
    {
        var inputs = values.Where(v => session.Inputs.Contains(v.Key)).ToDictionary(
            v => v.Key, v => OrtTensor.From<float>(v.Value.Values, OrtElement.Float32, [.. v.Value.Shape.Axes.Select(axis => (long)axis)]));
        using var result = session.Run(inputs, CancellationToken.None, output)[0];
        foreach (var tensor in inputs.Values)
        {
            tensor.Dispose();
        }

        return result.AsSpan<float>().ToArray();
    }
}
