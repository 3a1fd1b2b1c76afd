namespace Tastemaker.Nets.Graph;

/// <summary>
/// A linear layer on 8-bit integers: weights symmetric with a scale for each output, activations quantised at each run over
/// the whole matrix that is handed in. One image a run, therefore: what shares a run would share a scale.
/// </summary>
public static class Int8Linear
{
    /// <summary>Added to a weight's name: its integers, [inputs, outputs].</summary>
    public const string Integers = "#int8";

    /// <summary>Added to a weight's name: a float32 for each output.</summary>
    public const string Scales = "#scale";

    /// <summary>
    /// Seven bits of the eight: on processors without VNNI two products are summed in 16 bits, which 255 · 64 · 2 fits and
    /// 255 · 127 · 2 does not. So the result is the same on every processor.
    /// </summary>
    private const float Largest = 63;

    internal static Node Build(Node x, Node weight, Node? bias, Shape shape)
    {
        var stored = weight.Op == Node.Weight ? weight : weight.Inputs[0];
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var integers = new Node(Node.Weight, ElementType.I8, new(inputs, outputs)) { Name = stored.Name + Integers };
        var scales = new Node(Node.Weight, ElementType.F32, new(outputs)) { Name = stored.Name + Scales };
        var product = new Node("DynamicQuantizeMatMul", ElementType.F32, shape, x, integers, scales) { Domain = "com.microsoft" };
        return bias is null ? product : product.Add(bias);
    }

    /// <summary>Integers, transposed to [inputs, outputs], and a scale for each output: weight ≈ integer · scale.</summary>
    /// <param name="weight">[outputs, inputs], torch's layout.</param>
    public static (sbyte[] Integers, float[] Scales) Quantise(ReadOnlySpan<float> weight, int outputs, int inputs)
    {
        var (integers, scales) = (new sbyte[weight.Length], new float[outputs]);
        for (var o = 0; o < outputs; o++)
        {
            var row = weight.Slice(o * inputs, inputs);
            var largest = 0f;
            foreach (var w in row)
            {
                largest = MathF.Max(largest, MathF.Abs(w));
            }

            var scale = scales[o] = largest > 0 ? largest / Largest : 1;
            for (var i = 0; i < inputs; i++)
            {
                integers[(i * outputs) + o] = (sbyte)MathF.Round(row[i] / scale);
            }
        }

        return (integers, scales);
    }
}
