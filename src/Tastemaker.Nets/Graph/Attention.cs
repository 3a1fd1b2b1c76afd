namespace Tastemaker.Nets.Graph;

/// <summary>
/// The fused attention in ONNX's operators: itself, where there is no fused one to be trusted, and what it hands back to queries, keys and values. For
/// that its weights are computed again from them: keeping them would cost the fused op, and over the tokens of a prompt they cost little.
/// </summary>
internal static class Attention
{
    public const string Op = "MultiHeadAttention";

    public static IReadOnlyList<Node> InOperators(Node node)
    {
        var (queries, keys, values) = (Apart(node, node.Inputs[0]), Apart(node, node.Inputs[1]), Apart(node, node.Inputs[2]));
        return [Together(node, Weights(node, queries, keys).MatMul(values))];
    }

    public static Node?[] Gradient(Node node, Node g)
    {
        var (queries, keys, values, made) = (Apart(node, node.Inputs[0]), Apart(node, node.Inputs[1]), Apart(node, node.Inputs[2]), Apart(node, g));
        var weights = Weights(node, queries, keys);
        var byWeights = made.MatMul(Turned(values));
        var byScores = weights.Mul(byWeights.Sub(byWeights.Mul(weights).Reduce("ReduceSum", [3], keep: true))).Mul(Scale(queries));
        return [Together(node, byScores.MatMul(keys)), Together(node, Turned(byScores).MatMul(queries)), Together(node, Turned(weights).MatMul(made))];
    }

    /// <summary>[N, heads, queries, keys], of sum 1 along the last.</summary>
    private static Node Weights(Node node, Node queries, Node keys)
    {
        var scores = queries.MatMul(Turned(keys)).Mul(Scale(queries));
        if (GradientRules.Attribute(node, "unidirectional", 0L) != 0)
        {
            scores = scores.Add(Future(node, queries.Shape[2]));
        }

        return new("Softmax", scores.Type, scores.Shape, scores) { Attributes = [("axis", -1L)] };
    }

    private static double Scale(Node queries) => 1 / Math.Sqrt(queries.Shape[-1]);

    /// <summary>[N, tokens, width] → [N, heads, tokens, depth].</summary>
    private static Node Apart(Node node, Node x)
    {
        var heads = (int)GradientRules.Attribute<long>(node, "num_heads");
        return Reshaped(x, new(x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads)).Transpose(0, 2, 1, 3);
    }

    private static Node Together(Node node, Node x) => Reshaped(x.Transpose(0, 2, 1, 3), new(x.Shape[0], x.Shape[2], node.Shape[2]));

    private static Node Turned(Node x) => x.Transpose(0, 1, 3, 2);

    /// <summary>The first two axes stay, whatever they are when the graph runs: that is what ONNX's 0 says.</summary>
    private static Node Reshaped(Node x, Shape shape) => new("Reshape", x.Type, shape, x, Ops.Integers([0, 0, .. shape.Axes[2..].Select(axis => (long)axis)]));

    /// <summary>[tokens, tokens], so low where a token would see a later one that nothing is left of it.</summary>
    private static Node Future(Node node, int tokens)
    {
        if (tokens == -1)
        {
            throw new GradientException(node.Op, $"'{Op}' that is causal cannot be taken apart over an unknown number of tokens; the graph has to say how many there are.");
        }

        const float Nothing = -1e9f;
        var mask = new float[tokens * tokens];
        for (var i = 0; i < tokens; i++)
        {
            mask.AsSpan((i * tokens) + i + 1, tokens - i - 1).Fill(Nothing);
        }

        return Arithmetic.Tensor(new(tokens, tokens), mask).Cast(node.Type);
    }
}
