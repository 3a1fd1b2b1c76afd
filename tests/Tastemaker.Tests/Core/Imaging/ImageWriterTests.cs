using Tastemaker.Core.Imaging;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Imaging;

public sealed class ImageWriterTests
{
    [Theory]
    [InlineData(PixelMode.Grey)]
    [InlineData(PixelMode.GreyAlpha)]
    [InlineData(PixelMode.Rgb)]
    [InlineData(PixelMode.Rgba)]
    public void A_PNG_gives_back_the_very_pixels(PixelMode mode)
    {
        var pixels = new byte[33 * 21 * mode.Bytes()];
        new Random(3).NextBytes(pixels);

        var file = ImageWriter.Png(new Raster(33, 21, mode, pixels));
        var back = ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken);

        Assert.Equal((33, 21, mode), (back.Width, back.Height, back.Mode));
        Assert.Equal(pixels, back.Pixels);
        Assert.Equal(file, ImageWriter.Png(back));
    }

    [Fact]
    public void Modes_that_PNG_has_not_are_written_as_RGB()
    {
        var raster = ImageDecoder.Decode(Samples.Golden("jpeg_cmyk_300x240.jpg"), cancel: TestContext.Current.CancellationToken);

        var back = ImageDecoder.Decode(ImageWriter.Png(raster), cancel: TestContext.Current.CancellationToken);

        Assert.Equal(PixelMode.Rgb, back.Mode);
        Assert.Equal(raster.ToRgb().Pixels, back.Pixels);
    }

    [Fact]
    public void JPEG_and_WebP_look_like_the_picture()
    {
        var raster = ImageDecoder.Decode(Samples.Golden("grad_640x480.png"), cancel: TestContext.Current.CancellationToken);
        foreach (var file in new[] { ImageWriter.Jpeg(raster), ImageWriter.WebP(raster) })
        {
            var back = ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken);

            Assert.Equal((640, 480), (back.Width, back.Height));
            Assert.InRange(back.Pixels.Zip(raster.Pixels).Average(pair => Math.Abs(pair.First - pair.Second)), 0, 4);
            Assert.InRange(file.Length, 500, 40_000);
        }
    }

    [Fact]
    public void A_quality_that_does_not_exist_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageWriter.Jpeg(Samples.Noise(4, 4), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageWriter.Jpeg(Samples.Noise(4, 4), 101));
    }
}
