using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

public sealed class InfotextScoreTests
{
    [Theory]
    [InlineData("a\nSteps: 20, Seed: 1, Size: 2x2", "a\nSteps: 20, Seed: 1, Size: 2x2, Score: 7.12")]
    [InlineData("Steps: 20, Seed: 1, Size: 2x2", "Steps: 20, Seed: 1, Size: 2x2, Score: 7.12")]
    [InlineData("a\nSteps: 20, Seed: 1, Size: 2x2,\n", "a\nSteps: 20, Seed: 1, Size: 2x2, Score: 7.12\n")]
    [InlineData("a\nSteps: 20, Score: 6.5, Seed: 1", "a\nSteps: 20, Score: 7.12, Seed: 1")]
    [InlineData("a\nSteps: 20, Seed: 1, Score: 10.00  ", "a\nSteps: 20, Seed: 1, Score: 7.12  ")]
    [InlineData("Score: 3.00\nSteps: 20, Seed: 1, Size: 2x2", "Score: 3.00\nSteps: 20, Seed: 1, Size: 2x2, Score: 7.12")]
    [InlineData("a\nSteps: 20, Seed: 1, Lora: \"x, Score: 5.00\"", "a\nSteps: 20, Seed: 1, Lora: \"x, Score: 5.00\", Score: 7.12")]
    [InlineData("a\nSteps: 20, Seed: 1, Old Score: 5.00", "a\nSteps: 20, Seed: 1, Old Score: 5.00, Score: 7.12")]
    [InlineData("a\nSteps: 20, Seed: 1, Version: stable-diffusion.cpp, SDCPP: {\"a\": [1, 2], \"Score\": 3}", "a\nSteps: 20, Seed: 1, Version: stable-diffusion.cpp, Score: 7.12, SDCPP: {\"a\": [1, 2], \"Score\": 3}")]
    public void The_score_stands_among_the_parameters_once(string before, string after)
    {
        Assert.Equal(after, InfotextScore.Write(before, 7.12));
        Assert.Equal(after, InfotextScore.Write(after, 7.12));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    [InlineData("a cat, masterpiece")]
    [InlineData("a cat\nSteps: 20, Seed: 1")]
    [InlineData("{\"sui_image_params\": {\"a\": 1, \"b\": 2, \"c\": 3}}")]
    public void A_text_without_parameters_is_no_infotext(string text)
    {
        Assert.Null(InfotextScore.Write(text, 7.12));
    }

    [Fact]
    public void No_line_makes_it_slow()
    {
        Assert.Null(InfotextScore.Write(new string('a', 900_000), 7));
        Assert.Null(InfotextScore.Write(string.Concat(Enumerable.Repeat("a: \"\\", 200_000)), 7) is { Length: < 100 } ? "" : null);
        Assert.Null(InfotextScore.Write(new string('a', 2 << 20) + ": 1, b1: 2, c1: 3", 7));
    }
}
