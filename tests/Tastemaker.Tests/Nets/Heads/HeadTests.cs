using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Heads;

/// <summary>Small heads of random weights, against the same layers in float64.</summary>
public sealed class HeadTests
{
    [Theory]
    [InlineData("layers", new[] { 0, 2, 4, 6, 7 }, new[] { 24, 20, 16, 8, 3, 1 }, false)]
    [InlineData("layers", new[] { 0, 3, 6, 9, 11 }, new[] { 40, 20, 16, 8, 3, 1 }, true)]
    [InlineData("main_process", new[] { 1, 4, 7 }, new[] { 33, 10, 7, 1 }, true)]
    [InlineData("scoring_head", new[] { 0, 2, 4, 6, 8 }, new[] { 5, 6, 7, 8, 9, 1 }, false)]
    [InlineData("net", new[] { 0, 1, 2 }, new[] { 64, 32, 16, 1 }, false)]
    public void A_known_layout_scores_as_its_layers_in_double_do(string prefix, int[] indices, int[] widths, bool hasRelu)
    {
        var random = new Random(7);
        var layers = Layers(random, widths);
        var head = Head.From(Saved(prefix, indices, widths, layers));

        Assert.Equal(widths[0], head.Inputs);
        Assert.Equal(!hasRelu, head.IsAffine);
        for (var i = 0; i < 20; i++)
        {
            var unit = Unit(random, widths[0]);

            Assert.Equal(Expected(layers, unit, hasRelu), head.Score(unit), 1e-5);
            if (!hasRelu)
            {
                Assert.Equal(Expected(layers, unit, false), head.Fold().Score(unit), 1e-5);
            }
        }
    }

    [Theory]
    [InlineData("True", false)]
    [InlineData("False", true)]
    public void Where_the_names_leave_it_open_the_metadata_say_whether_there_are_activations(string relu, bool isAffine)
    {
        var layers = Layers(new Random(3), [8, 4, 1]);

        Assert.Equal(isAffine, Head.From(Saved("", [0, 2], [8, 4, 1], layers, ("relu", relu))).IsAffine);
    }

