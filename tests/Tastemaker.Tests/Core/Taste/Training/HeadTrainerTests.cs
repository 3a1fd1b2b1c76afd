using Tastemaker.Core.Taste.Training;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Tests.Core.Taste.Training;

/// <summary>Heads learned from a simulated eye: unit vectors about a common direction, and a hidden order of them.</summary>
public sealed class HeadTrainerTests
{
    [Theory]
    [InlineData(HeadKind.Linear, false, HeadLoss.Margin)]
    [InlineData(HeadKind.Mlp, false, HeadLoss.Margin)]
    [InlineData(HeadKind.Mlp, true, HeadLoss.Margin)]
    [InlineData(HeadKind.Linear, false, HeadLoss.Mse)]
    [InlineData(HeadKind.Mlp, true, HeadLoss.Mse)]
    public void A_head_learns_an_order_and_tells_unseen_images_apart(HeadKind kind, bool relu, HeadLoss loss)
    {
        var eye = new Eye(300, 32, seed: 7);
        var set = new TrainingSet([.. eye.Features.Take(200)], loss == HeadLoss.Margin ? eye.Choices(1500, 200) : [], loss == HeadLoss.Mse ? eye.Ratings(200) : []);

        var trained = HeadTrainer.Fit(set, new() { Kind = kind, Relu = relu, Loss = loss }, null, TestContext.Current.CancellationToken);

        var head = trained.Weights.ToHead();
        Assert.Equal(!relu, head.IsAffine);
        Assert.InRange(eye.AgreementOn(Enumerable.Range(200, 100), head), 0.85, 1);
    }

    [Fact]
    public void Ratings_can_be_learned_as_pairs()
    {
        var eye = new Eye(150, 16, seed: 3);

        var trained = HeadTrainer.Fit(new([.. eye.Features.Take(100)], [], eye.Ratings(100)), new(), null, TestContext.Current.CancellationToken);

        Assert.InRange(eye.AgreementOn(Enumerable.Range(100, 50), trained.Weights.ToHead()), 0.85, 1);
    }

    [Fact]
    public void Mean_squared_error_keeps_the_scale_of_the_ratings()
    {
        var eye = new Eye(200, 16, seed: 5);
        var ratings = eye.Ratings(200);

        var head = HeadTrainer.Fit(new(eye.Features, [], ratings), new() { Loss = HeadLoss.Mse, Epochs = 200 }, null, TestContext.Current.CancellationToken).Weights.ToHead();

        Assert.InRange(Math.Sqrt(ratings.Average(r => Math.Pow(head.Score(eye.Features[r.Image]) - r.Value, 2))), 0, 0.5);
    }

    [Fact]
    public void The_same_seed_gives_the_same_head_and_another_seed_another()
    {
        var eye = new Eye(60, 16, seed: 1);
        var set = new TrainingSet(eye.Features, eye.Choices(200, 60), []);
        byte[] Fit(int seed) => HeadTrainer.Fit(set, new() { Kind = HeadKind.Mlp, Seed = seed, Epochs = 2 }, null, TestContext.Current.CancellationToken)
            .Weights.Tensors[0].Bytes.ToArray();

        var first = Fit(1);

        Assert.Equal(first, Fit(1));
        Assert.NotEqual(first, Fit(2));
    }

    [Fact]
    public void It_ends_when_passes_stop_getting_better()
    {
        var eye = new Eye(40, 64, seed: 2);
        var random = new Random(9);
        (int, int)[] coins = [.. eye.Choices(200, 40).Select(c => random.Next(2) == 0 ? c : (c.Worse, c.Better))];

        var trained = HeadTrainer.Fit(new(eye.Features, coins, []), new() { Epochs = 500, LearningRate = 1e-2 }, null, TestContext.Current.CancellationToken);

        Assert.Equal(trained.Best + new TrainingOptions().Patience, trained.Epochs);
    }

    [Fact]
    public void Two_images_and_one_choice_are_enough()
    {
        var eye = new Eye(2, 8, seed: 4);

        var head = HeadTrainer.Fit(new(eye.Features, [(1, 0)], []), new(), null, TestContext.Current.CancellationToken).Weights.ToHead();

        Assert.True(head.Score(eye.Features[1]) > head.Score(eye.Features[0]));
    }

