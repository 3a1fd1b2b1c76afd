using Tastemaker.Core.Curation;

namespace Tastemaker.Tests.Core.Curation;

public sealed class ChadTests
{
    // python3 -c "for s in (...): print(s, repr(round(s, 1)))"
    [Theory]
    [InlineData(6.25, 6.2)]
    [InlineData(6.75, 6.8)]
    [InlineData(6.85, 6.8)]
    [InlineData(7.65, 7.7)]
    [InlineData(7.75, 7.8)]
    [InlineData(6.95, 7.0)]
    [InlineData(0.05, 0.1)]
    [InlineData(0.15, 0.1)]
    [InlineData(0.25, 0.2)]
    [InlineData(0.35, 0.3)]
    [InlineData(2.675, 2.7)]
    [InlineData(9.95, 9.9)]
    [InlineData(-6.25, -6.2)]
    [InlineData(-0.04, -0.0)]
    [InlineData(1e-300, 0.0)]
    [InlineData(0.0, 0.0)]
    [InlineData(123456789012.25, 123456789012.2)]
    [InlineData(4210495614956608.5, 4210495614956608.5)]
    [InlineData(550000000000000.9375, 550000000000000.9)]
    [InlineData(1e22, 1e22)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.NegativeInfinity, double.NegativeInfinity)]
    public void Scores_round_as_in_python(double score, double expected)
    {
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(Chad.Round(score)));
    }

    [Theory]
    [InlineData(6.8500001, Chad.Threshold, ChadVerdict.Chad)]
    [InlineData(6.85, Chad.Threshold, ChadVerdict.Trash)]
    [InlineData(6.9, Chad.Threshold, ChadVerdict.Chad)]
    [InlineData(7.65, Chad.Csv1Threshold, ChadVerdict.Chad)]
    [InlineData(7.64, Chad.Csv1Threshold, ChadVerdict.Trash)]
    [InlineData(double.NaN, Chad.Threshold, ChadVerdict.Trash)]
    public void The_rounded_score_decides(double score, double threshold, ChadVerdict expected)
    {
        Assert.Equal(expected, Chad.Verdict(score, threshold));
    }

    [Fact]
    public void Names_are_those_of_the_web_ui()
    {
        Assert.Equal("00012-1234--Chad--6.9.png", Chad.Name(12, "1234", 6.93, ".png"));
        Assert.Equal("123456-cat--Chad--7.0.jpg", Chad.Name(123456, "cat", 6.95, ".jpg"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("00011-1234--Chad--6.9.png 00003-1.png", 12)]
    [InlineData("7.png abc.png 12abc-3.png -5.png", 8)]
    [InlineData("99999999999999999999999-1.png 1-2.png", 2)]
    public void The_sequence_goes_on_after_the_largest_leading_number(string files, long expected)
    {
        using var folder = new TempFolder();
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            folder.File(file);
        }

        Assert.Equal(expected, Chad.NextSequence(folder.Path));
        Assert.Equal(0, Chad.NextSequence(folder["missing"]));
    }
}
