using System.Globalization;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Heads;

/// <summary>
/// Turns a feature vector of length 1 into a score by linear layers, with ReLU between them or nothing. Reads LAION's linear heads
/// (ASV1), the stacks of improved-aesthetic-predictor (ASV2, CSV1) and those of later trainers.
/// </summary>
public sealed class Head
{
    private readonly IReadOnlyList<Layer> _layers;

    private Head(IReadOnlyList<Layer> layers, IReadOnlyDictionary<string, string> metadata)
    {
        _layers = layers;
        Calibration = Calibration.From(metadata);
        ClipModel = metadata.GetValueOrDefault("clip_model");
    }

    /// <summary>Width of the vectors that it scores.</summary>
    public int Inputs => _layers[0].Inputs;

    /// <summary>Whether no activation lies between its layers, so that it folds into one direction.</summary>
    public bool IsAffine => !_layers.Any(layer => layer.HasRelu);

    public Calibration? Calibration { get; }

    /// <summary>The encoder that its metadata name, as the trainer wrote it (<c>ViT-L/14</c>); null where they do not.</summary>
    public string? ClipModel { get; }

    /// <exception cref="WeightException">The file is no head, or does not say whether it has activations.</exception>
    public static Head From(Checkpoint checkpoint)
    {
        var layers = HeadLayout.Read(checkpoint.Under(checkpoint.Root));
        if (layers[^1].Outputs != 1)
        {
            throw new WeightException($"the head gives {layers[^1].Outputs} numbers; one score is wanted.");
        }

        var head = new Head(layers, checkpoint.Metadata);
        var said = checkpoint.Metadata.GetValueOrDefault("input_size");
        return said is null || said == head.Inputs.ToString(CultureInfo.InvariantCulture) ? head
            : throw new WeightException($"the head takes vectors of {head.Inputs} numbers, and its metadata say input_size = {said}.");
    }

    /// <param name="unit">Of length 1; a vector that is not gives a score on no scale.</param>
    public float Score(ReadOnlySpan<float> unit)
    {
        if (unit.Length != Inputs)
        {
            throw new ArgumentException($"the vector has {unit.Length} numbers; the head wants {Inputs}.", nameof(unit));
        }

        var x = AffineHeads.Padded(unit);
        foreach (var layer in _layers)
        {
            var y = new float[RowDot.Padded(layer.Outputs)];
            layer.Run(x, y);
            x = y;
        }

        return x[0];
    }

    /// <summary>Multiplies the layers out, in float64, into the one direction and bias that they are.</summary>
    /// <exception cref="InvalidOperationException">The head has activations.</exception>
    public AffineHead Fold()
    {
        if (!IsAffine)
        {
            throw new InvalidOperationException("a head with activations is not affine; score with it layer by layer.");
        }

        double[] direction = [1];
        var bias = 0.0;
        foreach (var layer in _layers.Reverse())
        {
            var before = new double[layer.Inputs];
            for (var o = 0; o < layer.Outputs; o++)
            {
                bias += direction[o] * layer.Bias[o];
                for (var i = 0; i < before.Length; i++)
                {
                    before[i] += direction[o] * layer.Weight[(o * before.Length) + i];
                }
            }

            direction = before;
        }

        return new AffineHead([.. direction.Select(w => (float)w)], (float)bias);
    }
}
