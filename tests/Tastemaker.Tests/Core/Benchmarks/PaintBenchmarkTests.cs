using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Graph;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Core.Benchmarks;

public sealed class PaintBenchmarkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Counted by hand on the tiny checkpoint's layers: 4 × 4 and 2 × 2 places, 77 tokens.</summary>
    [Fact]
    public void Operations_are_those_of_the_layers()
    {
        const double Fine = 16, Coarse = 4, Tokens = 77;
        using var tiny = new TinyCheckpoint();
        using var checkpoint = DiffusionCheckpoint.Open(tiny.Path);

        var expected = Conv(4, 32, Fine) + Conv(32, 4, Fine) + Time(32, 128) + Time(128, 128)
            + Residual(32, 32, Fine) + Attention(32, Fine) + Conv(32, 32, Coarse)
            + Residual(32, 64, Coarse)
            + Residual(64, 64, Coarse) + Attention(64, Coarse) + Residual(64, 64, Coarse)
            + Residual(128, 64, Coarse) + Residual(96, 64, Coarse) + Conv(64, 64, Fine)
            + Residual(96, 32, Fine) + Attention(32, Fine) + Residual(64, 32, Fine) + Attention(32, Fine);
        Assert.Equal(expected, DiffusionOperations.UNet(checkpoint, 4));

        var text = 2 * ((2 * Tokens * 12 * 32 * 32) + (4 * Tokens * Tokens * 32));
        Assert.Equal(text, DiffusionOperations.Text(checkpoint));

        var vae = Matrix(4, 4, Fine) + Conv(4, 64, Fine) + (2 * VaeResidual(64, 64, Fine)) + (4 * Matrix(64, 64, Fine)) + (4 * Fine * Fine * 64)
            + VaeResidual(64, 64, Fine) + VaeResidual(64, 64, Fine) + Conv(64, 64, 64)
            + VaeResidual(64, 32, 64) + VaeResidual(32, 32, 64) + Conv(32, 3, 64);
        Assert.Equal(vae, DiffusionOperations.Decoder(checkpoint, 4));

        static double Matrix(double from, double to, double rows) => 2 * from * to * rows;

        static double Conv(double from, double to, double places) => 9 * Matrix(from, to, places);

        static double Time(double from, double to) => Matrix(from, to, 1);

        static double VaeResidual(double from, double to, double places) => Conv(from, to, places) + Conv(to, to, places) + (from == to ? 0 : Matrix(from, to, places));

        static double Residual(double from, double to, double places) => VaeResidual(from, to, places) + Time(128, to);

        static double Attention(double width, double places) => Matrix(width, width, 8 * places) + Matrix(32, width, 2 * Tokens) + (4 * places * (places + Tokens) * width)
            + Matrix(width, 8 * width, places) + Matrix(4 * width, width, places);
    }

    [Fact]
    public void Every_network_is_timed_against_the_products()
    {
        using var tiny = new TinyCheckpoint(isSd2: true);

        var results = PaintBenchmark.Run(tiny.Path, Precision.F32, side: 16, rounds: 1, null, Cancel);

        Assert.Equal(10, results.Count);
        Assert.All(results, result => Assert.True(double.IsFinite(result.Value) && result.Value > 0, $"{result}"));
        Assert.Equal(["UNet step", "VAE decode", "text encoder"], results.Where(result => result.Unit == "of its rate").Select(result => result.What.Replace(" against the MatMul", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(15, 1, "a width of 15 pixels is asked for")]
    [InlineData(16, 0, "0 rounds are asked for")]
    public void What_cannot_be_timed_is_told(int side, int rounds, string message)
    {
        using var tiny = new TinyCheckpoint();

        Assert.StartsWith(message, Assert.Throws<PaintException>(() => PaintBenchmark.Run(tiny.Path, Precision.F32, side, rounds, null, Cancel)).Message, StringComparison.Ordinal);
    }
}
