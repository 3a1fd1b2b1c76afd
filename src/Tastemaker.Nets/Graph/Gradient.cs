namespace Tastemaker.Nets.Graph;

/// <summary>
/// Reverse-mode differentiation from graph to graph: the gradients are nodes like any others, so what runs the one runs the other
/// (Griewank and Walther 2008, chapter 3). What an op contributes is one entry of <see cref="GradientRules"/>.
/// </summary>
public static class Gradient
{
    /// <summary>The derivatives of a number by each of some values, each of that value's shape.</summary>
    /// <param name="loss">A single number, of shape [].</param>
    /// <param name="by">Inputs, weights, or anything computed; zeros come back for what the loss does not depend on.</param>
    /// <exception cref="GradientException">Between them lies an op that has no rule.</exception>
    public static IReadOnlyList<Node> Of(Node loss, IReadOnlyList<Node> by)
    {
        if (loss.Shape.Rank != 0)
        {
            throw new ArgumentException($"the loss has shape {loss.Shape}; a single number, of shape [], can be differentiated.", nameof(loss));
        }

        var order = Onnx.InOrder([loss]);
        var varying = new HashSet<Node>(by);
        foreach (var node in order.Where(node => node.Inputs.Any(varying.Contains)))
        {
            varying.Add(node);
        }

        var gradients = new Dictionary<Node, Node> { [loss] = Arithmetic.Scalar(loss.Type, 1) };
        foreach (var node in Enumerable.Reverse(order).Where(node => node.Inputs.Any(varying.Contains)))
        {
            var parts = GradientRules.Of(node, gradients[node]);
            for (var i = 0; i < node.Inputs.Count; i++)
            {
                if (varying.Contains(node.Inputs[i]))
                {
                    var part = parts[i] ?? throw new GradientException(node.Op, $"the derivative of '{node.Op}' by its input {i} is not known.");
                    gradients[node.Inputs[i]] = gradients.TryGetValue(node.Inputs[i], out var others) ? others.Add(part) : part;
                }
            }
        }

        return [.. by.Select(node => gradients.GetValueOrDefault(node) ?? Arithmetic.Scalar(node.Type, 0).ExpandTo(node))];
    }
}

/// <summary>An op on the way from a loss to what it is differentiated by has no rule.</summary>
public sealed class GradientException(string op, string message) : Exception(message)
{
    public string Op { get; } = op;
}
