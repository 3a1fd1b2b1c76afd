using System.Security.Cryptography;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Nets.Pixels;

public sealed class ResamplerTests
{
    // Pillow 9.4.0: sha256(Image.frombytes(mode, (w, h), noise).resize((ow, oh), filter).convert("RGB").tobytes()).hexdigest()[:16],
    // noise as in Noise below with seed w * h; mode I widened from 16 bits; the palette's picture is RGB resized with NEAREST.
    [Theory]
    [InlineData(PixelMode.Grey, Interpolation.Nearest, 61, 47, 20, 33, "d734fda9a249f281")]
    [InlineData(PixelMode.Grey, Interpolation.Nearest, 23, 31, 57, 31, "91ac05dc3b3c91ad")]
    [InlineData(PixelMode.Grey, Interpolation.Nearest, 200, 3, 9, 11, "ddb5aa6f0507ec63")]
    [InlineData(PixelMode.Grey, Interpolation.Bilinear, 61, 47, 20, 33, "5de03932f418e2a8")]
    [InlineData(PixelMode.Grey, Interpolation.Bilinear, 23, 31, 57, 31, "9697c7d469aaf792")]
    [InlineData(PixelMode.Grey, Interpolation.Bilinear, 200, 3, 9, 11, "399d7340d05b4363")]
    [InlineData(PixelMode.Grey, Interpolation.Bicubic, 61, 47, 20, 33, "a5bce0ff1c613e11")]
    [InlineData(PixelMode.Grey, Interpolation.Bicubic, 23, 31, 57, 31, "88a1340226c528d9")]
    [InlineData(PixelMode.Grey, Interpolation.Bicubic, 200, 3, 9, 11, "f01607d0a9f09c3d")]
    [InlineData(PixelMode.Grey, Interpolation.Lanczos, 61, 47, 20, 33, "7d214aa72fe96eae")]
    [InlineData(PixelMode.Grey, Interpolation.Lanczos, 23, 31, 57, 31, "914c6680257d1b85")]
    [InlineData(PixelMode.Grey, Interpolation.Lanczos, 200, 3, 9, 11, "454fe2ac367a404e")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Nearest, 61, 47, 20, 33, "5c89f2e870a9d896")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Nearest, 23, 31, 57, 31, "0f4bd6253346f0a0")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Nearest, 200, 3, 9, 11, "22319e071f899973")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Bilinear, 61, 47, 20, 33, "6dcd79ff21a7254f")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Bilinear, 23, 31, 57, 31, "9f095029900a95c2")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Bilinear, 200, 3, 9, 11, "91840c8cb28d01f5")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Bicubic, 61, 47, 20, 33, "b20a4f0f6348ede3")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Bicubic, 23, 31, 57, 31, "a78a0ad842e3e583")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Bicubic, 200, 3, 9, 11, "059bb0446ef7d0ae")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Lanczos, 61, 47, 20, 33, "1844dfc9cd1fa0cd")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Lanczos, 23, 31, 57, 31, "560d03cbc8275fb4")]
    [InlineData(PixelMode.GreyAlpha, Interpolation.Lanczos, 200, 3, 9, 11, "4088f036a2f479e9")]
    [InlineData(PixelMode.Rgb, Interpolation.Nearest, 61, 47, 20, 33, "6966737d292ecdf3")]
    [InlineData(PixelMode.Rgb, Interpolation.Nearest, 23, 31, 57, 31, "fe80b501b5cd6231")]
    [InlineData(PixelMode.Rgb, Interpolation.Nearest, 200, 3, 9, 11, "3fe4cbfe51c00d30")]
    [InlineData(PixelMode.Rgb, Interpolation.Bilinear, 61, 47, 20, 33, "875131416f73369c")]
    [InlineData(PixelMode.Rgb, Interpolation.Bilinear, 23, 31, 57, 31, "8ec23382920374c0")]
    [InlineData(PixelMode.Rgb, Interpolation.Bilinear, 200, 3, 9, 11, "bfc522ecaccf8293")]
    [InlineData(PixelMode.Rgb, Interpolation.Bicubic, 61, 47, 20, 33, "dcf6b9cab004be21")]
    [InlineData(PixelMode.Rgb, Interpolation.Bicubic, 23, 31, 57, 31, "843e0d4efe40e5f6")]
    [InlineData(PixelMode.Rgb, Interpolation.Bicubic, 200, 3, 9, 11, "d725e87da57f9d56")]
    [InlineData(PixelMode.Rgb, Interpolation.Lanczos, 61, 47, 20, 33, "58e25effdda728d5")]
    [InlineData(PixelMode.Rgb, Interpolation.Lanczos, 23, 31, 57, 31, "1103ed7e90630c68")]
    [InlineData(PixelMode.Rgb, Interpolation.Lanczos, 200, 3, 9, 11, "951d1a692d98e5cb")]
    [InlineData(PixelMode.Rgba, Interpolation.Nearest, 61, 47, 20, 33, "6700fc76c68091cd")]
    [InlineData(PixelMode.Rgba, Interpolation.Nearest, 23, 31, 57, 31, "e22a3919b3543509")]
    [InlineData(PixelMode.Rgba, Interpolation.Nearest, 200, 3, 9, 11, "885e2fbcb13c2462")]
    [InlineData(PixelMode.Rgba, Interpolation.Bilinear, 61, 47, 20, 33, "bf2ff232450b468d")]
    [InlineData(PixelMode.Rgba, Interpolation.Bilinear, 23, 31, 57, 31, "86db0eed62d1bcfd")]
    [InlineData(PixelMode.Rgba, Interpolation.Bilinear, 200, 3, 9, 11, "5940219088089ebc")]
    [InlineData(PixelMode.Rgba, Interpolation.Bicubic, 61, 47, 20, 33, "eace0326a0a2ddbd")]
    [InlineData(PixelMode.Rgba, Interpolation.Bicubic, 23, 31, 57, 31, "05aa3f08942ae156")]
    [InlineData(PixelMode.Rgba, Interpolation.Bicubic, 200, 3, 9, 11, "f003363501dbfcac")]
    [InlineData(PixelMode.Rgba, Interpolation.Lanczos, 61, 47, 20, 33, "c0cb8f6c484b1336")]
    [InlineData(PixelMode.Rgba, Interpolation.Lanczos, 23, 31, 57, 31, "962af265b9461e3f")]
    [InlineData(PixelMode.Rgba, Interpolation.Lanczos, 200, 3, 9, 11, "1fda144318af6e16")]
    [InlineData(PixelMode.Cmyk, Interpolation.Nearest, 61, 47, 20, 33, "3da6f758900ed815")]
    [InlineData(PixelMode.Cmyk, Interpolation.Nearest, 23, 31, 57, 31, "1e8d68976badbcbe")]
    [InlineData(PixelMode.Cmyk, Interpolation.Nearest, 200, 3, 9, 11, "dfe1570f0a0a4bae")]
    [InlineData(PixelMode.Cmyk, Interpolation.Bilinear, 61, 47, 20, 33, "57d670d13caaa6d7")]
    [InlineData(PixelMode.Cmyk, Interpolation.Bilinear, 23, 31, 57, 31, "a23c751566d90901")]
    [InlineData(PixelMode.Cmyk, Interpolation.Bilinear, 200, 3, 9, 11, "6966e1116144cf44")]
    [InlineData(PixelMode.Cmyk, Interpolation.Bicubic, 61, 47, 20, 33, "96ab50530dabc1d2")]
    [InlineData(PixelMode.Cmyk, Interpolation.Bicubic, 23, 31, 57, 31, "7766af1399b02c5f")]
    [InlineData(PixelMode.Cmyk, Interpolation.Bicubic, 200, 3, 9, 11, "6f8d162083b51833")]
    [InlineData(PixelMode.Cmyk, Interpolation.Lanczos, 61, 47, 20, 33, "d364e5905dd34df6")]
    [InlineData(PixelMode.Cmyk, Interpolation.Lanczos, 23, 31, 57, 31, "e2855554f61356e1")]
    [InlineData(PixelMode.Cmyk, Interpolation.Lanczos, 200, 3, 9, 11, "ace2e4b6741962bc")]
    [InlineData(PixelMode.Grey16, Interpolation.Nearest, 61, 47, 20, 33, "070da59c52b6d4e1")]
    [InlineData(PixelMode.Grey16, Interpolation.Nearest, 23, 31, 57, 31, "fe43d581bf105a8d")]
    [InlineData(PixelMode.Grey16, Interpolation.Nearest, 200, 3, 9, 11, "8b01870c3dd1f316")]
    [InlineData(PixelMode.Grey16, Interpolation.Bilinear, 61, 47, 20, 33, "9b25208d909901f5")]
    [InlineData(PixelMode.Grey16, Interpolation.Bilinear, 23, 31, 57, 31, "b93d762673689cb5")]
    [InlineData(PixelMode.Grey16, Interpolation.Bilinear, 200, 3, 9, 11, "8b01870c3dd1f316")]
    [InlineData(PixelMode.Grey16, Interpolation.Bicubic, 61, 47, 20, 33, "9b25208d909901f5")]
    [InlineData(PixelMode.Grey16, Interpolation.Bicubic, 23, 31, 57, 31, "7228fbd8cf926f79")]
    [InlineData(PixelMode.Grey16, Interpolation.Bicubic, 200, 3, 9, 11, "8b01870c3dd1f316")]
    [InlineData(PixelMode.Grey16, Interpolation.Lanczos, 61, 47, 20, 33, "9b25208d909901f5")]
    [InlineData(PixelMode.Grey16, Interpolation.Lanczos, 23, 31, 57, 31, "51f8d21b08fd4146")]
    [InlineData(PixelMode.Grey16, Interpolation.Lanczos, 200, 3, 9, 11, "8b01870c3dd1f316")]
    [InlineData(PixelMode.Palette, Interpolation.Nearest, 61, 47, 20, 33, "6966737d292ecdf3")]
    [InlineData(PixelMode.Palette, Interpolation.Nearest, 23, 31, 57, 31, "fe80b501b5cd6231")]
    [InlineData(PixelMode.Palette, Interpolation.Nearest, 200, 3, 9, 11, "3fe4cbfe51c00d30")]
    [InlineData(PixelMode.Palette, Interpolation.Bilinear, 61, 47, 20, 33, "6966737d292ecdf3")]
    [InlineData(PixelMode.Palette, Interpolation.Bilinear, 23, 31, 57, 31, "fe80b501b5cd6231")]
    [InlineData(PixelMode.Palette, Interpolation.Bilinear, 200, 3, 9, 11, "3fe4cbfe51c00d30")]
    [InlineData(PixelMode.Palette, Interpolation.Bicubic, 61, 47, 20, 33, "6966737d292ecdf3")]
    [InlineData(PixelMode.Palette, Interpolation.Bicubic, 23, 31, 57, 31, "fe80b501b5cd6231")]
    [InlineData(PixelMode.Palette, Interpolation.Bicubic, 200, 3, 9, 11, "3fe4cbfe51c00d30")]
    [InlineData(PixelMode.Palette, Interpolation.Lanczos, 61, 47, 20, 33, "6966737d292ecdf3")]
    [InlineData(PixelMode.Palette, Interpolation.Lanczos, 23, 31, 57, 31, "fe80b501b5cd6231")]
    [InlineData(PixelMode.Palette, Interpolation.Lanczos, 200, 3, 9, 11, "3fe4cbfe51c00d30")]
    public void Every_mode_and_filter_gives_the_bits_of_Pillow(PixelMode mode, Interpolation filter, int width, int height,
        int outWidth, int outHeight, string expected)
    {
        var source = new PixelView(width, height, mode, Noise(width * height * mode.Bytes(), (uint)(width * height)));

        foreach (var path in SimdPaths.Here)
        {
            var resized = Resampler.Resize(source, outWidth, outHeight, new Window(0, 0, outWidth, outHeight), filter, path);

            var rgb = new byte[outWidth * outHeight * 3];
            Colours.ToRgb(mode, resized, rgb);
            Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(rgb))[..16]);
        }
    }

    [Fact]
    public void Every_SIMD_path_gives_the_bits_of_the_scalar_one()
    {
        var random = new Random(1);
        var modes = Enum.GetValues<PixelMode>();
        for (var i = 0; i < 300; i++)
        {
            var (width, height) = (random.Next(1, i % 10 == 0 ? 3000 : 150), random.Next(1, 150));
            var (outWidth, outHeight) = (random.Next(1, 300), random.Next(1, 300));
            var mode = modes[random.Next(modes.Length)];
            var filter = (Interpolation)random.Next(4);
            var source = new PixelView(width, height, mode, Noise(width * height * mode.Bytes(), (uint)i));
            var window = RandomWindow(random, outWidth, outHeight);
            var expected = Resampler.Resize(source, outWidth, outHeight, window, filter, SimdPath.Scalar);

            foreach (var path in SimdPaths.Here)
            {
                var actual = Resampler.Resize(source, outWidth, outHeight, window, filter, path);
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{path}: {mode} {filter} {width}×{height} to {outWidth}×{outHeight}, {window}");
            }
        }
    }

    [Fact]
    public void A_window_shows_what_the_whole_picture_has_there()
    {
        var random = new Random(2);
        for (var i = 0; i < 60; i++)
        {
            var mode = Enum.GetValues<PixelMode>()[i % 8];
            var (width, height) = (random.Next(1, 120), random.Next(1, 120));
            var (outWidth, outHeight) = (random.Next(1, 200), random.Next(1, 200));
            var source = new PixelView(width, height, mode, Noise(width * height * mode.Bytes(), (uint)i));
            var window = RandomWindow(random, outWidth, outHeight);
            var whole = Resampler.Resize(source, outWidth, outHeight, new Window(0, 0, outWidth, outHeight), Interpolation.Bicubic);

            var part = Resampler.Resize(source, outWidth, outHeight, window, Interpolation.Bicubic);

            for (var row = 0; row < window.Height; row++)
            {
                var size = mode.Bytes();
                var at = (int)((window.Top + row) * outWidth + window.Left) * size;
                Assert.Equal(whole.AsSpan(at, window.Width * size), part.AsSpan(row * window.Width * size, window.Width * size));
            }
        }
    }

    [Fact]
    public void Hard_edges_at_full_contrast_are_clipped_alike_on_every_path()
    {
        var bytes = Enumerable.Range(0, 97 * 97 * 3).Select(i => (byte)(i / 3 % 97 / 5 % 2 * 255)).ToArray();
        var results = SimdPaths.Here.Select(path =>
            Resampler.Resize(new PixelView(97, 97, PixelMode.Rgb, bytes), 331, 331, new Window(0, 0, 331, 331), Interpolation.Lanczos, path)).ToArray();

        Assert.All(results, result => Assert.Equal(results[0], result));
        Assert.Contains((byte)0, results[0]);
        Assert.Contains((byte)255, results[0]);
    }

    [Fact]
    public void A_window_outside_the_picture_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Resampler.Resize(new PixelView(1, 1, PixelMode.Grey, [0]), 5, 5, new Window(3, 0, 3, 1), Interpolation.Bicubic));
        Assert.Throws<ArgumentException>(() => new PixelView(2, 2, PixelMode.Rgb, new byte[11]));
    }

    private static Window RandomWindow(Random random, int width, int height)
    {
        var (w, h) = (random.Next(1, width + 1), random.Next(1, height + 1));
        return new Window(random.Next(width - w + 1), random.Next(height - h + 1), w, h);
    }

    private static byte[] Noise(int count, uint seed)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (byte)(seed >> 24);
        }

        return bytes;
    }
}
