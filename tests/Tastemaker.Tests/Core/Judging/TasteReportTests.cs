using Tastemaker.Core.Judging;

namespace Tastemaker.Tests.Core.Judging;

public sealed class TasteReportTests
{
    private static readonly Func<long, long, double> LowerNumbersWin = (image, other) => image < other ? 0.9 : 0.1;

    [Fact]
    public void Without_judgements_every_figure_is_there_and_empty()
    {
        var report = TasteReport.Of([], Judged.Ranking(), LowerNumbersWin);

        Assert.Equal(0, report.Agreement.Of + report.Repeatability.Of + report.Counts.Choices + report.Learning.Count + report.Means.Count + report.Raters.Count);
        Assert.Equal(5, report.Calibration.Count);
        Assert.Equal(NextStep.AddImages, report.Advice.Next);
    }

    [Fact]
    public void Only_choices_that_were_held_out_count_towards_the_agreement()
    {
        var report = TasteReport.Of(
            [Judged.Choice(1, 2, Purpose.HeldOut), Judged.Choice(3, 2, Purpose.HeldOut), Judged.Choice(1, 3), Judged.Choice(1, 2, Purpose.Repeat), Judged.Choice(1, 99, Purpose.HeldOut)],
            Judged.Ranking(3, 2, 1), LowerNumbersWin);

        Assert.Equal((1, 2), (report.Agreement.Agreed, report.Agreement.Of));
        Assert.Equal((3, 1), (report.Counts.HeldOut, report.Counts.Repeats));
    }

    [Fact]
    public void A_model_that_tells_nothing_apart_agrees_with_nothing() =>
        Assert.Equal(0, TasteReport.Of([Judged.Choice(1, 2, Purpose.HeldOut)], Judged.Ranking(1, 1), (_, _) => 0.5).Agreement.Agreed);

    [Fact]
    public void A_repeat_is_compared_with_the_same_person_s_last_answer()
    {
        var report = TasteReport.Of(
        [
            Judged.Choice(1, 2, Purpose.HeldOut), Judged.Choice(2, 1, Purpose.Repeat), Judged.Choice(2, 1, Purpose.Repeat),
            Judged.Choice(1, 2, Purpose.Repeat, rater: "you"), Judged.Draw(3, 4), Judged.Choice(3, 4, Purpose.Repeat),
        ], Judged.Ranking(2, 1), LowerNumbersWin);

        Assert.Equal((1, 2), (report.Repeatability.Agreed, report.Repeatability.Of));
        Assert.Equal([("me", 2), ("you", 0)], report.Raters.Select(r => (r.Rater, r.Repeatability.Of)));
    }

    [Fact]
    public void The_learning_curve_follows_what_was_foretold_in_running_windows()
    {
        // Every second choice is held out; the model foretells none of the first 40 of them, and all of the last 40.
        var standing = Enumerable.Range(0, 80).SelectMany(i => new[] { Judged.Choice(1, 2), Judged.Choice(1, 2, Purpose.HeldOut, i < 40 ? 0.3 : 0.7) }).ToList();

        var curve = TasteReport.Of(standing, Judged.Ranking(2, 1), LowerNumbersWin).Learning;

        Assert.Equal(61, curve.Count);
        Assert.All(curve, point => Assert.Equal(20, point.Agreement.Of));
        Assert.Equal((0, 20), (curve[0].Agreement.Agreed, curve[^1].Agreement.Agreed));
        Assert.Equal((22, 142), (curve[0].Choices, curve[^1].Choices));
        Assert.Empty(TasteReport.Of(standing[..38], Judged.Ranking(2, 1), LowerNumbersWin).Learning);
    }

    [Fact]
    public void A_claim_is_compared_with_how_often_it_is_right()
    {
        double[] expected = [0.72, 0.78, 0.25, 0.5, 1, 0];

        var bins = TasteReport.Of([.. expected.Select(e => Judged.Choice(1, 2, Purpose.HeldOut, e))], Judged.Ranking(2, 1), LowerNumbersWin).Calibration;

        Assert.Equal([(0, 0), (0, 0), (2, 3), (0, 0), (1, 2)], bins.Select(b => (b.Right.Agreed, b.Right.Of)));
        Assert.Equal(0.75, bins[2].Claimed, 1e-12);
        Assert.Equal((0.7, 0.8), (Math.Round(bins[2].From, 12), Math.Round(bins[2].To, 12)));
    }

