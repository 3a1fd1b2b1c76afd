using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PaintInfotextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_prompt_was_drawn_towards_is_read_as_it_was_written()
    {
        var target = AestheticTarget.Of("soft", new FeatureSpace("clip", 2), [1, 0]);
        AestheticSettings[] all =
        [
            AestheticSettings.Default,
            new() { Steps = 3, LearningRate = 0.01, Weight = 0.25, Slerp = true, Text = "a \"calm\" sea: blue, grey", Angle = 0.5, IsNegative = true, Encoder = DrawnEncoder.Stock, IsCompatible = true },
        ];

        Assert.All(all, settings => Assert.Equal(new("soft", IsFile: false, settings) { Hash = target.Hash[..10] }, PaintInfotext.ReadAesthetic(Made(settings.Infotext(target)))));
    }

    [Fact]
    public void A_picture_without_an_aesthetic_says_none_and_a_number_that_is_none_is_told()
    {
        Assert.Null(PaintInfotext.ReadAesthetic(Made([])));
        Assert.Null(PaintInfotext.ReadAesthetic(Made([new("Aesthetic embedding", "None")])));

        var error = Assert.Throws<PaintException>(() => PaintInfotext.ReadAesthetic(Made([new("Aesthetic embedding", "soft"), new("Aesthetic LR", "small")])));
        Assert.Equal("Aesthetic LR is 'small'; a number is wanted.", error.Message);
        error = Assert.Throws<PaintException>(() => PaintInfotext.ReadAesthetic(Made([new("Aesthetic embedding", "soft"), new("Aesthetic embedding hash", "12 of it")])));
        Assert.Equal("Aesthetic embedding hash is '12 of it'; hexadecimal digits are wanted, 64 at most.", error.Message);
    }

    private GenerationInfo Made(IReadOnlyList<KeyValuePair<string, string>> more)
    {
        var infotext = PaintInfotext.Of(new() { Prompt = "a cat", Seed = 1 }, "tiny", "0123456789", more);
        var png = ImageWriter.Png(new(1, 1, PixelMode.Rgb, [0, 0, 0]), new Dictionary<string, string?> { ["parameters"] = $"{infotext}" });
        return GenerationInfo.Of(_folder.Write("made.png", png))!;
    }
}
