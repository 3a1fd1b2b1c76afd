using Tastemaker.Core.Models;
using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;

namespace Tastemaker.Tests.Nets.Graph;

public sealed class LoweringTests
{
    /// <summary>Both sum in float32, the fused one in another order.</summary>
    private const float Tolerance = 1e-5f;

    [Theory]
    [InlineData(1, 1, 1, 8, 1, false)]
    [InlineData(2, 77, 77, 32, 4, true)]
    [InlineData(2, 77, 77, 32, 4, false)]
    [InlineData(3, 64, 77, 40, 5, false)]
    public void Attention_in_single_operators_is_the_fused_one(int batch, int queries, int keys, int width, int heads, bool causal)
    {
        Node[] inputs = [Node.In("q", ElementType.F32, batch, queries, width), Node.In("k", ElementType.F32, batch, keys, width), Node.In("v", ElementType.F32, batch, keys, width)];
        AssertSame(inputs, inputs.ToDictionary(i => i.Name, i => i.Shape.Axes), heads, causal);
    }

    [Fact]
    public void Attention_is_lowered_where_batch_and_tokens_are_known_only_when_the_graph_runs()
    {
        Node[] inputs = [Node.In("q", ElementType.F32, -1, -1, 32), Node.In("k", ElementType.F32, -1, -1, 32), Node.In("v", ElementType.F32, -1, -1, 32)];
        AssertSame(inputs, new() { ["q"] = [2, 96, 32], ["k"] = [2, 77, 32], ["v"] = [2, 77, 32] }, heads: 4, causal: false);
    }

    /// <summary>A step that hands its results on to others, of which one is used twice.</summary>
    [Fact]
    public void Every_result_of_a_lowered_operator_finds_its_readers()
    {
        var parameter = Node.In("p", ElementType.F32, 5);
        var attention = parameter.Reshape(1, 5, 1).Attention(parameter.Reshape(1, 5, 1), parameter.Reshape(1, 5, 1), heads: 1, causal: true).Reshape(5);
        var step = TrainingStep.Build(attention.MeanSquaredError(Node.In("target", ElementType.F32, 5)), [parameter], new Optimizer.Adam());
        var outputs = step.Outputs.Append(new("again", step.Outputs["p.moment1.after"].Add(step.Outputs["p.moment2.after"]))).ToDictionary(o => o.Key, o => o.Value);

        string[][] ways = [[], [AdamStep.Name], [Lowering.FusedAttention], [AdamStep.Name, Lowering.FusedAttention]];
        var runs = ways.Select(way =>
        {
            var lowered = Lowering.Without(outputs, way);
            Assert.All(way, name => Assert.DoesNotContain($"= {name}(", Onnx.Describe(lowered), StringComparison.Ordinal));
            using var session = IteratedSession.Load(
                lowered, step.State, TrainingStep.After, node => node.Name == "p" ? [1, 2, 3, 4, 5] : new float[5], "again", SessionPlace.Processor, TestContext.Current.CancellationToken);
            session.Set<float>("target", [0, 1, 0, 1, 0], 5);
            session.Set<double>(TrainingStep.LearningRate, [0.1]);
            session.Set<double>(TrainingStep.Number, [1]);
            return (float[])[.. session.Run(TestContext.Current.CancellationToken), .. session.State("p")];
        }).ToList();

        Assert.All(runs, run => Tensors.AssertClose(runs[0], run, Tolerance, "run"));
        Assert.All(runs, run => Assert.NotEqual(5, run[9]));
    }

    [Fact]
    public void A_graph_without_fused_operators_stays_as_it_is()
    {
        var x = Node.In("x", ElementType.F32, 2, 3);
        var outputs = new Dictionary<string, Node> { ["y"] = x.Add(x).QuickGelu() };

        Assert.Same(outputs["y"], Lowering.Without(outputs, AdamStep.Name, Lowering.FusedAttention)["y"]);
    }

    private static void AssertSame(Node[] inputs, Dictionary<string, int[]> shapes, int heads, bool causal)
    {
        var fused = new Dictionary<string, Node> { ["y"] = inputs[0].Attention(inputs[1], inputs[2], heads, causal).Mul(2) };
        var lowered = Lowering.Without(fused, Lowering.FusedAttention);
        var random = new Random(4);
        var values = shapes.ToDictionary(s => s.Key, s => Enumerable.Range(0, s.Value.Aggregate((a, b) => a * b)).Select(_ => (random.NextSingle() * 4) - 2).ToArray());

        Assert.DoesNotContain(Lowering.FusedAttention, Onnx.Describe(lowered), StringComparison.Ordinal);
        Tensors.AssertClose(Run(fused), Run(lowered), Tolerance, "attention");

        float[] Run(IReadOnlyDictionary<string, Node> outputs)
        {
            using var session = new OrtSession(Onnx.Write(outputs).Bytes, new() { Threads = 1 });
            var tensors = values.ToDictionary(v => v.Key, v => OrtTensor.From<float>(v.Value, OrtElement.Float32, [.. shapes[v.Key].Select(axis => (long)axis)]));
            using var y = session.Run(tensors, TestContext.Current.CancellationToken)[0];
            return y.AsSpan<float>().ToArray();
        }
    }
}
