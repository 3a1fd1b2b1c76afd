using System.Numerics;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Training;

/// <summary>
/// A step of Adam as one operator: m ← β₁ m + g, v ← β₂ v + g², p ← p − rate · m / (√v + ε), rounded after each operation. In ONNX's operators it is
/// ten passes over a parameter, and passes over memory are what a step of a large network waits for. A graph with it runs in sessions that have been
/// given it; for others there is <see cref="Lowering"/>.
/// </summary>
public static class AdamStep
{
    public const string Domain = "tastemaker", Name = "AdamStep";

    /// <summary>In the order of <see cref="Take"/>: four tensors of one size and four numbers in, three tensors out.</summary>
    public const int Inputs = 8, Outputs = 3;

    internal static IReadOnlyList<Node> Of(Node parameter, Node gradient, Node sum, Node squares, Node beta1, Node beta2, Node rate, Node epsilon)
    {
        var step = new Node(Name, parameter.Type, parameter.Shape, parameter, gradient, sum, squares, beta1, beta2, rate, epsilon) { Domain = Domain, InOperators = InOperators };
        return step.Type == ElementType.F32 ? [step, step.Result(1), step.Result(2)] : InOperators(step);
    }

    private static IReadOnlyList<Node> InOperators(Node step)
    {
        var (parameter, gradient, beta1, beta2, rate, epsilon) = (step.Inputs[0], step.Inputs[1], step.Inputs[4], step.Inputs[5], step.Inputs[6], step.Inputs[7]);
        var sum = step.Inputs[2].Mul(beta1).Add(gradient);
        var squares = step.Inputs[3].Mul(beta2).Add(gradient.Mul(gradient));
        return [parameter.Sub(sum.Div(squares.Sqrt().Add(epsilon)).Mul(rate)), sum, squares];
    }

    /// <summary>All spans are of one length, and what comes out may lie where p, m and v do.</summary>
    public static void Take(
        ReadOnlySpan<float> parameter, ReadOnlySpan<float> gradient, ReadOnlySpan<float> sum, ReadOnlySpan<float> squares, float beta1, float beta2, float rate, float epsilon,
        Span<float> parameterAfter, Span<float> sumAfter, Span<float> squaresAfter)
    {
        var i = 0;
        for (; i <= parameter.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = new Vector<float>(gradient[i..]);
            var m = (new Vector<float>(sum[i..]) * beta1) + g;
            var v = (new Vector<float>(squares[i..]) * beta2) + (g * g);
            (new Vector<float>(parameter[i..]) - (m / (Vector.SquareRoot(v) + new Vector<float>(epsilon)) * rate)).CopyTo(parameterAfter[i..]);
            m.CopyTo(sumAfter[i..]);
            v.CopyTo(squaresAfter[i..]);
        }

        for (; i < parameter.Length; i++)
        {
            var (g, p) = (gradient[i], parameter[i]);
            var m = (sum[i] * beta1) + g;
            var v = (squares[i] * beta2) + (g * g);
            parameterAfter[i] = p - (m / (MathF.Sqrt(v) + epsilon) * rate);
            (sumAfter[i], squaresAfter[i]) = (m, v);
        }
    }
}
