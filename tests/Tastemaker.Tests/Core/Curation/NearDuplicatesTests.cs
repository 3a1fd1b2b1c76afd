using Tastemaker.Core.Curation;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Tests.Core.Curation;

public sealed class NearDuplicatesTests
{
    /// <summary>Counts around the size of a block, dimensions on both sides of the width of shadows, thresholds from loose to equal.</summary>
    [Theory]
    [InlineData(2, 8, 0.97)]
    [InlineData(127, 40, 0.9)]
    [InlineData(129, 200, 0.97)]
    [InlineData(700, 160, 0.97)]
    [InlineData(700, 160, 0.6)]
    [InlineData(500, 768, 0.99)]
    [InlineData(300, 33, 1)]
    public void The_groups_are_those_of_comparing_every_pair(int count, int dimensions, double threshold)
    {
        foreach (var vectors in (float[][][])[Clustered(count, dimensions, threshold), Scattered(count, dimensions, threshold)])
        {
            var expected = ByEveryPair(vectors, threshold);
            Assert.True(count < 100 || expected.Count > 1, "the vectors must hold groups to find.");

            var groups = NearDuplicates.Of(UnitVectors.Of(vectors), threshold, null, TestContext.Current.CancellationToken);

            Assert.Equal(expected, groups);
        }
    }

    [Fact]
    public void A_chain_is_one_group_though_its_ends_are_apart()
    {
        // Twenty steps of five degrees: each link has a cosine of 0.996, the ends one of about 0.
        float[][] vectors = [.. Enumerable.Range(0, 20).Select(i => new[] { (float)Math.Cos(i * Math.PI / 36), (float)Math.Sin(i * Math.PI / 36), 0 }), [0, 0, 1]];

        var groups = NearDuplicates.Of(UnitVectors.Of(vectors), 0.99, null, TestContext.Current.CancellationToken);

        Assert.Equal([Enumerable.Range(0, 20)], groups);
    }

    [Fact]
    public void Thousands_of_one_scene_are_one_group()
    {
        var dice = new Random(1);
        var scene = Normal(dice, 160, 1);
        float[][] vectors = [.. Enumerable.Range(0, 3000).Select(_ => Sum(scene, Normal(dice, 160, 0.05)))];

        var groups = NearDuplicates.Of(UnitVectors.Of(vectors), 0.97, null, TestContext.Current.CancellationToken);

        Assert.Equal([Enumerable.Range(0, 3000)], groups);
    }

    [Fact]
    public void Vectors_of_zeros_and_collections_of_one_have_no_duplicates()
    {
        foreach (var vectors in (float[][][])[[], [[1, 2]], [[0, 0], [0, 0]], [.. Enumerable.Range(0, 300).Select(_ => new float[200])]])
        {
            Assert.Empty(NearDuplicates.Of(UnitVectors.Of(vectors), 0.97, null, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        var vectors = UnitVectors.Of(Scattered(300, 160, 0.9));

        Assert.ThrowsAny<OperationCanceledException>(() => NearDuplicates.Of(vectors, 0.9, null, new(canceled: true)));
    }

    /// <summary>The definition, in doubles.</summary>
    private static List<List<int>> ByEveryPair(float[][] vectors, double threshold)
    {
        var lengths = vectors.Select(v => Math.Sqrt(v.Sum(x => (double)x * x))).ToList();
        var group = Enumerable.Range(0, vectors.Length).ToArray();
        for (var a = 0; a < vectors.Length; a++)
        {
            for (var b = a + 1; b < vectors.Length; b++)
            {
                var cosine = vectors[a].Zip(vectors[b], (x, y) => (double)x * y).Sum() / (lengths[a] * lengths[b]);
                if (cosine >= threshold - 1e-6 && group[a] != group[b])
                {
                    var (from, to) = (Math.Max(group[a], group[b]), Math.Min(group[a], group[b]));
                    for (var i = 0; i < group.Length; i++)
                    {
                        group[i] = group[i] == from ? to : group[i];
                    }
                }
            }
        }

        return [.. Enumerable.Range(0, group.Length).GroupBy(i => group[i]).Where(g => g.Count() > 1).Select(g => g.ToList())];
    }

    /// <summary>A shared part, a falling spectrum and clusters, as an encoder's features have, and near copies on both sides of the threshold.</summary>
    private static float[][] Clustered(int count, int dimensions, double threshold)
    {
        var dice = new Random(count + dimensions);
        var centres = Enumerable.Range(0, 1 + (count / 20)).Select(_ => Falling(dice, dimensions, 1)).ToList();
        var vectors = new float[count][];
        for (var i = 0; i < count; i++)
        {
            vectors[i] = i % 4 == 1 ? Copy(dice, vectors[i - 1], threshold) : Sum(centres[dice.Next(centres.Count)], Falling(dice, dimensions, 0.7));
            vectors[i][0] += i % 4 == 1 ? 0 : 2;
        }

        return vectors;
    }

    private static float[][] Scattered(int count, int dimensions, double threshold)
    {
        var dice = new Random(count + dimensions);
        var vectors = new float[count][];
        for (var i = 0; i < count; i++)
        {
            vectors[i] = i % 5 == 1 ? Copy(dice, vectors[i - 1], threshold) : Normal(dice, dimensions, 1);
        }

        return vectors;
    }

    /// <summary>At a cosine around the threshold; at a threshold of 1 the same direction at another length.</summary>
    private static float[] Copy(Random dice, float[] of, double threshold)
    {
        var noise = Normal(dice, of.Length, 1);
        var (length, along) = (Math.Sqrt(of.Sum(x => (double)x * x)), of.Zip(noise, (x, y) => (double)x * y).Sum());
        float[] apart = [.. noise.Zip(of, (n, x) => (float)(n - (along / (length * length) * x)))];
        var across = Math.Sqrt(apart.Sum(x => (double)x * x));
        var cosine = threshold >= 1 ? 1 : threshold + ((1 - threshold) * ((dice.NextDouble() * 1.5) - 0.5));
        var tangent = Math.Sqrt(1 - (cosine * cosine)) / cosine;
        return [.. of.Zip(apart, (x, n) => (float)(3 * (x + (tangent * length / Math.Max(across, 1e-9) * n))))];
    }

    private static float[] Falling(Random dice, int dimensions, double scale) => [.. Normal(dice, dimensions, scale).Select((x, i) => (float)(x / Math.Sqrt(i + 1)))];

    private static float[] Normal(Random dice, int dimensions, double scale) => [.. Enumerable.Range(0, dimensions)
        .Select(_ => (float)(scale * Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble())))];

    private static float[] Sum(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
