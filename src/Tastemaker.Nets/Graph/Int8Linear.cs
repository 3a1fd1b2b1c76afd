namespace Tastemaker.Nets.Graph;

/// <summary>
/// Linear layers on 8-bit integers: weights symmetric with a scale for each output, activations quantised at each run over
/// the whole matrix that is handed in. One image a run, therefore: what shares a run would share a scale.
/// </summary>
public static class Int8Linear
{
    /// <summary>Ends the name of integers, [inputs, outputs], made of the weights that it joins by <see cref="And"/>.</summary>
    public const string Integers = "#int8";

    /// <summary>Ends the name of the float32 for each output that belongs to the integers.</summary>
    public const string Scales = "#scale";

    /// <summary>Joins the names of weights that are side by side in one matrix.</summary>
    public const char And = '+';

    /// <summary>
    /// Seven bits of the eight: on processors without VNNI two products are summed in 16 bits, which 255 · 64 · 2 fits and
    /// 255 · 127 · 2 does not. So the result is the same on every processor.
    /// </summary>
    private const float Largest = 63;

    /// <summary>Square of weights that is transposed at a time, so that both sides stay in the cache.</summary>
    private const int Tile = 64;

    /// <summary>x Wᵀ + b for several layers over the same x, side by side: the activations are quantised once.</summary>
    internal static Node Build(Node x, IReadOnlyList<Node> weights, Node? bias)
    {
        var name = string.Join(And, weights.Select(w => (w.Op == Node.Weight ? w : w.Inputs[0]).Name));
        var outputs = weights.Sum(w => w.Shape[0]);
        var integers = new Node(Node.Weight, ElementType.I8, new(x.Shape[-1], outputs)) { Name = name + Integers };
        var scales = new Node(Node.Weight, ElementType.F32, new(outputs)) { Name = name + Scales };
        return new("DynamicQuantizeMatMul", ElementType.F32, new(x.Shape[0], outputs), x, integers, scales, Node.Absent, bias ?? Node.Absent) { Domain = "com.microsoft" };
    }

    /// <summary>Puts one layer's weights into the matrix of integers: weight ≈ integer · scale.</summary>
    /// <param name="weight">[outputs, inputs], torch's layout.</param>
    /// <param name="integers">[inputs, <paramref name="columns"/>]; this layer's columns begin at <paramref name="first"/>.</param>
    /// <param name="scales">One for each of the layer's outputs.</param>
    public static void Quantise(ReadOnlySpan<float> weight, Span<sbyte> integers, int columns, int first, Span<float> scales)
    {
        var (outputs, inputs) = (scales.Length, weight.Length / scales.Length);
        for (var o = 0; o < outputs; o++)
        {
            var largest = 0f;
            foreach (var w in weight.Slice(o * inputs, inputs))
            {
                largest = MathF.Max(largest, MathF.Abs(w));
            }

            scales[o] = largest > 0 ? largest / Largest : 1;
        }

        for (var top = 0; top < outputs; top += Tile)
        {
            for (var left = 0; left < inputs; left += Tile)
            {
                for (var i = left; i < Math.Min(left + Tile, inputs); i++)
                {
                    for (var o = top; o < Math.Min(top + Tile, outputs); o++)
                    {
                        integers[(i * columns) + first + o] = (sbyte)MathF.Round(weight[(o * inputs) + i] / scales[o]);
                    }
                }
            }
        }
    }
}
