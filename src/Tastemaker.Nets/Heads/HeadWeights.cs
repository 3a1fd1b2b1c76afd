using System.Globalization;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Heads;

/// <summary>The weights of a head that was learned here: what is written, and what scores.</summary>
/// <param name="Tensors">Weights and biases from the first layer on, named as <see cref="HeadNetwork"/> names them.</param>
public sealed record HeadWeights(IReadOnlyList<TensorData> Tensors, bool HasRelu)
{
    private static readonly (int Index, int Outputs)[] Asv2 = [(0, 1024), (2, 128), (4, 64), (6, 16), (7, 1)];

    /// <summary>Width of the vectors that it scores.</summary>
    public int Inputs => Tensors[0].Shape[1];

    /// <summary>One direction and a bias.</summary>
    public static HeadWeights Affine(ReadOnlySpan<float> weight, float bias) =>
        new([TensorData.Of("weight", new(1, weight.Length), weight), TensorData.Of("bias", new(1), [bias])], HasRelu: false);

    /// <summary>The head that <see cref="WriteSafeTensors"/> lets others read.</summary>
    public Head ToHead()
    {
        using var bytes = new MemoryStream();
        WriteSafeTensors(bytes, new Dictionary<string, string>());
        return Head.From(Checkpoint.Open(ByteSource.Of(bytes.ToArray())));
    }

    /// <param name="metadata">Beside <c>relu</c> and <c>input_size</c>, which say what the layers are.</param>
    public void WriteSafeTensors(Stream into, IReadOnlyDictionary<string, string> metadata) =>
        SafeTensors.Write(into, Tensors, new Dictionary<string, string>(metadata)
        {
            ["relu"] = HasRelu ? "True" : "False",
            ["input_size"] = Inputs.ToString(CultureInfo.InvariantCulture),
        });

    /// <summary>
    /// A torch state_dict in the layout of improved-aesthetic-predictor, which loaders of ASV2 read. A single direction becomes the first
    /// output of the first layer and goes through the others unchanged: they hold one 1 each, so its scores are the same to the bit.
    /// </summary>
    public void WriteTorch(Stream into) => TorchPickle.Write(into, Tensors is [var weight, var bias] ? InLayers(weight, bias) : Tensors);

    private static List<TensorData> InLayers(TensorData weight, TensorData bias)
    {
        var tensors = new List<TensorData>();
        var inputs = weight.Shape[1];
        foreach (var (index, outputs) in Asv2)
        {
            var (matrix, biases) = (new byte[outputs * inputs * sizeof(float)], new byte[outputs * sizeof(float)]);
            if (index == 0)
            {
                weight.Bytes.CopyTo(matrix);
            }
            else
            {
                BitConverter.TryWriteBytes(matrix, 1f);
            }

            if (outputs == 1)
            {
                bias.Bytes.CopyTo(biases);
            }

            tensors.Add(new($"layers.{index}.weight", weight.Type, new(outputs, inputs), matrix));
            tensors.Add(new($"layers.{index}.bias", weight.Type, new(outputs), biases));
            inputs = outputs;
        }

        return tensors;
    }
}
