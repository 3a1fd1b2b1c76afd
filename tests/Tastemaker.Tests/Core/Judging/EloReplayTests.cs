using Tastemaker.Core.Judging;

namespace Tastemaker.Tests.Core.Judging;

public sealed class EloReplayTests
{
    [Fact]
    public void Of_several_images_the_winner_plays_each_other_in_the_order_shown()
    {
        var replay = EloReplay.Of([Judged.Choice(1, 2), Judged.Choice(1, 3)]);

        // 0.7 · (1 − 1 / (1 + 10^−0.35)) moves in the second pair, as the first has moved the winner before.
        Assert.Equal(0.35, replay.Elo.Score(1) + replay.Elo.Score(3), 1e-12);
        Assert.Equal(-0.35, replay.Elo.Score(2), 1e-12);
        Assert.Equal(-0.7 * (1 - (1 / (1 + Math.Pow(10, -0.35)))), replay.Elo.Score(3), 1e-12);
        Assert.Equal((1, 0, 1), (replay.Agreed, replay.Contradicted, replay.NotPredicted));
    }

    [Fact]
    public void Draws_skips_and_picks_move_nothing()
    {
        var replay = EloReplay.Of([Judged.Draw(1, 2), Judged.Of(new(JudgementKind.Skip, 1, 2)), Judged.Of(new(JudgementKind.Keep, 1)), Judged.Of(Verdict.Rating(2, 4, "1-5"))]);

        Assert.Empty(replay.Elo.Images);
        Assert.Equal(0, replay.Comparisons);
    }

    [Fact]
    public void A_score_from_elsewhere_is_where_an_image_goes_on_from()
    {
        var replay = EloReplay.Of([Judged.Choice(1, 2), Judged.Of(Verdict.Rating(1, 2, "elo")), Judged.Choice(2, 1)]);

        Assert.Equal(1, replay.Contradicted);
        Assert.Equal(2, replay.Elo.Comparisons(1));
        Assert.Equal(2 - (0.7 * Elo.Wins(2.35)), replay.Elo.Score(1), 1e-12);
    }

    [Fact]
    public void Quick_choices_count_more_where_it_is_asked_for()
    {
        Judgement[] quick = [Judged.Choice(1, 2, milliseconds: 100)];

        Assert.Equal(0.35, EloReplay.Of(quick).Elo.Score(1), 1e-12);
        Assert.Equal(0.70, EloReplay.Of(quick, weightBySpeed: true).Elo.Score(1), 1e-12);
        Assert.Equal(0.70, EloReplay.Of([Judged.Choice(1, 2, milliseconds: 0)], weightBySpeed: true).Elo.Score(1), 1e-12);
    }

    [Fact]
    public void The_report_is_in_the_reference_s_words_and_columns()
    {
        var replay = EloReplay.Of(
        [
            Judged.Choice(1, 2, expected: 0.7, milliseconds: 1250), Judged.Choice(1, 2, expected: 0.8, milliseconds: 1000),
            Judged.Choice(2, 1, expected: 0.2), Judged.Choice(2, 1, expected: 0.4), Judged.Choice(1, 2, expected: 0.9),
        ]);

        Assert.Equal(
        [
            "   5 comparisons in    2.2 s",
            "3/5 of the images are rated zero",
            "  2 choices matched db,   2 contradicted db [  1 not predicted] = (50.00%) ",
            "A total of      5 comparisons have been made for     5 images ( 2.00 per image)",
            "  1 all agree;   1 db odd-one-out;   1 model odd-one-out;   1 human odd-one-out;   1 model or db draw; 50.00%",
            "all agree 1 ; model-choice agree 2 ; db-choice agree 2 ; db-model agree 2",
            "    10 tests: 50.00%",
        ], replay.Report(5));
    }

    [Fact]
    public void A_report_of_nothing_divides_by_nothing() => Assert.Equal(
        [
            "   0 comparisons in    0.0 s", "0/0 of the images are rated zero",
            "A total of      0 comparisons have been made for     0 images ( 0.00 per image)", "     0 tests:  0.00%",
        ], EloReplay.Of([]).Report(0));

    [Fact]
    public void One_compared_image_gives_new_ones_no_scale()
    {
        Assert.Throws<JudgingException>(() => Elo.Scores([(1, 2)], [0]));
        Assert.Throws<JudgingException>(() => Elo.Scores([(1, 2), (1, 3)], [0]));
    }
}
