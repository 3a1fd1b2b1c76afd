using System.Text.Json;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Curation.Reports;
using Tastemaker.Core.Taste;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Tests.Core.Curation.Reports;

public sealed class CollectionReportTests
{
    private static readonly string[] Four = ["asv1", "asv2", "csv1", "mine"];

    [Fact]
    public void Forty_buckets_of_a_quarter_hold_the_scores_from_zero_to_ten()
    {
        var buckets = Report([0, 0.25f, 0.2499999f, 5.1f, 9.75f, 10]).Heads[0].Buckets;

        Assert.Equal(40, buckets.Count);
        Assert.All(buckets.Index(), b => Assert.Equal((b.Index * 0.25, (b.Index + 1) * 0.25), (b.Item.From, b.Item.To)));
        Assert.Equal([2, 0], buckets[0].Images);
        Assert.Equal([1], buckets[1].Images);
        Assert.Equal([3], buckets[20].Images);
        Assert.Equal([5, 4], buckets[39].Images);
        Assert.Equal(6, buckets.Sum(b => b.Images.Count));
    }

    [Theory]
    [InlineData(-3, 11)]
    [InlineData(0, 1)]
    [InlineData(20, 30)]
    [InlineData(-1e-6, 1e-6)]
    [InlineData(1e9, 3e9)]
    [InlineData(7.3, 7.3)]
    public void Scores_of_another_scale_get_at_most_forty_buckets_of_a_round_width(double lowest, double highest)
    {
        var random = new Random(1);
        float[] scores = [(float)lowest, (float)highest, .. Enumerable.Range(0, 500).Select(_ => (float)(lowest + (random.NextDouble() * (highest - lowest))))];

        var head = Report(scores).Heads[0];

        Assert.InRange(head.Buckets.Count, 1, 40);
        Assert.Equal(Enumerable.Range(0, scores.Length), head.Buckets.SelectMany(b => b.Images).Order());
        Assert.All(head.Buckets, b => Assert.All(b.Images, i => Assert.InRange(head.ScoreOf(i), b.From, b.To)));
        var width = head.Buckets[0].To - head.Buckets[0].From;
        Assert.Contains(Math.Round(width / Math.Pow(10, Math.Floor(Math.Log10(width) + 1e-6)), 6), (double[])[1, 2, 2.5, 5]);
    }

