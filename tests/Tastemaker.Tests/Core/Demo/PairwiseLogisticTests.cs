using Tastemaker.Core.Demo;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Taste;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Tests.Core.Demo;

public sealed class PairwiseLogisticTests
{
    [Fact]
    public void A_linear_taste_is_found_again_though_features_outnumber_choices()
    {
        var dice = new Dice(5);
        var images = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 150).Select(_ => dice.Bell()).ToArray()).ToList();
        double Pleasure(float[] x) => (2 * x[0]) - (2 * x[1]) + x[2];
        var choices = Pairs(dice, 0, 140, 120, (l, r) => Pleasure(images[l]) > Pleasure(images[r]));

        var model = PairwiseLogistic.Fit(images, choices, TestContext.Current.CancellationToken);

        var tests = Pairs(dice, 140, 200, 300, (l, r) => Pleasure(images[l]) > Pleasure(images[r]));
        Assert.InRange(Agreed(model, images, tests), 0.7, 1);
    }

    [Fact]
    public void Choices_by_coin_teach_nothing_and_get_a_strong_penalty()
    {
        var dice = new Dice(6);
        var images = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 60).Select(_ => dice.Bell()).ToArray()).ToList();

        var model = PairwiseLogistic.Fit(images, Pairs(dice, 0, 140, 150, (_, _) => dice.Chance(0.5f)), TestContext.Current.CancellationToken);

        Assert.InRange(model.Penalty, 1, 3);
        Assert.InRange(Agreed(model, images, Pairs(dice, 140, 200, 400, (_, _) => dice.Chance(0.5f))), 0.4, 0.6);
    }

    [Fact]
    public void One_choice_is_enough_to_point_the_way()
    {
        List<float[]> images = [[1, 0], [0, 1]];
        var model = PairwiseLogistic.Fit(images, [new Choice(0, 1, IsLeft: false)], TestContext.Current.CancellationToken);
        Assert.True(model.Score(images[1]) > model.Score(images[0]));
    }

    [Fact]
    public void The_score_is_at_the_minimum_of_the_penalised_loss()
    {
        // One feature, a difference of 2, three wins and one loss, penalty 1: of 3 log(1+e^−2w) + log(1+e^2w) + w²/2 the
        // slope −6σ(−2w) + 2σ(2w) + w must be zero.
        List<float[]> images = [[1], [-1]];
        List<Choice> choices = [new(0, 1, true), new(1, 0, false), new(0, 1, true), new(0, 1, false)];

        var weight = PairwiseLogistic.Fit(images, choices, TestContext.Current.CancellationToken).Score([1f]);

        double Sigma(double x) => 1 / (1 + Math.Exp(-x));
        Assert.Equal(0, (-6 * Sigma(-2 * weight)) + (2 * Sigma(2 * weight)) + weight, 1e-4);
        Assert.InRange(weight, 0.3, 0.5);
    }

    [Fact]
    public void Gist_tells_a_linear_model_what_was_painted()
    {
        // Every other picture shows circles, the others waves, all else as it comes; whichever shows circles wins.
        var images = new float[48][];
        Parallel.For(0, images.Length, i =>
        {
            var drawn = AbstractPrompt.Draw((ulong)i + 1000);
            images[i] = GistEncoder.Encode(AbstractPainter.Paint(drawn with { Subject = i % 2 == 0 ? "many circles" : "waves" }, (ulong)i, 96), 96, 96);
        });
        var dice = new Dice(1);
        var lessons = Pairs(dice, 0, 30, 60, (l, r) => l % 2 == 0).Where(c => (c.Left + c.Right) % 2 == 1).ToList();
        var tests = Pairs(dice, 30, 48, 200, (l, r) => l % 2 == 0).Where(c => (c.Left + c.Right) % 2 == 1).ToList();

        var raw = PairwiseLogistic.Fit(images, lessons, TestContext.Current.CancellationToken);
        var unit = images.Select(Unit).ToList();
        var normalised = PairwiseLogistic.Fit(unit, lessons, TestContext.Current.CancellationToken);

        Assert.InRange(Agreed(raw, images, tests), 0.9, 1);
        Assert.InRange(Agreed(normalised, unit, tests), 0.9, 1);

        static float[] Unit(float[] x)
        {
            var length = MathF.Sqrt(x.Sum(v => v * v));
            return [.. x.Select(v => v / length)];
        }
    }

    [Theory]
    // Newcombe 1998, table I, method 3.
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(29, 29, 0.8830, 1.0000)]
    public void Intervals_are_those_of_Wilson(int agreed, int of, double low, double high)
    {
        var agreement = new Agreement(agreed, of);
        Assert.Equal(low, agreement.Low, 5e-5);
        Assert.Equal(high, agreement.High, 5e-5);
    }

    private static List<Choice> Pairs(Dice dice, int from, int to, int count, Func<int, int, bool> isLeft)
    {
        var choices = new List<Choice>();
        while (choices.Count < count)
        {
            int left = from + dice.Below(to - from), right = from + dice.Below(to - from);
            if (left != right)
            {
                choices.Add(new Choice(left, right, isLeft(left, right)));
            }
        }

        return choices;
    }

    private static double Agreed(PairwiseLogistic model, IReadOnlyList<float[]> images, List<Choice> tests) =>
        tests.Average(t => model.Score(images[t.Left]) > model.Score(images[t.Right]) == t.IsLeft ? 1.0 : 0);
}
