namespace Tastemaker.Nets.Graph;

/// <summary>
/// What the fused attention hands back to queries, keys and values. Its weights are computed again from them: keeping them would cost the fused
/// op, and over the tokens of a prompt they cost little.
/// </summary>
internal static class AttentionGradient
{
    public static Node?[] Of(Node node, Node g)
    {
        var heads = (int)GradientRules.Attribute<long>(node, "num_heads");
        var isCausal = GradientRules.Attribute(node, "unidirectional", 0L) != 0;
        var (queries, keys, values, made) = (Apart(node.Inputs[0]), Apart(node.Inputs[1]), Apart(node.Inputs[2]), Apart(g)); // [N, heads, tokens, depth]
        var scale = 1 / Math.Sqrt(queries.Shape[-1]);

        var scores = queries.MatMul(Turned(keys)).Mul(scale);
        if (isCausal)
        {
            scores = scores.Add(Future(node, queries.Shape[2]));
        }

        var weights = new Node("Softmax", scores.Type, scores.Shape, scores) { Attributes = [("axis", -1L)] };
        var byWeights = made.MatMul(Turned(values));
        var byScores = weights.Mul(byWeights.Sub(byWeights.Mul(weights).Reduce("ReduceSum", [3], keep: true))).Mul(scale);
        return [Together(byScores.MatMul(keys)), Together(Turned(byScores).MatMul(queries)), Together(Turned(weights).MatMul(made))];

        Node Apart(Node x) => x.Reshape(x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads).Transpose(0, 2, 1, 3);

        Node Together(Node x) => x.Transpose(0, 2, 1, 3).Reshape(x.Shape[0], x.Shape[2], node.Shape[2]);
    }

    private static Node Turned(Node x) => x.Transpose(0, 1, 3, 2);

    /// <summary>[tokens, tokens], so low where a token would see a later one that nothing is left of it.</summary>
    private static Node Future(Node node, int tokens)
    {
        if (tokens == -1)
        {
            throw new GradientException(node.Op, "'MultiHeadAttention' that is causal cannot be differentiated over an unknown number of tokens; the graph has to say how many there are.");
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
