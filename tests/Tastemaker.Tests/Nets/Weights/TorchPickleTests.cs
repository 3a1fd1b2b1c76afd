using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

public sealed class TorchPickleTests
{
    [Fact]
    public void What_is_written_comes_back_as_it_was()
    {
        TensorData[] tensors =
        [
            TensorData.Of("layers.0.weight", new(2, 3), [1f, 2, 3, 4, 5, -6]),
            TensorData.Of("layers.0.bias", new(2), [(Half)0.5f, (Half)(-7)]),
            new("ids", ElementType.I64, new(1, 2), new byte[16]),
            TensorData.Of("scalar", new(), [9f]),
        ];

        var read = Read(stream => TorchPickle.Write(stream, tensors));

        Assert.Equal("torch", read.Format);
        Assert.Equal(tensors.Select(t => t.Name), read.Tensors.Keys);
        Assert.All(tensors, t => Assert.Equal((t.Type, t.Shape), (read.Tensors[t.Name].Type, read.Tensors[t.Name].Shape)));
        Assert.Equal([1f, 2, 3, 4, 5, -6], read.Floats("layers.0.weight"));
        Assert.Equal([0.5f, -7], read.Floats("layers.0.bias"));
        Assert.Equal([9f], read.Floats("scalar"));
    }

    [Fact]
    public void A_lone_tensor_has_no_name()
    {
        var read = Read(stream => TorchPickle.WriteBare(stream, TensorData.Of("anything", new(1, 3), [1f, 2, 3])));

        Assert.Equal([Checkpoint.Bare], read.Tensors.Keys);
        Assert.Equal([1f, 2, 3], read.Floats(Checkpoint.Bare));
    }

    [Fact]
    public void The_same_tensors_give_the_same_bytes()
    {
        TensorData[] tensors = [TensorData.Of("weight", new(2), [1f, 2])];

        Assert.Equal(Bytes(stream => TorchPickle.Write(stream, tensors)), Bytes(stream => TorchPickle.Write(stream, tensors)));
    }

    [Fact]
    public void A_single_direction_goes_through_the_layers_of_ASV2_unchanged()
    {
        var random = new Random(3);
        float[] weight = [.. Enumerable.Range(0, 48).Select(_ => random.NextSingle() - 0.5f)];
        var head = HeadWeights.Affine(weight, 5.25f);

        var read = Read(head.WriteTorch);
        var layered = Head.From(read);

        Assert.Equal(["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias", "layers.4.weight", "layers.4.bias",
            "layers.6.weight", "layers.6.bias", "layers.7.weight", "layers.7.bias"], read.Tensors.Keys);
        Assert.Equal(new Shape(1024, 48), read.Tensors["layers.0.weight"].Shape);
        Assert.Equal(weight, layered.Fold().Weight);
        Assert.Equal(5.25f, layered.Fold().Bias);
        Assert.All(Units(random, 48), unit =>
        {
            Assert.Equal(head.ToHead().Score(unit), layered.Score(unit));
            Assert.Equal(layered.Score(unit), layered.Fold().Score(unit), 1e-6f);
        });
    }

    [Theory]
    [InlineData(false, "layers.7.bias")]
    [InlineData(true, "layers.11.bias")]
    public void A_layered_head_scores_the_same_from_either_file(bool relu, string last)
    {
        var random = new Random(4);
        var tensors = HeadNetwork.Layered(24, relu).Parameters.Select(p => TensorData.Of(
            p.Name, p.Shape, [.. Enumerable.Range(0, p.Shape.Axes.Aggregate(1, (a, b) => a * b)).Select(_ => (random.NextSingle() - 0.5f) / 4)])).ToList();
        var head = new HeadWeights(tensors, relu);

        var read = Head.From(Read(head.WriteTorch));

        Assert.Equal(last, tensors[^1].Name);
        Assert.Equal(!relu, read.IsAffine);
        Assert.All(Units(random, 24), unit =>
        {
            Assert.Equal(head.ToHead().Score(unit), read.Score(unit));
            if (!relu)
            {
                Assert.Equal(read.Score(unit), read.Fold().Score(unit), 1e-5f); // golden/README.md allows heads 2e-5.
            }
        });
    }

    private static List<float[]> Units(Random random, int width) => Enumerable.Range(0, 10).Select(_ =>
    {
        float[] vector = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
        var length = MathF.Sqrt(vector.Sum(x => x * x));
        return vector.Select(x => x / length).ToArray();
    }).ToList();

    private static Checkpoint Read(Action<Stream> write) => Checkpoint.Open(ByteSource.Of(Bytes(write)));

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
