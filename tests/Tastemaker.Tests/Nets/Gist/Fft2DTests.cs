using System.Numerics;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Tests.Nets.Gist;

public sealed class Fft2DTests
{
    [Theory]
    [InlineData(2), InlineData(4), InlineData(8), InlineData(16), InlineData(32)]
    public void Forward_is_the_sum_that_defines_it(int n)
    {
        var (re, im) = Random(n);
        var wanted = Naive(re, im, n);

        new Fft2D(n).Forward(re, im);

        // Values sum to a few tens; single precision over at most ten stages keeps 1e-6 of that.
        for (var i = 0; i < wanted.Length; i++)
        {
            Assert.Equal(wanted[i].Real, re[i], 2e-4);
            Assert.Equal(wanted[i].Imaginary, im[i], 2e-4);
        }
    }

    [Theory]
    [InlineData(2), InlineData(32), InlineData(128)]
    public void Inverse_undoes_forward(int n)
    {
        var (re, im) = Random(n);
        float[] beforeRe = [.. re], beforeIm = [.. im];
        var fft = new Fft2D(n);

        fft.Forward(re, im);
        fft.Inverse(re, im);

        for (var i = 0; i < re.Length; i++)
        {
            Assert.Equal(beforeRe[i], re[i], 1e-5);
            Assert.Equal(beforeIm[i], im[i], 1e-5);
        }
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(3), InlineData(96), InlineData(-8)]
    public void A_side_that_is_no_power_of_two_is_refused(int n)
    {
        var error = Assert.Throws<ArgumentException>(() => new Fft2D(n));
        Assert.StartsWith($"an FFT of {n} × {n} was asked for; the side must be a power of two", error.Message, StringComparison.Ordinal);
    }

    private static (float[] Re, float[] Im) Random(int n)
    {
        var dice = new Dice(7);
        return ([.. Enumerable.Range(0, n * n).Select(_ => dice.Between(-1, 1))], [.. Enumerable.Range(0, n * n).Select(_ => dice.Between(-1, 1))]);
    }

    private static Complex[] Naive(float[] re, float[] im, int n)
    {
        var spectrum = new Complex[n * n];
        for (var i = 0; i < spectrum.Length; i++)
        {
            int kx = i / n, ky = i % n;
            for (var j = 0; j < spectrum.Length; j++)
            {
                spectrum[i] += new Complex(re[j], im[j]) * Complex.FromPolarCoordinates(1, -2 * Math.PI * ((kx * (j % n)) + (ky * (j / n))) / n);
            }
        }

        return spectrum;
    }
}
