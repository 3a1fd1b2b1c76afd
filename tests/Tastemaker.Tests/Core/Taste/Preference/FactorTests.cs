using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Tests.Core.Taste.Preference;

public sealed class FactorTests
{
    public static TheoryData<string> All => ["win", "draw", "keep", "reject", "reading"];

    [Fact]
    public void Quadrature_integrates_polynomials_and_exponentials_of_the_normal()
    {
        Assert.Equal(1, GaussHermite.Weights.Sum(), 12);
        Assert.Equal(0, Sum(x => x), 12);
        Assert.Equal(1, Sum(x => x * x), 12);
        Assert.Equal(3, Sum(x => Math.Pow(x, 4)), 10);
        Assert.Equal(Math.Exp(0.5), Sum(Math.Exp), 10);

        static double Sum(Func<double, double> f) => GaussHermite.Nodes.Zip(GaussHermite.Weights, (x, w) => w * f(x)).Sum();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Slope_and_curvature_are_the_derivatives_of_the_log(string name)
    {
        var factor = Named(name);
        for (var s = -4.0; s <= 4; s += 0.5)
        {
            const double Step = 1e-4; // central differences: error of Step²
            var (_, slope, curvature) = factor.At(s);
            Assert.Equal((factor.At(s + Step).Log - factor.At(s - Step).Log) / (2 * Step), slope, 6);
            Assert.Equal(-(factor.At(s + Step).Slope - factor.At(s - Step).Slope) / (2 * Step), curvature, 6);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Moments_are_those_of_a_fine_grid(string name)
    {
        var factor = Named(name);
        foreach (var (mean, variance) in new[] { (0.0, 1.0), (1.5, 0.3), (-2.0, 4.0) })
        {
            double z = 0, first = 0, second = 0;
            for (var x = -9.0; x < 9; x += 0.001)
            {
                var s = mean + (Math.Sqrt(variance) * x);
                var p = 0.001 * Math.Exp((-0.5 * x * x) + factor.At(s).Log) / Math.Sqrt(2 * Math.PI);
                (z, first, second) = (z + p, first + (p * s), second + (p * s * s));
            }

            var (log, tilted, narrowed) = factor.Tilt(mean, variance);
            Assert.Equal(Math.Log(z), log, 1e-3); // 24 nodes
            Assert.Equal(first / z, tilted, 1e-3);
            Assert.Equal((second / z) - (first / z * (first / z)), narrowed, 2e-3);
        }
    }

    [Fact]
    public void A_win_a_loss_and_a_draw_are_all_that_can_happen()
    {
        for (var s = -5.0; s < 5; s += 0.3)
        {
            Assert.Equal(1, Math.Exp(Factor.Win(0.7).At(s).Log) + Math.Exp(Factor.Win(0.7).At(-s).Log) + Math.Exp(Factor.Draw(0.7).At(s).Log), 12);
            Assert.Equal(1, Math.Exp(Factor.Keep(0.7).At(s).Log) + Math.Exp(Factor.Reject(0.7).At(s).Log), 12);
        }
    }

    private static Factor Named(string name) => name switch
    {
        "win" => Factor.Win(0.3),
        "draw" => Factor.Draw(0.5),
        "keep" => Factor.Keep(0.8),
        "reject" => Factor.Reject(0.8),
        _ => Factor.Reading(0.4, 2),
    };
}
