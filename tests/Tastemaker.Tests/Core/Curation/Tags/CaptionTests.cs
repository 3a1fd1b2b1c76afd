using System.Text;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Curation.Tags;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Tests.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Curation.Tags;

public sealed class CaptionTests
{
    private static readonly TagChange Best = new(TagSchemes.Find("pony-v6").Own, ["score_9", "score_8_up"]);
    private static readonly TagChange Worse = Best with { Tags = ["score_4"] };
    private static readonly TagChange None = Best with { Tags = [] };

    [Theory]
    [InlineData("", "score_9, score_8_up")]
    [InlineData("1girl, solo", "score_9, score_8_up, 1girl, solo")]
    [InlineData("1girl,solo,", "score_9, score_8_up, 1girl,solo,")]
    [InlineData("  1girl\n", "score_9, score_8_up,   1girl\n")]
    [InlineData("1girl\r\nA second caption\r\n", "score_9, score_8_up, 1girl\r\nA second caption\r\n")]
    [InlineData("\uFEFF1girl \n", "\uFEFFscore_9, score_8_up, 1girl \n")]
    [InlineData("score_4, 1girl, score_5_up, über_girl", "score_9, score_8_up, 1girl, über_girl")]
    [InlineData("score_9_girl, score_90", "score_9, score_8_up, score_9_girl, score_90")]
    public void Tags_come_first_and_all_else_stays(string before, string after)
    {
        Assert.Equal(after, After(before, Best));
        Assert.Equal(after, After(after, Best));
        Assert.Equal(After(before, Worse), After(after, Worse));
    }

    [Theory]
    [InlineData("1girl,solo,")]
    [InlineData("  1girl\nx")]
    [InlineData("\uFEFF1girl \r\n")]
    public void What_was_put_in_is_taken_out_again(string caption) => Assert.Equal(caption, After(After(caption, Best), None));

    [Fact]
    public void Generation_parameters_are_not_a_caption()
    {
        const string Infotext = "a castle\nNegative prompt: ugly\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512\n";

        Assert.Contains("generation parameters", Assert.Throws<CurationException>(() => After(Infotext, Best)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_UTF8_or_is_huge_is_refused()
    {
        Assert.Contains("UTF-8", Assert.Throws<CurationException>(() => Caption.Plan(new MemoryStream([0x61, 0xFF, 0x62]), Best)).Message, StringComparison.Ordinal);
        Assert.Contains("1048577 bytes", Assert.Throws<CurationException>(() => Caption.Plan(new MemoryStream(new byte[(1 << 20) + 1]), Best)).Message, StringComparison.Ordinal);
    }

    private static string After(string caption, TagChange change)
    {
        var bytes = Encoding.UTF8.GetBytes(caption);
        return Encoding.UTF8.GetString(Splices.Apply(bytes, Caption.Plan(new MemoryStream(bytes), change)));
    }
}
