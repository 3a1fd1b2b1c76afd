using Tastemaker.Core.Painting;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PruneRuleTests
{
    private const int Steps = 8;

    /// <summary>Of people who make a study and go by it, so many in a hundred may lose more winners than the rule says.</summary>
    [Theory]
    [InlineData(0.3, 0.1)]
    [InlineData(0.7, 0.1)]
    [InlineData(0.9, 0.2)]
    [InlineData(0.0, 0.2)]
    public void More_winners_than_stated_are_lost_in_at_most_one_study_of_twenty(double correlation, double risk)
    {
        const int Studies = 200, Population = 2000;
        var (random, worse, losses) = (new Random(7), 0, 0.0);
        for (var study = 0; study < Studies; study++)
        {
            var rule = PruneRule.Of(Study(random, 1000, correlation), above: 1, risk);
            List<EarlyScores> winners = [.. Pictures(random, Population, correlation).Where(picture => picture.Final >= 1)];
            var lost = winners.Count(winner => rule.Bounds.Keys.Any(step => !rule.GoesOn(step, winner.Steps[step - 1]))) / (double)winners.Count;
            losses += lost / Studies;

            // What a population of this size shows of a share at the limit, at two deviations.
            worse += lost > risk + (2 * Math.Sqrt(risk / winners.Count)) ? 1 : 0;
        }

        Assert.InRange(worse / (double)Studies, 0, 1 - PruneRule.Confidence);
        Assert.InRange(losses, risk / 10, risk); // 0 would mean that nothing is ever stopped.
    }

    [Fact]
    public void The_better_early_scores_foretell_the_more_is_stopped()
    {
        var stopped = new[] { 0.1, 0.5, 0.9 }.Select(correlation =>
        {
            var random = new Random(3);
            var rule = PruneRule.Of(Study(random, 3000, correlation), above: 1, risk: 0.1);
            return Pictures(random, 3000, correlation).Count(picture => rule.Bounds.Keys.Any(step => !rule.GoesOn(step, picture.Steps[step - 1])));
        }).ToList();

        Assert.Equal(stopped.Order(), stopped);
        Assert.InRange(stopped[0], 1, stopped[2] / 2);
    }

    /// <summary>Python: sum(math.comb(n, k) * p**k * (1 - p)**(n - k) for k in range(m + 1)): .0523 for 0 of 28 at .1; .0471 and .1989 for 0 and 1 of 29; .0474 and .1045 for 4 and 5 of 100 at .09.</summary>
    [Theory]
    [InlineData(28, 0.1, 0.05, -1)]
    [InlineData(29, 0.1, 0.05, 0)]
    [InlineData(100, 0.09, 0.05, 4)]
    [InlineData(0, 0.1, 0.05, -1)]
    public void The_order_statistic_is_that_of_the_binomial(int count, double share, double doubt, int most) => Assert.Equal(most, PruneRule.MostBelow(count, share, doubt));

    [Fact]
    public void A_very_large_study_gives_nearly_the_share_itself() => Assert.InRange(PruneRule.MostBelow(1_000_000, 0.05, 0.05), 49_500, 50_000);

    [Fact]
    public void Looks_are_taken_at_a_quarter_and_at_half()
    {
        var rule = PruneRule.Of(Study(new(1), 2000, 0.5), above: 1, risk: 0.1);

        Assert.Equal([2, 4], rule.Bounds.Keys);
        Assert.True(rule.GoesOn(3, float.MinValue));
        Assert.False(rule.GoesOn(4, float.MinValue));
        Assert.False(rule.GoesOn(4, float.NaN));
    }

    [Fact]
    public void What_a_study_cannot_say_is_told()
    {
        var small = Study(new(1), 20, 0.5);

        Assert.Contains("72 are needed to stop others at a risk of 0.1.", Refusal(small, 1, 0.1), StringComparison.Ordinal);
        Assert.Contains("of the 20 pictures that were studied, 0 score 100 or more", Refusal(small, 100, 0.1), StringComparison.Ordinal);
        Assert.Contains("a risk of 1 is asked for", Refusal(small, 1, 1), StringComparison.Ordinal);
        Assert.Contains("a risk of NaN is asked for", Refusal(small, 1, double.NaN), StringComparison.Ordinal);
        Assert.Contains("0 steps are too few", Refusal(small with { Pictures = [] }, 1, 0.1), StringComparison.Ordinal);

        static string Refusal(EarlyStudy study, double above, double risk) => Assert.Throws<PaintException>(() => PruneRule.Of(study, above, risk)).Message;
    }

    [Fact]
    public void Correlations_are_of_each_step_with_the_end()
    {
        var study = new EarlyStudy("c", "m", "s", [new([1, 3], 1), new([2, 2], 2), new([3, 1], 30), new([9], 0)]);

        var correlations = study.Correlations();

        Assert.Equal([1, 2], correlations.Select(step => step.Step));
        Assert.Equal(1, correlations[0].Spearman!.Value, 12);
        Assert.Equal(-1, correlations[1].Spearman!.Value, 12);
        Assert.Equal(0.8808122718846411, correlations[0].Pearson!.Value, 12); // Python, by the definition, of [1, 2, 3] and [1, 2, 30].
        Assert.Empty(new EarlyStudy("c", "m", "s", []).Correlations());
    }

    private static EarlyStudy Study(Random random, int count, double correlation) => new("c", "m", "s", [.. Pictures(random, count, correlation)]);

    /// <summary>Early scores that go with the final one as told, all the more the later; a sixth of the pictures wins.</summary>
    private static IEnumerable<EarlyScores> Pictures(Random random, int count, double correlation) => Enumerable.Range(0, count).Select(_ =>
    {
        var final = Normal();
        return new EarlyScores([.. Enumerable.Range(1, Steps).Select(step =>
        {
            var with = correlation * step / Steps;
            return (float)((with * final) + (Math.Sqrt(1 - (with * with)) * Normal()));
        })], (float)final);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
    });
}