    [Fact]
    public void Quantiles_hold_equally_many_and_rise()
    {
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 1003).Select(_ => random.NextSingle())];

        var head = Report(scores, new() { Buckets = BucketKind.Quantiles }).Heads[0];

        Assert.Equal(20, head.Buckets.Count);
        Assert.All(head.Buckets, b => Assert.InRange(b.Images.Count, 50, 51));
        Assert.Equal(head.Ranked, head.Buckets.Reverse().SelectMany(b => b.Images));
        Assert.All(head.Buckets.Zip(head.Buckets.Skip(1)), pair => Assert.True(pair.First.To <= pair.Second.From));
    }

    [Fact]
    public void SD_Chads_thresholds_are_shown_for_its_own_heads_and_count_rounded_scores()
    {
        // 6.85 as a float is 6.8499999, which rounds to 6.8; 6.86 rounds to 6.9.
        float[] scores = [6.85f, 6.86f, 6.9f, 7.66f, 7.8f];
        var heads = Four.Select(Head).ToList();
        var images = scores.Select((s, i) => new Scored($"/{i}", null, [.. Four.Select(_ => new Score(s, 0, 0))])).ToList();

        var report = CollectionReport.Of("gist", heads, images, new());

        Assert.Equal<IEnumerable<ThresholdReport>>(
            [new(6.9, IsRounded: true, 4), new(7.7, IsRounded: true, 2)], report.Heads.SelectMany(h => h.Thresholds));
        Assert.Equal(["asv2", "csv1"], report.Heads.Where(h => h.Thresholds.Count > 0).Select(h => h.Name));

        var own = CollectionReport.Of("gist", heads, images, new() { Thresholds = [Threshold.Parse("mine=6.9"), Threshold.Parse("7")] });
        Assert.Equal<IEnumerable<ThresholdReport>>([new(6.9, IsRounded: false, 3), new(7, IsRounded: false, 2)], own.Heads[3].Thresholds);
        Assert.Equal<IEnumerable<ThresholdReport>>([new(7, IsRounded: false, 2)], own.Heads[0].Thresholds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("=7")]
    [InlineData("nan")]
    [InlineData("mine=high")]
    [InlineData("yours=7")]
    public void A_threshold_that_cannot_be_meant_is_refused(string text) =>
        Assert.Throws<CurationException>(() => Report([1, 2], new() { Thresholds = [Threshold.Parse(text)] }));

    [Fact]
    public void An_image_without_a_finite_score_is_named_and_in_no_figure()
    {
        var report = Report([1, float.NaN, 2, float.PositiveInfinity]);

        Assert.Equal(["/1", "/3"], report.Unscored.Select(f => f.Path));
        Assert.Equal(1.5, report.Heads[0].Mean);
        Assert.Throws<CurationException>(() => Report([float.NaN]));
    }

    [Fact]
    public void One_image_and_equal_scores_make_a_report_too()
    {
        foreach (var scores in (float[][])[[5], [3, 3, 3, 3]])
        {
            var report = Report(scores);
            var (html, _) = report.Page(DateTimeOffset.UnixEpoch, null, TestContext.Current.CancellationToken);

            Assert.Equal(0, report.Heads[0].Deviation);
            Assert.Null(report.Pairs[0].Pearson);
            Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_cannot_leave_their_place_in_the_page_and_a_picture_that_is_gone_is_named()
    {
        const string Hostile = "/pictures/</script><script>alert(1)</script>\"'&<img src=http://example.org/a>.png";
        var report = CollectionReport.Of("<b>", [Head("<i>\"")], [new(Hostile, null, [new(1, 0, 0)]), new("/pictures/b", null, [new(2, 0, 0)])], new());

        var (html, failures) = report.Page(DateTimeOffset.UnixEpoch, null, TestContext.Current.CancellationToken);

        Assert.Equal(["/pictures/b", Hostile], failures.Select(f => f.Path));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b></code>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("/pictures/", html, StringComparison.Ordinal);
        Assert.Equal(1, html.Split("</script>").Length - 1);
        var figures = JsonDocument.Parse(Figures(html)).RootElement;
        Assert.Equal(Hostile["/pictures/".Length..], figures.GetProperty("heads")[0].GetProperty("worst")[0].GetProperty("path").GetString());
    }

    [Fact]
    public void Heads_disagree_most_where_their_ranks_are_furthest_apart()
    {
        // Images 0 to 9 in order for the first; the second has 0 best and 9 worst, and the rest in the same order.
        var images = Enumerable.Range(0, 10).Select(i => new Scored($"/{i}", null, [new(i, 0, 0), new(i switch { 0 => 20, 9 => -20, _ => i }, 0, 0)])).ToList();

        var pair = CollectionReport.Of("gist", [Head("a"), Head("b")], images, new()).Pairs[0];

        Assert.Equal(9, pair.FirstOnly[0]);
        Assert.Equal([0], pair.SecondOnly.Take(1));
        Assert.DoesNotContain(5, pair.FirstOnly);
    }

    internal static string Figures(string html)
    {
        const string Open = "<script type=\"application/json\" id=\"figures\">";
        var start = html.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        return html[start..html.IndexOf("</script>", start, StringComparison.Ordinal)];
    }

    private static CollectionReport Report(float[] scores, ReportOptions? options = null) => CollectionReport.Of(
        "gist", [Head("mine"), Head("other")], [.. scores.Select((s, i) => new Scored($"/{i}", null, [new(s, 0, 0), new(s, 0, 0)]))], options ?? new());

    private static ScoringHead Head(string name) => new(name, new("gist", 1), new AffineHead([1], 0));
}
