using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Heads;

/// <summary>A linear layer of a head and the activation behind it.</summary>
/// <param name="Weight">Row-major, [Outputs, Inputs].</param>
internal sealed record Layer(float[] Weight, float[] Bias, bool HasRelu)
{
    private const int MaxWidth = 1 << 16;
    private const int MaxCount = 1 << 26;

    private readonly float[] _rows = PaddedRows(Weight, Bias.Length);

    public int Outputs => Bias.Length;

    public int Inputs => Weight.Length / Bias.Length;

    /// <summary>Reads [out, in] weights and [out] biases; a layer without biases has zeros.</summary>
    public static Layer Read(Checkpoint head, string weightName, string biasName, bool hasRelu)
    {
        if (!head.Tensors.TryGetValue(weightName, out var weight) || weight.Shape.Axes is not [> 0, > 0] and not [> 0])
        {
            throw new WeightException(weight is null
                ? $"'{biasName}' is in the head without '{weightName}'."
                : $"'{weightName}' has shape {weight.Shape}; a linear layer has [outputs, inputs].");
        }

        var outputs = weight.Shape.Axes.Length == 2 ? weight.Shape[0] : 1;
        if (weight.Shape.Axes.Max() > MaxWidth || weight.Count > MaxCount)
        {
            throw new WeightException($"'{weightName}' has shape {weight.Shape}; a head is at most {MaxWidth} wide, with {MaxCount} weights in a layer.");
        }

        var hasBias = head.Tensors.TryGetValue(biasName, out var bias);
        if (hasBias && bias!.Count != outputs)
        {
            throw new WeightException($"'{biasName}' has shape {bias.Shape}; '{weightName}' wants [{outputs}].");
        }

        return new(Finite(head, weightName), hasBias ? Finite(head, biasName) : new float[outputs], hasRelu);
    }

    public Layer Scaled(double factor) => new([.. Weight.Select(w => (float)(w * factor))], Bias, HasRelu);

    /// <param name="input">Padded as <see cref="RowDot"/> wants it.</param>
    /// <param name="output">At least <see cref="Outputs"/> long; what lies behind is left alone.</param>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        for (var o = 0; o < Outputs; o++)
        {
            var sum = RowDot.OfFloats(input, _rows.AsSpan(o * input.Length, input.Length)) + Bias[o];
            output[o] = HasRelu ? Math.Max(sum, 0) : sum;
        }
    }

    private static float[] Finite(Checkpoint head, string name)
    {
        var numbers = head.Floats(name);
        var at = Array.FindIndex(numbers, number => !float.IsFinite(number));
        return at < 0 ? numbers : throw new WeightException($"'{name}' holds {numbers[at]} at place {at}; a head of finite numbers is wanted.");
    }

    private static float[] PaddedRows(float[] weight, int outputs)
    {
        var inputs = weight.Length / outputs;
        var padded = RowDot.Padded(inputs);
        var rows = new float[outputs * padded];
        for (var o = 0; o < outputs; o++)
        {
            weight.AsSpan(o * inputs, inputs).CopyTo(rows.AsSpan(o * padded));
        }

        return rows;
    }
}
