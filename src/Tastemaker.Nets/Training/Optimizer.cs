using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Training;

/// <summary>A rule that moves a parameter against its gradient, as nodes of a graph.</summary>
public abstract record Optimizer
{
    private Optimizer()
    {
    }

    /// <summary>How many tensors of the parameter's shape are kept from step to step; they begin as zeros.</summary>
    internal abstract int Moments { get; }

    /// <param name="learningRate">Of this step, float64.</param>
    /// <param name="step">Which step it is, the first being 1, float64.</param>
    /// <returns>The parameter after the step, then its moments.</returns>
    internal abstract IReadOnlyList<Node> Step(Node parameter, Node gradient, IReadOnlyList<Node> moments, Node learningRate, Node step);

    /// <summary>Gradient descent, with momentum as torch.optim.SGD has it: v ← momentum v + g, p ← p − lr v.</summary>
    public sealed record Sgd(double Momentum = 0) : Optimizer
    {
        internal override int Moments => Momentum == 0 ? 0 : 1;

        internal override IReadOnlyList<Node> Step(Node parameter, Node gradient, IReadOnlyList<Node> moments, Node learningRate, Node step)
        {
            Node[] kept = Momentum == 0 ? [] : [moments[0].Mul(Momentum).Add(gradient)];
            return [parameter.Sub((kept is [var velocity] ? velocity : gradient).Mul(learningRate.Cast(parameter.Type))), .. kept];
        }
    }

    /// <summary>
    /// Adam (Kingma and Ba 2015), as torch.optim.Adam and AdamW have it. The moments are kept as sums, m ← β₁ m + g and v ← β₂ v + g², and what torch
    /// scales them by is left to the factors of a step, so that all of a step is one line for each element (<see cref="AdamStep"/>).
    /// </summary>
    public sealed record Adam : Optimizer
    {
        public double Beta1 { get; init; } = 0.9;

        public double Beta2 { get; init; } = 0.999;

        public double Epsilon { get; init; } = 1e-8;

        public double WeightDecay { get; init; }

        /// <summary>Whether the decay shrinks the parameter itself (AdamW, Loshchilov and Hutter 2019) rather than being added to its gradient.</summary>
        public bool IsDecoupled { get; init; }

        internal override int Moments => 2;

        internal override IReadOnlyList<Node> Step(Node parameter, Node gradient, IReadOnlyList<Node> moments, Node learningRate, Node step)
        {
            var type = parameter.Type;
            if (WeightDecay != 0 && IsDecoupled)
            {
                parameter = parameter.Mul(learningRate.Mul(-WeightDecay).Add(1.0).Cast(type));
            }
            else if (WeightDecay != 0)
            {
                gradient = gradient.Add(parameter.Mul(WeightDecay));
            }

            var scale = Remaining(Beta2, step).Mul(1 / (1 - Beta2)).Sqrt(); // Of √v: √((1 − β₂) v / (1 − β₂ᵗ)) = √v / scale.
            var rate = learningRate.Mul(1 - Beta1).Mul(scale).Div(Remaining(Beta1, step)).Cast(type);
            var epsilon = scale.Mul(Epsilon).Cast(type);
            return AdamStep.Of(parameter, gradient, moments[0], moments[1], Arithmetic.Scalar(type, Beta1), Arithmetic.Scalar(type, Beta2), rate, epsilon);
        }

        /// <summary>1 − βᵗ, in float64: for small t float32 would lose half its digits.</summary>
        private static Node Remaining(double beta, Node step) => Arithmetic.Scalar(step.Type, beta).Pow(step).Neg().Add(1.0);
    }
}
