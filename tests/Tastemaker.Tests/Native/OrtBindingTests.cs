using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

public sealed class OrtBindingTests
{
    private static readonly byte[] Double = new TinyModel().Input("x", OrtElement.Float32, "N").Output("y", OrtElement.Float32, "N")
        .Node("Add", ["x", "x"], ["y"]).ToBytes();

    [Fact]
    public void Bound_tensors_serve_run_after_run()
    {
        using var session = new OrtSession(Double, new OrtOptions { Threads = 1 });
        using var binding = session.Bind();
        using var x = OrtTensor.From<float>([1, 2], OrtElement.Float32, 2);
        using var y = OrtTensor.Allocate(OrtElement.Float32, 2);
        binding.Input("x", x);
        binding.Output("y", y);

        binding.Run(CancellationToken.None);
        Assert.Equal([2, 4], y.AsSpan<float>());

        x.AsSpan<float>()[1] = 5;
        binding.Run(CancellationToken.None);
        Assert.Equal([2, 10], y.AsSpan<float>());
    }

    [Theory]
    [InlineData(OrtPlace.Cpu)]
    [InlineData(OrtPlace.Device)]
    public void An_output_is_allocated_where_it_is_wanted_and_outlives_the_binding(OrtPlace place)
    {
        var session = new OrtSession(Double, new OrtOptions { Threads = 1 });
        var binding = session.Bind();
        using (var x = OrtTensor.From<float>([1, 2, 3], OrtElement.Float32, 3))
        {
            binding.Input("x", x);
        }

        binding.OutputTo("y", place);
        binding.Run(CancellationToken.None);
        using var y = Assert.Single(binding.GetOutputs());
        binding.Dispose();
        session.Dispose();

        Assert.Equal([2, 4, 6], y.AsSpan<float>());
    }

    [Fact]
    public void An_output_bound_again_as_an_input_feeds_the_next_run()
    {
        using var session = new OrtSession(Double, new OrtOptions { Threads = 1 });
        using var binding = session.Bind();
        using var x = OrtTensor.From<float>([1], OrtElement.Float32, 1);
        binding.Input("x", x);
        for (var run = 0; run < 10; run++)
        {
            binding.OutputTo("y", OrtPlace.Device);
            binding.Run(CancellationToken.None);
            using var y = binding.GetOutputs()[0];
            binding.Input("x", y);
        }

        binding.OutputTo("y", OrtPlace.Cpu);
        binding.Run(CancellationToken.None);

        using var last = binding.GetOutputs()[0];
        Assert.Equal([2048], last.AsSpan<float>());
    }

    [Fact]
    public void What_is_unknown_or_missing_is_a_typed_error()
    {
        using var session = new OrtSession(Double, new OrtOptions { Threads = 1 });
        using var binding = session.Bind();
        using var x = OrtTensor.Allocate(OrtElement.Float32, 2);
        using var wrong = OrtTensor.Allocate(OrtElement.Float32, 3);

        Assert.Empty(binding.GetOutputs());
        Assert.Throws<OrtException>(() => binding.Input("q", x));
        binding.OutputTo("y", OrtPlace.Cpu);
        Assert.Throws<OrtException>(() => binding.GetOutputs());
        Assert.Throws<OrtException>(() => binding.Run(CancellationToken.None));
        binding.Input("x", x);
        binding.Output("y", wrong);
        Assert.Throws<OrtException>(() => binding.Run(CancellationToken.None));
        Assert.Throws<OperationCanceledException>(() => binding.Run(new CancellationToken(canceled: true)));
    }
}
