using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Training;

/// <summary>
/// One step of training as one graph: it takes the parameters and the optimiser's moments, a learning rate and the number of the step,
/// beside what the loss itself reads, and gives the loss before the step, and parameters and moments after it. No parameter is changed before
/// everything that reads one is done, so that what comes out may be written over what went in.
/// </summary>
/// <param name="Outputs">The loss, and every tensor of <paramref name="State"/> under its <see cref="After"/> name.</param>
/// <param name="State">The inputs that a step hands to the next: the parameters under their own names, then the moments, which begin as zeros.</param>
public sealed record TrainingStep(IReadOnlyDictionary<string, Node> Outputs, IReadOnlyList<Node> State)
{
    public const string Loss = "loss";

    /// <summary>A float64 scalar.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>A float64 scalar: 1 for the first step.</summary>
    public const string Number = "step";

    /// <summary>The name under which a tensor of the state comes out of the graph.</summary>
    public static string After(string name) => $"{name}.after";

    /// <param name="parameters">Inputs of the graph, of known shapes.</param>
    /// <exception cref="GradientException">The loss holds an op that cannot be differentiated.</exception>
    public static TrainingStep Build(Node loss, IReadOnlyList<Node> parameters, Optimizer optimizer)
    {
        var gradients = Gradient.Of(loss, parameters);
        var (learningRate, number) = (Once([loss, .. gradients], parameters, Node.In(LearningRate, ElementType.F64)), Node.In(Number, ElementType.F64));
        var outputs = new Dictionary<string, Node> { [Loss] = loss };
        var moments = new List<Node>();
        foreach (var (parameter, gradient) in parameters.Zip(gradients))
        {
            Node[] own = [.. Enumerable.Range(1, optimizer.Moments).Select(i => Node.In($"{parameter.Name}.moment{i}", parameter.Type, parameter.Shape.Axes))];
            Node[] state = [parameter, .. own];
            foreach (var (before, after) in state.Zip(optimizer.Step(parameter, gradient, own, learningRate, number)))
            {
                outputs[After(before.Name)] = after;
            }

            moments.AddRange(own);
        }

        return new(outputs, [.. parameters, .. moments]);
    }

    /// <summary>The learning rate, once all that reads parameters is done: nothing is added to it that depends on the last of those.</summary>
    private static Node Once(IReadOnlyList<Node> results, IReadOnlyList<Node> parameters, Node learningRate)
    {
        var (trained, followed) = (parameters.ToHashSet(), new HashSet<Node>());
        foreach (var node in Enumerable.Reverse(Onnx.InOrder(results)))
        {
            var isReader = node.Op is not ("Shape" or "Size") && node.Inputs.Any(trained.Contains);
            if (isReader && !followed.Contains(node))
            {
                learningRate = learningRate.Add(node.Reshape(-1).At(0, 0).Cast(ElementType.F64).Mul(0));
            }

            if (isReader || followed.Contains(node))
            {
                followed.UnionWith(node.Inputs);
            }
        }

        return learningRate;
    }
}