    [Fact]
    public void What_cannot_be_learned_is_said_at_once()
    {
        var eye = new Eye(5, 8, seed: 4);
        Refuses(new([eye.Features[0]], [], []), new(), "1 judged images cannot be told apart");
        Refuses(new(eye.Features, [], []), new(), "no image was preferred to another");
        Refuses(new(eye.Features, [], [.. Enumerable.Range(0, 5).Select(i => (i, 3.0))]), new(), "no image was preferred to another");
        Refuses(new(eye.Features, [(0, 1)], []), new() { Loss = HeadLoss.Mse }, "there are no ratings");
        Refuses(new(eye.Features, [], [.. Enumerable.Range(0, 5).Select(i => (i, 3.0))]), new() { Loss = HeadLoss.Mse }, "all 5 ratings are 3");
        Refuses(new([eye.Features[0], eye.Features[0]], [(0, 1)], []), new(), "the features of all 2 images are the same");
        Refuses(new(eye.Features, eye.Choices(100, 5), []), new() { LearningRate = 1e38 }, "the loss is no number");
        Refuses(new([eye.Features[0], [1, float.NaN]], [(0, 1)], []), new(), "'taste doctor'");
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        var eye = new Eye(50, 16, seed: 6);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => HeadTrainer.Fit(new(eye.Features, eye.Choices(100, 50), []), new(), null, cancel.Token));
    }

    private static void Refuses(TrainingSet set, TrainingOptions options, string why) => Assert.Contains(
        why, Assert.Throws<TrainingException>(() => HeadTrainer.Fit(set, options, null, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
}

/// <summary>Images as an encoder might describe them, and one who likes a hidden direction in them.</summary>
internal sealed class Eye
{
    private readonly double[] _liking;
    private readonly Random _random;

    public Eye(int images, int dims, int seed)
    {
        _random = new(seed);
        var (common, wish) = (Vector(dims), Vector(dims));
        Features = [.. Enumerable.Range(0, images).Select(_ => Unit([.. common.Zip(Vector(dims), (c, x) => (3 * c) + x)]))];
        _liking = [.. Features.Select(f => f.Zip(wish, (x, w) => (double)x * w).Sum())];
        var (mean, deviation) = (_liking.Average(), Math.Sqrt(_liking.Average(l => Math.Pow(l - _liking.Average(), 2))));
        _liking = [.. _liking.Select(l => (l - mean) / deviation)];
    }

    public IReadOnlyList<float[]> Features { get; }

    /// <summary>Choices among the first images, with the noise of a person who repeats about four of five.</summary>
    public List<(int Better, int Worse)> Choices(int count, int among)
    {
        var choices = new List<(int, int)>();
        while (choices.Count < count)
        {
            var (a, b) = (_random.Next(among), _random.Next(among));
            if (a != b)
            {
                choices.Add(_random.NextDouble() < 1 / (1 + Math.Exp(-2 * (_liking[a] - _liking[b]))) ? (a, b) : (b, a));
            }
        }

        return choices;
    }

    /// <summary>Of the first images, 5 being ordinary.</summary>
    public List<(int Image, double Value)> Ratings(int among) => [.. Enumerable.Range(0, among).Select(i => (i, Math.Round(5 + (2 * _liking[i]))))];

    /// <summary>The share of all pairs of these images that the head orders as they are liked.</summary>
    public double AgreementOn(IEnumerable<int> images, Head head)
    {
        var all = images.Select(i => (Liking: _liking[i], Score: head.Score(Features[i]))).ToList();
        var pairs = all.SelectMany((a, i) => all.Take(i).Select(b => (a, b))).ToList();
        return (double)pairs.Count(p => p.a.Liking > p.b.Liking == p.a.Score > p.b.Score) / pairs.Count;
    }

    private double[] Vector(int dims) => [.. Enumerable.Range(0, dims).Select(_ => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()))];

    private static float[] Unit(double[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => (float)(x / length))];
    }
}
