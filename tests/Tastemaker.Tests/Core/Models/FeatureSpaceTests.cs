using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

public sealed class FeatureSpaceTests
{
    private static readonly FeatureSpace Large = new("clip-vit-l-14", 768);

    [Fact]
    public void The_same_space_is_accepted_without_a_word()
    {
        Assert.True(Large.Accepts(new("clip-vit-l-14", 768), out var doubt, out _));
        Assert.Null(doubt);
    }

    [Theory]
    [InlineData("clip-vit-b-32", 512)]
    [InlineData("clip-vit-l-14-336", 768)]
    [InlineData("clip-vit-l-14", 512)]
    [InlineData(null, 512)]
    public void Another_space_is_refused_with_both_names(string? name, int dimensions)
    {
        var other = new FeatureSpace(name, dimensions);

        Assert.False(Large.Accepts(other, out var doubt, out var refusal));
        Assert.Null(doubt);
        Assert.Equal($"it takes vectors of the space 'clip-vit-l-14' (768-d); these are of {other}", refusal);
    }

    [Theory]
    [InlineData("clip-vit-l-14", null)]
    [InlineData(null, "clip-vit-l-14")]
    [InlineData(null, null)]
    public void An_undeclared_space_of_the_right_size_is_accepted_with_a_doubt(string? takes, string? gives)
    {
        Assert.True(new FeatureSpace(takes, 768).Accepts(new(gives, 768), out var doubt, out _));
        Assert.Contains("undeclared (768-d)", doubt, StringComparison.Ordinal);
    }
}