    [Fact]
    public void The_ranking_is_shown_by_its_ends_and_by_doubt()
    {
        var report = TasteReport.Of([], Judged.Ranking([.. Enumerable.Range(0, 30).Select(i => (float)-i)]), LowerNumbersWin);

        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), report.MostLiked.Select(i => i.Image));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => 30L - i), report.LeastLiked.Select(i => i.Image));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => 30L - i), report.MostUnsure.Select(i => i.Image));
        Assert.Equal(30, report.Means.Sum(bar => bar.Count));
        Assert.Equal((-29, 0), (report.Means[0].From, Math.Round(report.Means[^1].To, 9)));
        Assert.Equal([1L, 2], TasteReport.Of([], Judged.Ranking(2, 1, 0), LowerNumbersWin).MostLiked.Select(i => i.Image));
        Assert.Equal([3L], TasteReport.Of([], Judged.Ranking(2, 1, 0), LowerNumbersWin).LeastLiked.Select(i => i.Image));
    }

    [Fact]
    public void Two_raters_agree_as_Cohen_counts()
    {
        // The textbook table of Cohen's kappa (20, 5, 10, 15): 0.4.
        var (kappa, low, high) = RaterAgreement.KappaOf(new[,] { { 20, 5 }, { 10, 15 } });

        Assert.Equal(0.4, kappa!.Value, 1e-12);
        Assert.Equal((0.1511, 0.6489), (Math.Round(low!.Value, 4), Math.Round(high!.Value, 4)));
    }

    [Fact]
    public void Raters_are_compared_on_the_pairs_that_both_judged()
    {
        var between = TasteReport.Of(
        [
            Judged.Choice(1, 2), Judged.Choice(4, 3), Judged.Draw(5, 6), Judged.Choice(7, 8),
            Judged.Choice(2, 1, rater: "you"), Judged.Choice(1, 2, rater: "you"), Judged.Choice(3, 4, rater: "you"), Judged.Draw(6, 5, rater: "you"),
        ], Judged.Ranking(2, 1), LowerNumbersWin).BetweenRaters;

        Assert.Equal(("me", "you", 2, 3), (between.Single().Rater, between[0].Other, between[0].Same.Agreed, between[0].Same.Of));
    }

    [Fact]
    public void All_draws_and_ten_raters_who_contradict_each_other_are_a_report_too()
    {
        var standing = Enumerable.Range(0, 10).SelectMany(r => Enumerable.Range(1, 20).SelectMany(i => new[]
        {
            r % 2 == 0 ? Judged.Choice(i, i + 1, rater: $"r{r}") : Judged.Choice(i + 1, i, rater: $"r{r}"), Judged.Draw(100, 200, $"r{r}"),
        })).ToList();

        var report = TasteReport.Of(standing, Judged.Ranking(2, 1), LowerNumbersWin);

        Assert.Equal(45, report.BetweenRaters.Count);
        Assert.All(report.BetweenRaters, pair => Assert.InRange(pair.Kappa!.Value, -1, 1));
        var draws = TasteReport.Of([Judged.Draw(1, 2), Judged.Draw(1, 2, "you")], Judged.Ranking(2, 1), LowerNumbersWin);
        Assert.Null(draws.BetweenRaters.Single().Kappa);
        Assert.Equal(2, draws.Counts.Draws);
    }

    [Theory]
    [InlineData(20, 18, 20, 16, 0.5, NextStep.Choose, "20 choices of")]
    [InlineData(100, 70, 5, 5, 0.5, NextStep.Choose, "5 pairs only")]
    [InlineData(100, 80, 50, 38, 0.5, NextStep.Stop, "76 %")]
    [InlineData(100, 70, 50, 45, 0.4, NextStep.Choose, "gap of 20 points")]
    public void The_advice_follows_from_the_figures(int heldOut, int agreed, int repeats, int same, double expected, NextStep next, string reason)
    {
        var standing = Enumerable.Range(0, heldOut).Select(i => i < agreed ? Judged.Choice(1, 2, Purpose.HeldOut, expected) : Judged.Choice(2, 1, Purpose.HeldOut, expected))
            .Append(Judged.Choice(3, 4))
            .Concat(Enumerable.Range(0, repeats).Select(i => (i, pair: 10 + (2 * i))).SelectMany(r => new[]
            {
                Judged.Choice(r.pair, r.pair + 1),
                r.i < same ? Judged.Choice(r.pair, r.pair + 1, Purpose.Repeat) : Judged.Choice(r.pair + 1, r.pair, Purpose.Repeat),
            })).ToList();

        var advice = TasteReport.Of(standing, Judged.Ranking([.. Enumerable.Range(0, 400).Select(i => (float)-i)]), LowerNumbersWin).Advice;

        Assert.Equal(next, advice.Next);
        Assert.Contains(reason, advice.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_many_choices_an_image_teach_nothing_more_images_do()
    {
        var standing = Enumerable.Range(0, 100).Select(i => Judged.Choice(i % 10 < 7 ? 1 : 2, i % 10 < 7 ? 2 : 1, Purpose.HeldOut, i % 10 < 7 ? 0.9 : 0.1))
            .Concat(Enumerable.Range(0, 20).Select(_ => Judged.Choice(3, 4, Purpose.Repeat))).ToList();

        Assert.Equal(NextStep.AddImages, TasteReport.Of(standing, Judged.Ranking(4, 3, 2, 1), LowerNumbersWin).Advice.Next);
    }
}
