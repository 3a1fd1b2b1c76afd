using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

public sealed class OrtOperatorTests
{
    /// <summary>sum = x · factor + y and twice = 2 x.</summary>
    private static readonly OrtOperator Both = new("tests", "Both", inputs: 3, outputs: 2, block =>
    {
        for (var i = 0; i < block.Output(0).Length; i++)
        {
            var (x, y) = (block.Input(0)[i], block.Input(1)[i]);
            (block.Output(0)[i], block.Output(1)[i]) = ((x * block.Input(2)[0]) + y, x * 2);
        }
    });

    private static readonly OrtOptions Options = new() { Operators = [Both], Threads = 2 };

    private static byte[] Model => new TinyModel()
        .Input("x", OrtElement.Float32, "N", "M").Input("y", OrtElement.Float32, "K", "L").Input("factor", OrtElement.Float32)
        .Output("sum", OrtElement.Float32, "N", "M").Output("twice", OrtElement.Float32, "N", "M")
        .Node("tests", "Both", ["x", "y", "factor"], ["sum", "twice"]).ToBytes();

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(2, 4096)]
    [InlineData(129, 1001)]
    public void Every_element_is_computed_once(int rows, int columns)
    {
        using var session = new OrtSession(Model, Options);

        var (sum, twice) = Run(session, Numbers(rows * columns, 1), Numbers(rows * columns, 2), [rows, columns], [rows, columns]);

        Assert.Equal(Numbers(rows * columns, 1).Zip(Numbers(rows * columns, 2), (x, y) => (x * 3) + y), sum);
        Assert.Equal(Numbers(rows * columns, 1).Select(x => x * 2), twice);
    }

    [Fact]
    public void Outputs_may_be_written_over_inputs()
    {
        using var session = new OrtSession(Model, Options);
        using var binding = session.Bind();
        var (first, second) = (Numbers(30_000, 1), Numbers(30_000, 2));
        using var x = OrtTensor.From<float>(first, OrtElement.Float32, 3, 10_000);
        using var y = OrtTensor.From<float>(second, OrtElement.Float32, 3, 10_000);
        using var factor = OrtTensor.From<float>([3], OrtElement.Float32);
        binding.Input("x", x);
        binding.Input("y", y);
        binding.Input("factor", factor);
        binding.Output("sum", x);
        binding.Output("twice", y);

        binding.Run(TestContext.Current.CancellationToken);

        Assert.Equal(first.Zip(second, (a, b) => (a * 3) + b), x.AsSpan<float>().ToArray());
        Assert.Equal(first.Select(a => a * 2), y.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Sessions_run_it_at_once()
    {
        using var one = new OrtSession(Model, Options);
        using var two = new OrtSession(Model, Options);
        var (x, y) = (Numbers(100_000, 1), Numbers(100_000, 2));
        var wanted = x.Zip(y, (a, b) => (a * 3) + b).ToArray();

        Parallel.For(0, 40, i => Assert.Equal(wanted, Run(i % 2 == 0 ? one : two, x, y, [10, 10_000], [10, 10_000]).Sum));
    }

    [Fact]
    public void Inputs_of_other_sizes_are_refused()
    {
        using var session = new OrtSession(Model, Options);

        var refused = Assert.Throws<OrtException>(() => Run(session, Numbers(6, 1), Numbers(8, 2), [2, 3], [2, 4]));

        Assert.Contains("Both: input 1 has 8 elements; 6, as the first has, or one are wanted.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_was_not_given_it_refuses_the_graph() =>
        Assert.Contains("Both", Assert.Throws<OrtException>(() => new OrtSession(Model, new() { Threads = 1 })).Message, StringComparison.Ordinal);

    private static (float[] Sum, float[] Twice) Run(OrtSession session, float[] x, float[] y, long[] shapeOfX, long[] shapeOfY)
    {
        using var first = OrtTensor.From<float>(x, OrtElement.Float32, shapeOfX);
        using var second = OrtTensor.From<float>(y, OrtElement.Float32, shapeOfY);
        using var factor = OrtTensor.From<float>([3], OrtElement.Float32);
        var results = session.Run(
            new Dictionary<string, OrtTensor> { ["x"] = first, ["y"] = second, ["factor"] = factor }, TestContext.Current.CancellationToken, "sum", "twice");
        using var sum = results[0];
        using var twice = results[1];
        Assert.Equal(shapeOfX, sum.Shape);
        return (sum.AsSpan<float>().ToArray(), twice.AsSpan<float>().ToArray());
    }

    /// <summary>Whole, so that sums are exact.</summary>
    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-1000, 1000))];
    }
}
