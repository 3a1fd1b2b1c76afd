using Tastemaker.Core.Curation;
using Tastemaker.Core.Curation.Tags;

namespace Tastemaker.Tests.Core.Curation.Tags;

public sealed class TagPlanTests
{
    [Theory]
    [InlineData(1000)]
    [InlineData(997)]
    [InlineData(13)]
    public void Tiers_by_percentile_are_within_one_image_of_exact(int images)
    {
        var dice = new Random(5);
        var files = Enumerable.Range(0, images).Select(i => new ScoredFile($"/{i}.png", "m", dice.NextDouble())).ToList();

        var plan = TagPlan.Of(TagSchemes.Find("animagine"), files, _ => "", seed: 0);

        var ranked = plan.OrderByDescending(tagged => tagged.File.Raw).ToList();
        var above = 0;
        foreach (var (tag, share) in new[] { ("masterpiece", 0.05), ("best quality", 0.15), ("great quality", 0.25), ("good quality", 0.5), ("normal quality", 0.75), ("low quality", 0.9), ("worst quality", 1) })
        {
            above += ranked.Count(tagged => tagged.Tags.SequenceEqual([tag]));
            Assert.InRange(above, (share * images) - 1, (share * images) + 1);
            Assert.All(ranked.Take(above).Skip(above - 1), last => Assert.Equal(tag, last.Tags[0]));
        }
    }

    [Fact]
    public void Each_group_has_its_own_best()
    {
        var files = Enumerable.Range(0, 200).Select(i => new ScoredFile(i < 100 ? $"/dull/{i}.png" : $"/bright/{i}.png", "m", i)).ToList();

        var together = TagPlan.Of(TagSchemes.Find("pony-v5"), files, _ => "", seed: 0);
        var apart = TagPlan.Of(TagSchemes.Find("pony-v5"), files, file => Path.GetDirectoryName(file.Path)!, seed: 0);

        Assert.Equal(0, Best(together, "dull"));
        Assert.Equal(20, Best(together, "bright"));
        Assert.Equal(10, Best(apart, "dull"));
        Assert.Equal(10, Best(apart, "bright"));

        static int Best(IEnumerable<TaggedFile> plan, string folder) =>
            plan.Count(tagged => tagged.Tags.Contains("score_9") && tagged.File.Path.Contains(folder, StringComparison.Ordinal));
    }

    [Fact]
    public void Images_with_the_same_score_get_the_same_tags()
    {
        var files = Enumerable.Range(0, 50).Select(i => new ScoredFile($"/{i}.png", "m", i % 2)).ToList();

        var plan = TagPlan.Of(TagSchemes.Find("pony-v5"), files, _ => "", seed: 0);

        Assert.Equal([25.0, 75.0], plan.Select(tagged => tagged.Value).Distinct().Order());
        Assert.All(plan, tagged => Assert.Equal(tagged.File.Raw == 1 ? ["score_7"] : [], tagged.Tags));
    }
}
