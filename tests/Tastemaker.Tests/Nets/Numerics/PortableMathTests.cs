using Tastemaker.Nets.Numerics;

namespace Tastemaker.Tests.Nets.Numerics;

public sealed class PortableMathTests
{
    // The doc promises 1e-14 relative; Math's own functions are good to about 1e-16.
    private const double Tolerance = 1e-14;

    [Theory]
    [InlineData(1e-300), InlineData(1e-6), InlineData(0.5), InlineData(0.99999), InlineData(1), InlineData(1.4142), InlineData(3), InlineData(256), InlineData(1e200)]
    public void Log_and_cube_root_agree_with_the_systems(double x)
    {
        Close(Math.Log(x), PortableMath.Log(x));
        Close(Math.Cbrt(x), PortableMath.Cbrt(x));
    }

    [Theory]
    [InlineData(-600), InlineData(-3.5), InlineData(-1e-9), InlineData(0), InlineData(0.34), InlineData(0.35), InlineData(1), InlineData(99.5)]
    public void Exp_agrees_with_the_systems(double x) => Close(Math.Exp(x), PortableMath.Exp(x));

    [Fact]
    public void Sine_and_cosine_agree_with_the_systems_all_around()
    {
        for (var turns = -1.5; turns < 1.5; turns += 1.0 / 77)
        {
            var (cos, sin) = PortableMath.Turn(turns);
            Assert.Equal(Math.Cos(2 * Math.PI * turns), cos, 1e-14);
            Assert.Equal(Math.Sin(2 * Math.PI * turns), sin, 1e-14);
        }
    }

    [Fact]
    public void The_turn_of_a_vector_agrees_with_the_systems_all_around()
    {
        for (var angle = -3.1; angle < 3.14; angle += 0.05)
        {
            var (sin, cos) = Math.SinCos(angle);
            Assert.Equal(Math.Atan2(sin, cos) / (2 * Math.PI), PortableMath.TurnOf(sin, cos), 1e-14);
        }

        Assert.Equal(0, PortableMath.TurnOf(0, 0));
        Assert.Equal(0.5, PortableMath.TurnOf(0, -1), 1e-14);
        Assert.Equal(-0.25, PortableMath.TurnOf(-1, 0), 1e-14);
    }

    private static void Close(double wanted, double got) => Assert.InRange(Math.Abs(got - wanted), 0, Tolerance * Math.Max(Math.Abs(wanted), 1e-300));
}
