using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Nets.Graph;

public sealed class Int8LinearTests
{
    [Theory]
    [InlineData(3, 5)]
    [InlineData(130, 70)]
    public void Integers_times_scale_are_within_half_a_step_of_the_weights(int outputs, int inputs)
    {
        var random = new Random(outputs);
        float[] weight = [.. Enumerable.Range(0, outputs * inputs).Select(_ => random.NextSingle() - 0.5f)];
        var (integers, scales) = (new sbyte[inputs * (outputs + 7)], new float[outputs]);

        Int8Linear.Quantise(weight, integers, outputs + 7, first: 4, scales);

        for (var o = 0; o < outputs; o++)
        {
            for (var i = 0; i < inputs; i++)
            {
                Assert.InRange((integers[(i * (outputs + 7)) + 4 + o] * scales[o]) - weight[(o * inputs) + i], -0.501f * scales[o], 0.501f * scales[o]);
            }
        }

        Assert.All(integers, q => Assert.InRange(q, -63, 63));
    }

    [Fact]
    public void An_output_without_weights_is_zero()
    {
        var (integers, scales) = (new sbyte[4], new float[1]);

        Int8Linear.Quantise([0, 0, 0, 0], integers, columns: 1, first: 0, scales);

        Assert.Equal([0, 0, 0, 0], integers);
        Assert.Equal([1], scales);
    }
}
