using Tastemaker.Core.Curation;

namespace Tastemaker.Tests.Core.Curation;

public sealed class PlacementTests
{
    private static readonly ScoredFile File = new("/pictures/cat.v2.png", "asv2", 6.914)
    {
        Z = -0.25,
        Percentile = 91.26,
        Rank = 7,
        ContentId = "ab01",
    };

    [Theory]
    [InlineData("{stem}--{model}--{raw:F1}{ext}", "cat.v2--asv2--6.9.png")]
    [InlineData("{name}", "cat.v2.png")]
    [InlineData("{rank:D4}_{index:000}_{percentile:0.0}_{z:F2}.x", "0007_003_91.3_-0.25.x")]
    [InlineData("{{{content_id}}}", "{ab01}")]
    [InlineData("{raw}", "6.914")]
    [InlineData("plain", "plain")]
    public void Fields_are_replaced_by_their_values(string pattern, string expected)
    {
        Assert.Equal(expected, NamePattern.Parse(pattern).NameOf(File, 3));
    }

    [Theory]
    [InlineData("{score}", "there is no field 'score' for names. There are stem, name, ext, model, raw, z, percentile, rank, content_id, index.")]
    [InlineData("{stem", "cannot be read from character 1 on")]
    [InlineData("a}b", "cannot be read from character 2 on")]
    [InlineData("", "cannot be read")]
    [InlineData("{stem:F1}", "'F1' is not a format for 'stem'")]
    [InlineData("{raw:D5}", "'D5' is not a format for 'raw'")]
    [InlineData("{raw:F999999999}", "'F999999999' is not a format for 'raw'")]
    public void A_pattern_that_cannot_work_says_what_can(string pattern, string expected)
    {
        Assert.Contains(expected, Assert.Throws<CurationException>(() => NamePattern.Parse(pattern)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../{name}")]
    [InlineData("sub/{name}")]
    [InlineData("sub\\{name}")]
    [InlineData("..")]
    [InlineData(" . ")]
    [InlineData("line\nbreak")]
    public void Names_that_leave_the_folder_are_refused(string pattern)
    {
        Assert.Throws<CurationException>(() => NamePattern.Parse(pattern).NameOf(File, 1));
    }

    [Fact]
    public void A_value_that_is_not_known_and_a_name_too_long_are_failures_of_that_file_alone()
    {
        var files = new[] { File, File with { Rank = null }, File with { Path = "/" + new string('é', 128) + ".png" } };

        var plan = Placement.Plan(files, "/out", pattern: NamePattern.Parse("{rank}{stem}"));

        Assert.Equal("7cat.v2", Assert.Single(plan.Done).Name);
        Assert.Equal(files[1..].Select(f => f.Path), plan.Failures.Select(f => f.Path));
    }

    [Fact]
    public void Bands_are_folders_and_an_edge_belongs_to_the_band_above()
    {
        var bands = Bands.Parse("5, 6,6.9");

        Assert.Equal(["below-5", "5-6", "6-6.9", "6.9-up"], bands.Names);
        Assert.Equal("below-5 5-6 5-6 6-6.9 6.9-up 6.9-up", string.Join(' ', new[] { 4.999, 5, 5.9, 6.89, 6.9, 100 }.Select(bands.NameOf)));
        var plan = Placement.Plan([File, File with { Raw = double.NaN }], "/out", bands);
        Assert.Equal(new PlannedFile(File.Path, Path.GetFullPath("/out/6.9-up"), "cat.v2.png"), Assert.Single(plan.Done));
        Assert.Single(plan.Failures);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5,,6")]
    [InlineData("6,5")]
    [InlineData("5,5")]
    [InlineData("5,NaN")]
    [InlineData("five")]
    public void Edges_that_are_not_rising_numbers_are_refused(string text)
    {
        Assert.Throws<CurationException>(() => Bands.Parse(text));
    }
}
