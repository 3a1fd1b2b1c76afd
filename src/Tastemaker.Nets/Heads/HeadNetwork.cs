using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Heads;

/// <summary>A head as a graph whose weights are inputs, so that they can be trained.</summary>
public sealed class HeadNetwork
{
    private static readonly int[] Widths = [1024, 128, 64, 16, 1];
    private static readonly double[] Dropouts = [0.2, 0.2, 0.1, 0, 0];
    private static readonly int[] PlainPlaces = [0, 2, 4, 6, 7], ReluPlaces = [0, 3, 6, 9, 11];

    private readonly IReadOnlyList<TrainedLayer> _layers;

    private HeadNetwork(IReadOnlyList<TrainedLayer> layers) => _layers = layers;

    /// <summary>Each layer's weight [outputs, inputs] and bias [outputs], from the first layer on, under their names in a checkpoint.</summary>
    public IReadOnlyList<Node> Parameters => [.. _layers.SelectMany(layer => new[] { layer.Weight, layer.Bias })];

    /// <summary>Inputs [N, width] that <see cref="Scores"/> multiplies activations by, with the share of them that should be 0.</summary>
    public IReadOnlyList<(Node Mask, double Dropout)> Masks => [.. _layers.Where(layer => layer.Mask is not null).Select(layer => (layer.Mask!, layer.Dropout))];

    public bool HasRelu => _layers.Any(layer => layer.HasRelu);

    /// <summary>One linear layer, as LAION's aesthetic-predictor names it.</summary>
    public static HeadNetwork Linear(int inputs) => new([new("", inputs, 1, HasRelu: false, Dropout: 0)]);

    /// <summary>The five layers of improved-aesthetic-predictor (ASV2), with a ReLU after each but the last or without; dropout after the first three.</summary>
    public static HeadNetwork Layered(int inputs, bool relu) => new([.. Widths.Select((width, i) => new TrainedLayer(
        $"layers.{(relu ? ReluPlaces : PlainPlaces)[i]}.", i == 0 ? inputs : Widths[i - 1], width, relu && i < Widths.Length - 1, Dropouts[i]))]);

    /// <param name="features">[N, inputs].</param>
    /// <param name="training">Whether the masks of the dropouts are multiplied in.</param>
    /// <returns>[N, 1].</returns>
    public Node Scores(Node features, bool training)
    {
        var x = features;
        foreach (var layer in _layers)
        {
            x = x.Gemm(layer.Weight, layer.Bias);
            x = layer.HasRelu ? x.Relu() : x;
            x = training && layer.Mask is not null ? x.Mul(layer.Mask) : x;
        }

        return x;
    }

    private sealed record TrainedLayer(string Path, int Inputs, int Outputs, bool HasRelu, double Dropout)
    {
        public Node Weight { get; } = Node.In($"{Path}weight", ElementType.F32, Outputs, Inputs);

        public Node Bias { get; } = Node.In($"{Path}bias", ElementType.F32, Outputs);

        public Node? Mask { get; } = Dropout > 0 ? Node.In($"{Path}mask", ElementType.F32, -1, Outputs) : null;
    }
}
