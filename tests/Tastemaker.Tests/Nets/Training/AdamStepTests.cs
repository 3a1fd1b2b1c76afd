using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;

namespace Tastemaker.Tests.Nets.Training;

public sealed class AdamStepTests
{
    /// <summary>Adam as Kingma and Ba write it, in float64, against five steps of the operator on lengths about those of a vector and of a block.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    [InlineData(20_000)]
    public void Steps_are_Adam_s(int length)
    {
        var random = new Random(length);
        var target = Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var parameter = Node.In("p", ElementType.F32, length);
        var step = TrainingStep.Build(parameter.MeanSquaredError(Node.In("target", ElementType.F32, length)).Mul((double)length), [parameter], new Optimizer.Adam());
        using var session = IteratedSession.Load(
            step.Outputs, step.State, TrainingStep.After, node => new float[length], TrainingStep.Loss, SessionPlace.Processor, TestContext.Current.CancellationToken);
        session.Set<float>("target", target, length);
        session.Set<double>(TrainingStep.LearningRate, [0.01]);

        var (p, m, v) = (new double[length], new double[length], new double[length]);
        for (var t = 1; t <= 5; t++)
        {
            session.Set<double>(TrainingStep.Number, [t]);
            session.Run(TestContext.Current.CancellationToken);
            for (var i = 0; i < length; i++)
            {
                var g = 2 * (p[i] - target[i]);
                (m[i], v[i]) = ((0.9 * m[i]) + (0.1 * g), (0.999 * v[i]) + (0.001 * g * g));
                p[i] -= 0.01 * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
            }
        }

        // Five steps of 0.01, each rounded a handful of times to 24 bits of at most 0.05.
        Assert.All(session.State("p").Zip(p), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        Assert.All(session.State("p.moment1").Zip(m), pair => Assert.Equal(pair.Second, pair.First * 0.1, 1e-6)); // Kept as sums.
    }
}
