namespace Tastemaker.Nets.Graph;

/// <summary>Graphs for devices that lack a fused operator, or compute it wrongly.</summary>
public static class Lowering
{
    /// <summary>The operator that <see cref="Ops"/>' Attention makes.</summary>
    public const string FusedAttention = Attention.Op;

    /// <summary>The same outputs, computed without the fused operators of these names. What does not depend on one of them is shared with the graph given.</summary>
    public static IReadOnlyDictionary<string, Node> Without(IReadOnlyDictionary<string, Node> outputs, params ReadOnlySpan<string> fused)
    {
        var lowered = new Dictionary<Node, IReadOnlyList<Node>> { [Node.Absent] = [Node.Absent] }; // The results of each node.
        foreach (var node in Onnx.InOrder(outputs.Values))
        {
            if (node.Op == Node.Part)
            {
                var (whole, index) = (lowered[node.Inputs[0]], (int)(long)node.Attributes[0].Value);
                lowered[node] = [whole.Count > 1 ? whole[index] : whole[0] == node.Inputs[0] ? node : whole[0].Result(index)];
                continue;
            }

            Node[] inputs = [.. node.Inputs.Select(input => lowered[input][0])];
            var same = inputs.SequenceEqual(node.Inputs) ? node : node.Over(inputs);
            lowered[node] = fused.Contains(node.Op) && node.InOperators is { } rule ? rule(same) : [same];
        }

        return outputs.ToDictionary(output => output.Key, output => lowered[output.Value][0]);
    }
}