    [Fact]
    public void Where_nothing_says_whether_there_are_activations_the_head_is_refused()
    {
        var error = Assert.Throws<WeightException>(() => Head.From(Saved("", [0, 2], [8, 4, 1], Layers(new Random(3), [8, 4, 1]))));

        Assert.StartsWith("between '0.weight' and '2.weight' lies a layer without weights, a Dropout or a ReLU", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_against_the_layout_are_refused()
    {
        var layers = Layers(new Random(3), [8, 4, 1]);

        Refused("without ReLU, and its metadata say relu = True", Saved("layers", [0, 2, 4, 6, 7], [8, 4, 4, 4, 4, 1], Layers(new Random(3), [8, 4, 4, 4, 4, 1]), ("relu", "True")));
        Refused("vectors of 8 numbers, and its metadata say input_size = 768", Saved("", [0, 1], [8, 4, 1], layers, ("input_size", "768")));
        Refused("'relu' is 'maybe'", Saved("", [0, 2], [8, 4, 1], layers, ("relu", "maybe")));
        Refused("'mean_predicted_score' is 'high'", Saved("", [0, 1], [8, 4, 1], layers, ("mean_predicted_score", "high"), ("stdev_predicted_score", "1")));
    }

    [Fact]
    public void Metadata_carry_the_encoder_and_the_calibration()
    {
        var head = Head.From(Saved("", [0], [4, 1], Layers(new Random(3), [4, 1]),
            ("clip_model", "ViT-L/14"), ("input_size", "4"), ("mean_predicted_score", "5.25"), ("stdev_predicted_score", "0.5")));

        Assert.Equal("ViT-L/14", head.ClipModel);
        Assert.Equal(new Calibration(5.25, 0.5), head.Calibration);
        Assert.Null(Head.From(Saved("", [0], [4, 1], Layers(new Random(3), [4, 1]))).Calibration);
    }

    [Fact]
    public void The_input_of_a_simulacra_head_is_scaled_by_the_root_of_its_width()
    {
        var head = Head.From(Saved(TensorData.Of("linear.weight", new(1, 4), [1f, 2, 3, 4]), TensorData.Of("linear.bias", new(1), [6f]))).Fold();

        Assert.Equal([2, 4, 6, 8], head.Weight);
        Assert.Equal(6, head.Bias);
    }

    [Fact]
    public void What_is_no_head_is_refused_by_the_tensor_that_shows_it()
    {
        Refused("'conv.weight' is no part of a head", Saved(TensorData.Of("conv.weight", new(1, 4), new float[4])));
        Refused("'extra' has no place", Saved(TensorData.Of("weight", new(1, 4), new float[4]), TensorData.Of("extra", new(1), new float[1])));
        Refused("'layers.0.weight' has shape [1, 2, 2]", Saved(TensorData.Of("layers.0.weight", new(1, 2, 2), new float[4])));
        Refused("'layers.0.bias' is in the head without 'layers.0.weight'", Saved(TensorData.Of("layers.0.bias", new(1), new float[1])));
        Refused("'layers.0.bias' has shape [2]", Saved(TensorData.Of("layers.0.weight", new(1, 4), new float[4]), TensorData.Of("layers.0.bias", new(2), new float[2])));
        Refused("'layers.1.weight' takes 3 numbers; the layer before it gives 2", Saved(TensorData.Of("layers.0.weight", new(2, 4), new float[8]), TensorData.Of("layers.1.weight", new(1, 3), new float[3])));
        Refused("the head gives 2 numbers", Saved(TensorData.Of("layers.0.weight", new(2, 4), new float[8])));
        Refused("weighs its inputs", Saved(TensorData.Of("main_process.1.weight", new(1, 4), new float[4]), TensorData.Of("weight.0.weight", new(1, 4), new float[4])));
        Refused("'weight' holds NaN at place 2", Saved(TensorData.Of("weight", new(1, 4), [0f, 0, float.NaN, 0])));
        Refused("'weight' has shape [0]", Saved(TensorData.Of("weight", new(0), ReadOnlySpan<float>.Empty)));
    }

    private static void Refused(string reason, Checkpoint head) =>
        Assert.Contains(reason, Assert.Throws<WeightException>(() => Head.From(head)).Message, StringComparison.Ordinal);

    private static (float[] Weight, float[] Bias)[] Layers(Random random, int[] widths) =>
    [
        .. widths.Zip(widths.Skip(1), (inputs, outputs) => (
            Numbers(random, inputs * outputs, 1 / MathF.Sqrt(inputs)),
            Numbers(random, outputs, 0.1f))),
    ];

    private static float[] Numbers(Random random, int count, float scale) => [.. Enumerable.Range(0, count).Select(_ => scale * ((2 * random.NextSingle()) - 1))];

    private static float[] Unit(Random random, int width)
    {
        var x = Numbers(random, width, 1);
        var length = Math.Sqrt(x.Sum(v => (double)v * v));
        return [.. x.Select(v => (float)(v / length))];
    }

    private static double Expected((float[] Weight, float[] Bias)[] layers, float[] unit, bool hasRelu)
    {
        double[] x = [.. unit];
        for (var i = 0; i < layers.Length; i++)
        {
            var (weight, bias) = layers[i];
            x = [.. bias.Select((b, o) => b + x.Select((v, k) => v * weight[(o * x.Length) + k]).Sum()).Select(v => hasRelu && i < layers.Length - 1 ? Math.Max(v, 0) : v)];
        }

        return x.Single();
    }

    private static Checkpoint Saved(string prefix, int[] indices, int[] widths, (float[] Weight, float[] Bias)[] layers, params (string Key, string Value)[] metadata) =>
        Saved(
            metadata,
            [.. indices.SelectMany((index, i) => new[]
            {
                TensorData.Of($"{prefix}{(prefix.Length > 0 ? "." : "")}{index}.weight", new Shape(widths[i + 1], widths[i]), layers[i].Weight),
                TensorData.Of($"{prefix}{(prefix.Length > 0 ? "." : "")}{index}.bias", new Shape(widths[i + 1]), layers[i].Bias),
            })]);

    private static Checkpoint Saved(params TensorData[] tensors) => Saved([], tensors);

    private static Checkpoint Saved((string Key, string Value)[] metadata, TensorData[] tensors)
    {
        using var file = new MemoryStream();
        SafeTensors.Write(file, tensors, metadata.ToDictionary(pair => pair.Key, pair => pair.Value));
        return Checkpoint.Open(ByteSource.Of(file.ToArray()));
    }
}
