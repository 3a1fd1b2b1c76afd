using System.Runtime.InteropServices;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Tests.Nets.Heads;

public sealed class AffineHeadTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(512)]
    [InlineData(768)]
    [InlineData(1000)]
    [InlineData(2500)]
    public void Scores_have_the_bits_of_the_written_order_of_summation(int width)
    {
        const int Rows = 9;
        var random = new Random(width);
        var head = new AffineHead(Numbers(random, width), 5.25f);
        Half[] rows = [.. Numbers(random, Rows * width).Select(x => (Half)x)];
        rows[0] = BitConverter.UInt16BitsToHalf(1); // the smallest subnormal
        rows[^1] = -Half.Epsilon;

        var scores = new float[Rows];
        head.Score(rows, scores);

        Assert.Equal(rows.Chunk(width).Select(row => Scalar(head, row)), scores);
        Assert.All(rows.Chunk(width).Zip(scores), pair => Assert.Equal(InDouble(head, pair.First), pair.Second, 1e-5));
    }

    [Fact]
    public void Every_finite_half_is_widened_exactly()
    {
        var head = new AffineHead([1], 0);
        Half[] rows = [.. Enumerable.Range(0, 65536).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
        var scores = new float[rows.Length];
        head.Score(rows, scores);

        for (var i = 0; i < rows.Length; i++)
        {
            var expected = !Half.IsFinite(rows[i]) ? float.NaN : rows[i] == Half.Zero ? 0 : float.Sign((float)rows[i]);
            Assert.Equal(expected, scores[i]);
        }
    }

    [Theory]
    [InlineData(768)]
    [InlineData(50)]
    public void A_row_with_an_infinity_or_a_NaN_scores_NaN_and_spares_its_neighbours(int width)
    {
        var head = new AffineHead(Numbers(new Random(1), width), 1);
        Half[] rows = [.. Enumerable.Repeat((Half)0.5f, 5 * width)];
        (rows[width], rows[(3 * width) - 1], rows[3 * width]) = (Half.PositiveInfinity, Half.NaN, Half.MaxValue);

        var scores = new float[5];
        head.Score(rows, scores);

        Assert.Equal([false, true, true, false, false], scores.Select(float.IsNaN));
        Assert.Equal(InDouble(head, rows[(3 * width)..(4 * width)]), scores[3], 1e-5);
        Assert.Equal(scores[0], scores[4]);
    }

    [Fact]
    public void The_zero_vector_scores_the_bias()
    {
        var scores = new float[1];
        new AffineHead([1, 2, 3], 4.5f).Score(new Half[3], scores);

        Assert.Equal(4.5f, scores[0]);
        Assert.Equal(4.5f, new AffineHead([1, 2, 3], 4.5f).Score(new float[3]));
    }

    [Fact]
    public void Length_does_not_matter()
    {
        var head = new AffineHead([3, 4], 0);

        Assert.Equal(head.Score([0.25f, 0.5f]), head.Score([64f, 128]));
        Assert.Equal(5, head.Score([3f, 4]), 1e-6f);
    }

    [Fact]
    public void What_lies_between_rows_is_not_looked_at()
    {
        const int Rows = 5, Width = 40, Gap = 5;
        var random = new Random(4);
        var head = new AffineHead(Numbers(random, Width), 1);
        Half[] rows = [.. Numbers(random, Rows * Width).Select(x => (Half)x)];
        var apart = new byte[(Rows * ((Width * 2) + Gap)) - Gap];
        Array.Fill(apart, (byte)0xff);
        for (var i = 0; i < Rows; i++)
        {
            MemoryMarshal.AsBytes(rows.AsSpan(i * Width, Width)).CopyTo(apart.AsSpan(i * ((Width * 2) + Gap)));
        }

        var (together, spread) = (new float[Rows], new float[Rows]);
        head.Score(rows, together);
        head.Score(apart, (Width * 2) + Gap, spread);

        Assert.Equal(together, spread);
    }

    [Fact]
    public void Several_heads_at_once_score_as_each_does_alone()
    {
        const int Rows = 6, Width = 77;
        var random = new Random(5);
        AffineHead[] heads = [.. Enumerable.Range(0, 3).Select(i => new AffineHead(Numbers(random, Width), i))];
        Half[] rows = [.. Numbers(random, Rows * Width).Select(x => (Half)x)];
        rows[2] = Half.NegativeInfinity;
        var bytes = MemoryMarshal.AsBytes(rows.AsSpan());

        var together = new float[Rows * heads.Length];
        AffineHeads.Score(heads, bytes, Width * 2, together);

        for (var h = 0; h < heads.Length; h++)
        {
            var alone = new float[Rows];
            heads[h].Score(rows, alone);
            Assert.Equal(alone, together.Where((_, i) => i % heads.Length == h));
        }
    }

    [Fact]
    public void Rows_that_do_not_fit_are_the_callers_mistake()
    {
        var head = new AffineHead([1, 2, 3], 0);

        Assert.Throws<ArgumentException>(() => head.Score(new Half[7], new float[2]));
        Assert.Throws<ArgumentException>(() => head.Score(new byte[11], 6, new float[2]));
        Assert.Throws<ArgumentException>(() => head.Score(new byte[12], 5, new float[2]));
        Assert.Throws<ArgumentException>(() => head.Score([1f, 2]));
        Assert.Throws<ArgumentException>(() => AffineHeads.Score([head, new([1], 0)], new byte[12], 6, new float[4]));
    }

    /// <summary>The order that RowDot states, one number at a time.</summary>
    private static float Scalar(AffineHead head, Half[] row)
    {
        var (dots, squares) = (new float[32], new float[32]);
        for (var i = 0; i < row.Length; i++)
        {
            var x = (float)row[i];
            dots[i % 32] = MathF.FusedMultiplyAdd(x, head.Weight[i], dots[i % 32]);
            squares[i % 32] = MathF.FusedMultiplyAdd(x, x, squares[i % 32]);
        }

        return (float)((Total(dots) / Math.Sqrt(Total(squares))) + head.Bias);

        static float Total(float[] s)
        {
            var eight = Enumerable.Range(0, 8).Select(i => (s[i] + s[i + 8]) + (s[i + 16] + s[i + 24])).ToArray();
            var four = Enumerable.Range(0, 4).Select(i => eight[i] + eight[i + 4]).ToArray();
            return (four[0] + four[2]) + (four[1] + four[3]);
        }
    }

    private static double InDouble(AffineHead head, Half[] row)
    {
        var dot = row.Zip(head.Weight, (x, w) => (double)x * w).Sum();
        return (dot / Math.Sqrt(row.Sum(x => (double)x * (double)x))) + head.Bias;
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
}
