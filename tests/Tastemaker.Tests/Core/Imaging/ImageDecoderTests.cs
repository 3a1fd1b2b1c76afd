using System.Buffers.Binary;
using Tastemaker.Core.Imaging;
using Tastemaker.Native.Vips;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Imaging;

public sealed class ImageDecoderTests : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("taste-imaging-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.png", "Once upon a time\n", "text")]
    [InlineData("b.jpg", "%PDF-1.7 and so on", "a PDF document")]
    [InlineData("c.webp", "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing, a format that is not supported")]
    [InlineData("d.heic", "\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "a HEIC image, a format that is not supported")]
    [InlineData("e.png", "\u0001\u0002\u0003", "data of no known image format")]
    public void What_is_no_image_is_named_by_its_content(string name, string content, string expected)
    {
        var path = Write(name, System.Text.Encoding.Latin1.GetBytes(content));

        var e = Assert.Throws<ImageException>(() => ImageDecoder.Decode(path, cancel: Cancel));

        Assert.Equal(ImageProblem.NotAnImage, e.Problem);
        Assert.Equal($"'{path}' is not an image: PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP was wanted; it holds {expected}.", e.Message);
    }

    [Fact]
    public void An_empty_file_a_folder_and_a_missing_file_are_told_apart()
    {
        var empty = Write("empty.jpg", []);
        var missing = Path.Combine(_folder, "missing.png");

        AssertRefused(ImageProblem.Empty, $"'{empty}' is empty (0 bytes).", () => ImageDecoder.Decode(empty));
        AssertRefused(ImageProblem.Unreadable, $"'{_folder}' is a folder, not an image.", () => ImageDecoder.Decode(_folder));
        AssertRefused(ImageProblem.Missing, $"'{missing}' does not exist.", () => ImageDecoder.Decode(missing));
        AssertRefused(ImageProblem.Empty, "the image is empty (0 bytes).", () => ImageDecoder.Decode(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public void A_file_that_may_not_be_read_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var path = Write("secret.png", Samples.Lossless("rgba8.png"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        Assert.SkipWhen(CanRead(path), "The user of this run may read every file.");
        AssertRefused(ImageProblem.Unreadable, $"'{path}' may not be read: permission denied.", () => ImageDecoder.Decode(path, cancel: Cancel));

        static bool CanRead(string path)
        {
            try
            {
                File.OpenRead(path).Dispose();
                return true;
            }
            catch (UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void The_extension_means_nothing()
    {
        var path = Write("photo.jpg", Samples.Lossless("rgba8.png"));

        Assert.Equal(ImageFormat.Png, ImageDecoder.Inspect(path).Format);
        Assert.Equal(PixelMode.Rgba, ImageDecoder.Decode(path, cancel: Cancel).Mode);
    }

    [Theory]
    [InlineData("rgba_320x260.png")]
    [InlineData("jpeg_420_317x411.jpg")]
    [InlineData("jpeg_444_progressive_330x250.jpg")]
    [InlineData("webp_lossless_350x280.webp")]
    [InlineData("gif_250x240.gif")]
    [InlineData("bmp_240x230.bmp")]
    public void A_truncated_file_ends_early_and_is_never_filled_with_grey(string name)
    {
        var file = Samples.Golden(name);
        foreach (var part in new[] { 40, file.Length / 3, file.Length * 9 / 10 })
        {
            var path = Write($"{part}{name}", file[..part]);

            var e = Assert.Throws<ImageException>(() => ImageDecoder.Decode(path, cancel: Cancel));

            Assert.Equal(ImageProblem.EndsEarly, e.Problem);
            Assert.StartsWith($"'{path}' ends early: it holds only a part of a ", e.Message, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, byte[], string> Giants()
    {
        byte[] bmp = [.. Samples.Lossless("rgb24.bmp")];
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 60000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), -60000);
        byte[] gif = [.. Samples.Lossless("palette.gif")];
        gif.AsSpan(6, 4).Fill(255);
        byte[] jpeg = [.. Samples.Golden("jpeg_gray_300x260.jpg")];
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        jpeg.AsSpan(frame + 5, 4).Fill(0xF0);
        byte[] webp = [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0, .. "VP8L"u8, 0, 0, 0, 0];
        return new TheoryData<string, byte[], string>
        {
            { "header.png", Samples.Png(60000, 60000, 8, 6), "60000×60000 pixels" },
            { "bomb.png", Samples.Png(60000, 60000, 1, 0, ("IDAT", Samples.Deflate(new byte[10_000_000])), ("IEND", [])), "60000×60000 pixels" },
            { "huge.png", Samples.Png(int.MaxValue, int.MaxValue, 16, 6), "2147483647×2147483647 pixels" },
            { "huge.bmp", bmp, "60000×60000 pixels" },
            { "huge.gif", gif, "65535×65535 pixels" },
            { "huge.jpg", jpeg, "61680×61680 pixels" },
            { "huge.webp", webp, "" },
        };
    }

    [Theory]
    [MemberData(nameof(Giants))]
    public void Giants_are_refused_by_their_header_alone(string name, byte[] file, string size)
    {
        var path = Write(name, file);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var e = Assert.Throws<ImageException>(() => ImageDecoder.Decode(path, cancel: Cancel));
        Assert.Throws<ImageException>(() => ImageDecoder.Inspect(path));
        Assert.Throws<ImageException>(() => ImageDecoder.DecodeSrgb(path, Cancel));
        Assert.Throws<ImageException>(() => ImageDecoder.Thumbnail(path, 64, Cancel));

        Assert.Contains(size, e.Message, StringComparison.Ordinal);
        Assert.Equal(size.Length > 0, e.Problem == ImageProblem.TooLarge);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void A_large_bitmap_of_a_few_runs_is_refused_before_memory_is_taken()
    {
        byte[] bmp = [.. Samples.Lossless("rle8.bmp")];
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 17000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 17000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(ImageProblem.EndsEarly, Assert.Throws<ImageException>(() => ImageDecoder.Decode(bmp, cancel: Cancel)).Problem);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Orientation_is_applied_unless_it_is_to_be_ignored()
    {
        var path = Path.Combine(Samples.Folder, "jpeg_exif6_400x300.jpg");

        var shown = ImageDecoder.Decode(path, cancel: Cancel);
        var stored = ImageDecoder.Decode(path, Orientation.Ignore, Cancel);

        Assert.Equal((300, 400), (shown.Width, shown.Height));
        Assert.Equal((400, 300), (stored.Width, stored.Height));
        Assert.Equal(stored.Pixels[..3], shown.Pixels[(299 * 3)..(300 * 3)]);
        Assert.Equal((300, 400), ImageDecoder.Inspect(path).Shown);
    }

    [Theory]
    [InlineData(1, "abcdef", 3)]
    [InlineData(2, "cbafed", 3)]
    [InlineData(3, "fedcba", 3)]
    [InlineData(4, "defabc", 3)]
    [InlineData(5, "adbecf", 2)]
    [InlineData(6, "daebfc", 2)]
    [InlineData(7, "fcebda", 2)]
    [InlineData(8, "cfbead", 2)]
    [InlineData(0, "abcdef", 3)]
    [InlineData(9, "abcdef", 3)]
    public void The_eight_orientations_turn_as_EXIF_defines(int exif, string expected, int width)
    {
        var turned = Orientations.Turn(new Raster(3, 2, PixelMode.Grey, "abcdef"u8.ToArray()), exif);

        Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(turned.Pixels));
        Assert.Equal((width, 6 / width), (turned.Width, turned.Height));
    }

    [Theory]
    [InlineData(PixelMode.Rgba, 3)]
    [InlineData(PixelMode.Rgba, 5)]
    [InlineData(PixelMode.Grey16, 6)]
    [InlineData(PixelMode.Rgb, 7)]
    [InlineData(PixelMode.Rgb, 8)]
    public void Turning_back_gives_the_picture_again(PixelMode mode, int exif)
    {
        var pixels = new byte[77 * 41 * mode.Bytes()];
        new Random(5).NextBytes(pixels);
        var raster = new Raster(77, 41, mode, pixels);

        var back = Orientations.Turn(Orientations.Turn(raster, exif), exif switch { 6 => 8, 8 => 6, _ => exif });

        Assert.Equal(raster.Pixels, back.Pixels);
        Assert.Equal((77, 41), (back.Width, back.Height));
    }

    [Fact]
    public void A_profile_counts_for_viewers_and_not_for_encoders()
    {
        var red = new Raster(8, 8, PixelMode.Rgb, [.. Enumerable.Range(0, 192).Select(i => (byte)(i % 3 == 0 ? 200 : 30))]);
        using var image = VipsImage.FromPixels(red.Pixels, 8, 8, 3, "srgb");
        using var wide = image.Apply("icc_transform", ("output-profile", "p3"), ("input-profile", "srgb"));
        var file = wide.Save("png", ("keep", "icc"));

        var encoder = ImageDecoder.Decode(file, cancel: Cancel);
        var viewer = ImageDecoder.DecodeSrgb(file, Cancel);

        Assert.True(encoder.Pixels[0] < 195, $"red is {encoder.Pixels[0]} in Display P3");
        Assert.InRange(viewer.Pixels[0], 198, 202);
        Assert.InRange(viewer.Pixels[1], 27, 33);
    }

    [Fact]
    public void A_viewer_gets_RGB_or_RGBA_from_every_format()
    {
        foreach (var (name, file) in Samples.Formats)
        {
            var raster = ImageDecoder.DecodeSrgb(file, Cancel);

            Assert.True(raster.Mode is PixelMode.Rgb or PixelMode.Rgba, name);
            Assert.Equal(raster.Width * raster.Height * raster.Bands, raster.Pixels.Length);
        }
    }

    [Fact]
    public void Lossless_AVIF_is_read()
    {
        var picture = Samples.Noise(64, 48);

        var raster = ImageDecoder.Decode(Samples.Avif(picture), cancel: Cancel);

        Assert.Equal((64, 48, PixelMode.Rgb), (raster.Width, raster.Height, raster.Mode));
        Assert.All(raster.Pixels.Zip(picture.Pixels), pair => Assert.InRange(pair.First - pair.Second, -3, 3));
    }

    [Fact]
    public void Sixteen_bit_grey_TIFF_is_shown_by_its_upper_half()
    {
        byte[] samples = [0, 10, 128, 255];
        using var image = VipsImage.FromPixels(samples, 2, 2, 1, "b-w");
        using var wide = image.Apply("cast", ("format", "ushort"), ("shift", "true"));
        var file = wide.Save("tiff");

        var raster = ImageDecoder.Decode(file, cancel: Cancel);

        Assert.Equal(PixelMode.Grey, raster.Mode);
        Assert.Equal(samples, raster.Pixels);
    }

    [Fact]
    public void A_JPEG_with_inks_and_no_Adobe_segment_reads_as_Pillow_reads_it()
    {
        var file = Samples.Golden("jpeg_cmyk_300x240.jpg");
        var at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xEE]);
        byte[] bare = [.. file[..at], .. file[(at + 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2)))..]];

        var withSegment = ImageDecoder.Decode(file, cancel: Cancel);
        var without = ImageDecoder.Decode(bare, cancel: Cancel);

        Assert.Equal(PixelMode.Cmyk, without.Mode);
        Assert.Equal(withSegment.Pixels, without.Pixels);
    }

    [Fact]
    public void A_thumbnail_is_upright_fits_and_is_never_larger_than_the_picture()
    {
        var turned = ImageDecoder.Thumbnail(Path.Combine(Samples.Folder, "jpeg_exif6_400x300.jpg"), 100, Cancel);
        var small = ImageDecoder.Thumbnail(Path.Combine(Samples.Folder, "tiny_10x10.png"), 100, Cancel);
        var bitmap = ImageDecoder.Thumbnail(Path.Combine(Samples.Folder, "bmp_240x230.bmp"), 100, Cancel);

        AssertSize(75, 100, turned);
        AssertSize(10, 10, small);
        AssertSize(100, 96, bitmap);

        static void AssertSize(int width, int height, byte[] file)
        {
            var raster = ImageDecoder.Decode(file, cancel: Cancel);
            Assert.Equal((width, height), (raster.Width, raster.Height));
            Assert.True(file.AsSpan().StartsWith("RIFF"u8));
        }
    }

    [Fact]
    public void A_thumbnail_of_a_spoilt_file_is_refused_like_the_file()
    {
        foreach (var name in new[] { "jpeg_420_317x411.jpg", "text_501x377.png" })
        {
            var file = Samples.Golden(name);
            var path = Write(name, file[..(file.Length / 2)]);

            Assert.Equal(ImageProblem.EndsEarly, Assert.Throws<ImageException>(() => ImageDecoder.Thumbnail(path, 20, Cancel)).Problem);
        }
    }

    [Fact]
    public void A_JPEG_that_is_reduced_while_it_is_decoded_gives_the_same_thumbnail()
    {
        var gradient = new Raster(1100, 700, PixelMode.Rgb, [.. Enumerable.Range(0, 1100 * 700 * 3).Select(i => (byte)(i % 3300 / 3 / 5 + i / 3300 / 20))]);
        var jpeg = Write("a.jpg", ImageWriter.Jpeg(gradient));
        var png = Write("a.png", ImageWriter.Png(gradient));

        foreach (var side in new[] { 40, 64, 130, 270, 600 })
        {
            var reduced = ImageDecoder.Decode(ImageDecoder.Thumbnail(jpeg, side, Cancel), cancel: Cancel);
            var whole = ImageDecoder.Decode(ImageDecoder.Thumbnail(png, side, Cancel), cancel: Cancel);

            Assert.Equal((side, (int)Math.Round(700.0 * side / 1100)), (whole.Width, whole.Height));
            Assert.Equal((whole.Width, whole.Height), (reduced.Width, reduced.Height));
            Assert.InRange(whole.Pixels.Zip(reduced.Pixels).Average(pair => Math.Abs(pair.First - pair.Second)), 0, 2);
        }
    }

    [Fact]
    public void A_thumbnail_of_an_absurd_strip_is_made_of_single_pixels()
    {
        var path = Write("strip.png", Samples.Png(1_000_000, 1, 1, 0, ("IDAT", Samples.Deflate(new byte[125_001])), ("IEND", [])));

        var thumbnail = ImageDecoder.Decode(ImageDecoder.Thumbnail(path, 64, Cancel), cancel: Cancel);

        Assert.Equal((64, 1), (thumbnail.Width, thumbnail.Height));
    }

    [Fact]
    public void Threads_do_not_disturb_each_other()
    {
        var files = Samples.Formats;
        var expected = files.Select(sample => ImageDecoder.Decode(sample.File, cancel: Cancel).Pixels).ToArray();

        Parallel.For(0, files.Length * 20, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, i =>
        {
            var pixels = ImageDecoder.Decode(files[i % files.Length].File, cancel: Cancel).Pixels;
            Assert.True(expected[i % files.Length].AsSpan().SequenceEqual(pixels), files[i % files.Length].Name);
        });
    }

    [Fact]
    public void Names_of_files_are_never_taken_for_options()
    {
        foreach (var name in new[] { "a[page=3].png", "b.png[x=1]", "[c].png", "ünï ©.png" })
        {
            var path = Write(name, Samples.Lossless("rgba8.png"));

            Assert.Equal(29, ImageDecoder.Decode(path, cancel: Cancel).Width);
            Assert.NotEmpty(ImageDecoder.Thumbnail(path, 8, Cancel));
        }
    }

    [Fact]
    public void Cancelling_stops_a_decode()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        Assert.Throws<OperationCanceledException>(() => ImageDecoder.Decode(Samples.Lossless("rgba8.png"), cancel: cancel.Token));
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static void AssertRefused(ImageProblem problem, string message, Action act)
    {
        var e = Assert.Throws<ImageException>(act);
        Assert.Equal((problem, message), (e.Problem, e.Message));
    }
}
