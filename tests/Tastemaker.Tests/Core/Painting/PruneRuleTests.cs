using Tastemaker.Core.Painting;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PruneRuleTests
{
    private const int Steps = 20;

    /// <summary>Of people who make a study and go by it, so many in a hundred may lose more winners than the rule says, however early scores go with the final ones.</summary>
    [Theory]
    [InlineData(0, 0.6, 0.1)]
    [InlineData(0.37, 1, 0.1)]
    [InlineData(0.37, 1, 0.2)]
    [InlineData(0.8, 0.98, 0.05)]
    public void More_winners_than_stated_are_lost_in_at_most_one_study_of_twenty(double first, double last, double risk)
    {
        const int Studies = 200, Population = 2000;
        var (random, worse, losses) = (new Random(7), 0, 0.0);
        for (var study = 0; study < Studies; study++)
        {
            var rule = PruneRule.Of(Study(random, 800, first, last), above: 1, risk);
            List<EarlyScores> winners = [.. Pictures(random, Population, first, last).Where(picture => picture.Final >= 1)];
            var lost = winners.Count(winner => StoppedAt(rule, winner) is not null) / (double)winners.Count;
            losses += lost / Studies;

            // What a population of this size shows of a share at the limit, at two deviations.
            worse += lost > risk + (2 * Math.Sqrt(risk / winners.Count)) ? 1 : 0;
        }

        Assert.InRange(worse / (double)Studies, 0, 1 - PruneRule.Confidence);
        Assert.InRange(losses, risk / 10, risk); // 0 would mean that nothing is ever stopped.
    }

    /// <summary>Steps saved of all, after a step was paid for each look: measured over pictures that the study did not see.</summary>
    [Theory]
    [InlineData(0, 0.6, 0.03, 0.09)]
    [InlineData(0, 0.98, 0.13, 0.20)]
    [InlineData(0.37, 1, 0.24, 0.33)]
    [InlineData(0.8, 0.98, 0.49, 0.59)]
    public void The_better_early_scores_foretell_the_more_is_saved(double first, double last, double least, double most)
    {
        var (random, saved, lost) = (new Random(3), new List<double>(), new List<double>());
        for (var study = 0; study < 20; study++)
        {
            var rule = PruneRule.Of(Study(random, 1500, first, last), above: 1, risk: 0.1);
            List<EarlyScores> pictures = [.. Pictures(random, 1500, first, last)];
            saved.Add(1 - pictures.Average(picture => ((StoppedAt(rule, picture) ?? Steps) + rule.Bounds.Keys.Count(step => step <= (StoppedAt(rule, picture) ?? Steps))) / (double)Steps));
            lost.Add(pictures.Where(picture => picture.Final >= 1).Average(winner => StoppedAt(rule, winner) is null ? 0.0 : 1));
        }

        Assert.InRange(saved.Average(), least, most);
        Assert.InRange(lost.Average(), 0.02, 0.1);
    }

    [Fact]
    public void Rungs_are_where_scores_begin_to_tell()
    {
        var random = new Random(5);
        var study = new EarlyStudy("c", "m", "s", [.. Pictures(random, 2000, step => step < 3 ? 0 : 0.97)]);

        var rule = PruneRule.Of(study, above: 1, risk: 0.1);

        Assert.Equal(3, rule.Bounds.Keys.Order().First());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-0.5, -0.9)]
    public void Where_early_scores_tell_nothing_no_picture_is_stopped(double first, double last)
    {
        var rule = PruneRule.Of(Study(new(9), 2000, first, last), above: 1, risk: 0.1);

        Assert.Empty(rule.Bounds);
        Assert.All(Enumerable.Range(1, Steps), step => Assert.True(rule.GoesOn(step, float.MinValue)));
    }

    [Fact]
    public void Where_an_early_score_tells_all_only_the_winners_go_on()
    {
        var study = new EarlyStudy("c", "m", "s", [.. Enumerable.Range(0, 300).Select(i => new EarlyScores([i, i, i, i], i))]);

        var rule = PruneRule.Of(study, above: 200, risk: 0.1);

        var (step, least) = Assert.Single(rule.Bounds);
        Assert.Equal(1, step);
        Assert.InRange(least, 200, 210); // Up to a tenth of the hundred winners is given up.
        Assert.False(rule.GoesOn(1, 199));
        Assert.False(rule.GoesOn(1, float.NaN));
        Assert.True(rule.GoesOn(2, float.MinValue));
    }

    [Fact]
    public void Scores_that_are_all_the_same_stop_nothing() =>
        Assert.Empty(PruneRule.Of(new("c", "m", "s", [.. Enumerable.Repeat(new EarlyScores([1, 1, 1, 1], 1), 100)]), above: 1, risk: 0.1).Bounds);

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
    public void What_a_study_cannot_say_is_told()
    {
        var small = Study(new(1), 20, 0, 0.5);

        Assert.Contains("44 are needed to stop others at a risk of 0.1.", Refusal(small, 1, 0.1), StringComparison.Ordinal);
        Assert.Contains("of the 20 pictures that were studied, 0 score 100 or more", Refusal(small, 100, 0.1), StringComparison.Ordinal);
        Assert.Contains("a risk of 1 is asked for", Refusal(small, 1, 1), StringComparison.Ordinal);
        Assert.Contains("a risk of NaN is asked for", Refusal(small, 1, double.NaN), StringComparison.Ordinal);
        Assert.Contains("0 steps are too few", Refusal(small with { Pictures = [] }, 1, 0.1), StringComparison.Ordinal);

        static string Refusal(EarlyStudy study, double above, double risk) => Assert.Throws<PaintException>(() => PruneRule.Of(study, above, risk)).Message;
    }

    private static EarlyStudy Study(Random random, int count, double first, double last) => new("c", "m", "s", [.. Pictures(random, count, first, last)]);

    /// <summary>Early scores whose correlation with the final one grows, quickly to begin with; a sixth of the pictures wins.</summary>
    private static IEnumerable<EarlyScores> Pictures(Random random, int count, double first, double last) =>
        Pictures(random, count, step => first + ((last - first) * Math.Sqrt(step / (double)Steps)));

    /// <summary>What is random in a score goes on from step to step, as in a picture that comes clearer.</summary>
    private static IEnumerable<EarlyScores> Pictures(Random random, int count, Func<int, double> correlation) => Enumerable.Range(0, count).Select(_ =>
    {
        const double Lasts = 0.8;
        var (final, noise) = (Normal(), Normal());
        return new EarlyScores([.. Enumerable.Range(1, Steps).Select(step =>
        {
            noise = (Lasts * noise) + (Math.Sqrt(1 - (Lasts * Lasts)) * Normal());
            var with = correlation(step);
            return (float)((with * final) + (Math.Sqrt(1 - (with * with)) * noise));
        })], (float)final);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
    });

    private static int? StoppedAt(PruneRule rule, EarlyScores picture) =>
        rule.Bounds.Keys.Order().Where(step => !rule.GoesOn(step, picture.Steps[step - 1])).Select(step => (int?)step).FirstOrDefault();
}
