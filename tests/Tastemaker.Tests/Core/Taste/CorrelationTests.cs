using Tastemaker.Core.Taste;

namespace Tastemaker.Tests.Core.Taste;

public sealed class CorrelationTests
{
    public static TheoryData<string> Files => GoldenMath.Files("ab_accuracy");

    [Theory]
    [Trait("Kind", "golden")]
    [MemberData(nameof(Files))]
    public void Pairs_in_order_are_counted_as_the_reference_does(string file)
    {
        var golden = GoldenMath.Section(file, "ab_accuracy");
        double[] Numbers(string name) => [.. golden.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];

        Assert.Equal((golden.GetProperty("right").GetInt64(), golden.GetProperty("total").GetInt64()), Correlation.Ordered(Numbers("true"), Numbers("pred")));
    }

    [Fact]
    public void Without_two_different_values_no_pair_can_be_in_order() => Assert.Equal((0L, 0L), Correlation.Ordered([2, 2, 2], [1, 2, 3]));

    [Fact]
    public void Ranks_know_only_the_order()
    {
        double[] a = [3, 1, 4, 1.5, 9], cubes = [.. a.Select(x => x * x * x)];

        Assert.Equal(1, Correlation.Spearman(a, cubes)!.Value, 12);
        Assert.Equal(-1, Correlation.Spearman(a, [.. cubes.Select(x => -x)])!.Value, 12);
        Assert.InRange(Correlation.Pearson(a, cubes)!.Value, 0.9, 0.99);
    }

    [Fact]
    public void Equal_values_share_the_middle_of_their_ranks()
    {
        // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, squares 4.5 and 5.
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), Correlation.Spearman([10, 20, 20, 30], [1, 3, 2, 4])!.Value, 12);
    }

    [Fact]
    public void Straight_lines_go_together_wholly_however_far_from_zero()
    {
        double[] a = [1e9 + 1, 1e9 + 2, 1e9 + 4];

        Assert.Equal(1, Correlation.Pearson(a, [.. a.Select(x => (2 * x) + 3)])!.Value, 9);
    }

    [Fact]
    public void Too_few_or_all_the_same_have_none()
    {
        Assert.Null(Correlation.Pearson([1, 2], [1, 2]));
        Assert.Null(Correlation.Spearman([1, 2, 3], [5, 5, 5]));
    }
}
