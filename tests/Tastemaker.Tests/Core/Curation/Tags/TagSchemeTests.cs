using Tastemaker.Core.Curation;
using Tastemaker.Core.Curation.Tags;

namespace Tastemaker.Tests.Core.Curation.Tags;

public sealed class TagSchemeTests
{
    [Theory]
    [InlineData(99.9, "score_9, score_8_up, score_7_up, score_6_up, score_5_up, score_4_up")]
    [InlineData(90, "score_9, score_8_up, score_7_up, score_6_up, score_5_up, score_4_up")]
    [InlineData(89.99, "score_8, score_7_up, score_6_up, score_5_up, score_4_up")]
    [InlineData(70, "score_7, score_6_up, score_5_up, score_4_up")]
    [InlineData(65, "score_6, score_5_up, score_4_up")]
    [InlineData(50, "score_5, score_4_up")]
    [InlineData(40, "score_4")]
    [InlineData(39.99, "")]
    [InlineData(0, "")]
    public void The_strings_of_Pony_V6_are_those_that_it_was_trained_with(double percentile, string tags) => Assert.Equal(tags, Tags("pony-v6", percentile));

    [Theory]
    [InlineData("pony-v5", 95, "score_9")]
    [InlineData("pony-v5", 40, "score_4")]
    [InlineData("pony-v5", 12, "")]
    [InlineData("animagine", 95.1, "masterpiece")]
    [InlineData("animagine", 95, "best quality")]
    [InlineData("animagine", 85, "great quality")]
    [InlineData("animagine", 75, "good quality")]
    [InlineData("animagine", 50, "normal quality")]
    [InlineData("animagine", 25, "low quality")]
    [InlineData("animagine", 10, "worst quality")]
    [InlineData("animagine", 0, "worst quality")]
    [InlineData("noobai", 96, "very awa, masterpiece")]
    [InlineData("noobai", 95, "best quality")]
    [InlineData("noobai", 85, "good quality")]
    [InlineData("noobai", 60, "normal quality")]
    [InlineData("noobai", 30, "worst quality")]
    [InlineData("noobai", 5, "worst aesthetic, worst quality")]
    public void Every_known_ladder_has_its_words_and_edges(string scheme, double percentile, string tags) => Assert.Equal(tags, Tags(scheme, percentile));

    [Fact]
    public void The_full_ladder_reaches_every_image_and_gives_each_an_order_of_its_own()
    {
        var scheme = TagSchemes.Find("pony-full");
        var best = scheme.TierOf(93);

        var orders = Enumerable.Range(0, 200).Select(i => scheme.TagsOf(best, seed: 7, $"image {i}")).ToList();

        Assert.Equal(orders[3], scheme.TagsOf(best, seed: 7, "image 3"));
        Assert.NotEqual(orders[3], scheme.TagsOf(best, seed: 8, "image 3"));
        Assert.All(orders, tags => Assert.Equal(["score_1_up", "score_2_up", "score_3_up", "score_4_up", "score_5_up", "score_6_up", "score_7_up", "score_8_up", "score_9"], tags.Order(StringComparer.Ordinal)));
        Assert.Equal(9, orders.Select(tags => tags[0]).Distinct().Count());
        Assert.Equal(["score_2", "score_1_up"], scheme.TierOf(29)!.Tags);
        Assert.Equal(["score_1"], scheme.TierOf(0)!.Tags);
    }

    [Fact]
    public void A_ladder_of_one_s_own_may_go_by_scores()
    {
        var scheme = TagSchemes.Parse("""{"name": "mine", "by": "score", "tiers": [{"above": 6.9, "tags": ["chad", "great"]}, {"from": 5, "tags": ["fine"]}, {"from": -100, "tags": []}]}""");

        Assert.Equal(("mine", false), (scheme.Name, scheme.ByPercentile));
        Assert.Equal(["chad", "great"], scheme.TierOf(6.91)!.Tags);
        Assert.Equal(["fine"], scheme.TierOf(6.9)!.Tags);
        Assert.Empty(scheme.TierOf(4)!.Tags);
        Assert.Null(scheme.TierOf(-101));
    }

    [Theory]
    [InlineData("[]", "no tag scheme")]
    [InlineData("{\"by\": \"percentile\", \"tiers\": []}", "0 tiers")]
    [InlineData("{\"by\": \"rank\", \"tiers\": [{\"from\": 1, \"tags\": []}]}", "'rank'")]
    [InlineData("{\"by\": \"score\", \"tiers\": [{\"from\": 1, \"tags\": []}, {\"from\": 2, \"tags\": []}]}", "Name the best tier first")]
    [InlineData("{\"by\": \"score\", \"tiers\": [{\"from\": 1, \"above\": 2, \"tags\": []}]}", "exactly one of")]
    [InlineData("{\"by\": \"score\", \"tiers\": [{\"from\": 1, \"tags\": [\"a, b\"]}]}", "comma")]
    [InlineData("{\"by\": \"score\", \"tears\": []}", "tears")]
    public void What_is_no_ladder_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<CurationException>(() => TagSchemes.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_scheme_that_is_not_there_names_those_that_are() =>
        Assert.Contains("pony-v6", Assert.Throws<CurationException>(() => TagSchemes.Find("pony-v7")).Message, StringComparison.Ordinal);

    private static string Tags(string scheme, double percentile) => string.Join(", ", TagSchemes.Find(scheme).TierOf(percentile)?.Tags ?? []);
}
