using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Tests.Nets.Gist;

public sealed class GistEncoderTests
{
    // Divisible by 3, 8 and 96, so that every grid is symmetric.
    private const int Side = 192;

    private static readonly byte[] Painting = AbstractPainter.Paint(new AbstractPrompt("shards", "bursting", "at noon"), 3, Side);

    [Fact]
    public void Every_dimension_has_a_name_of_its_own()
    {
        Assert.Equal(GistEncoder.Dimensions, GistEncoder.Names.Distinct().Count());
        Assert.InRange(GistEncoder.Dimensions, 300, 600);
        Assert.Equal(GistEncoder.Dimensions, GistEncoder.Encode(Painting, Side, Side).Length);
        Snapshot.Match(string.Join('\n', GistEncoder.Names), "Names");
    }

    [Fact]
    public void The_same_pixels_give_the_same_bits_as_ever()
    {
        // Pixels without any floating point, so that only the encoder is tested. Other bits need another GistEncoder.Version.
        var rgb = new byte[200 * 120 * 3];
        for (var i = 0; i < rgb.Length; i++)
        {
            rgb[i] = (byte)((Dice.Mix((ulong)i) & 31) + (ulong)(i / 3 % 200) + (i % 3 * 20 > i / 600 ? 17ul : 0));
        }

        var features = GistEncoder.Encode(rgb, 200, 120);

        Snapshot.Match($"{GistEncoder.Version} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(features)))}", "Bits");
    }

    [Fact]
    public void A_flat_image_has_no_contrast_no_texture_and_no_direction()
    {
        var flat = Measure((_, _) => (90, 140, 60));

        Assert.Equal(0, flat["light.contrast.rms"]);
        Assert.InRange(flat["light.contrast.michelson"], 0, 0.01);
        Assert.Equal(0, flat["colour.lightness.deviation"], 1e-4);
        Assert.Equal(0, flat["sharpness.level0"], 1e-4);
        Assert.Equal(0, flat["edge.density"]);
        Assert.Equal(0, flat["edge.upright"], 1e-5);
        Assert.Equal(0, flat["mirror.lightness.sideways"], 1e-4);
        Assert.All(flat.Where(f => f.Key.StartsWith("gist.", StringComparison.Ordinal)), f => Assert.InRange(f.Value, 0, 0.05));
    }

    [Fact]
    public void A_grey_image_has_no_colour()
    {
        var grey = Measure((x, y) => ((byte)(x + y), (byte)(x + y), (byte)(x + y)));

        Assert.Equal(0, grey["colour.colourfulness"]);
        Assert.Equal(0, grey["colour.saturation.mean"]);
        Assert.Equal(0, grey["colour.chroma.mean"], 0.05);
        Assert.Equal(0, grey["hue.entropy"]);
        Assert.Equal(0, grey["hue.dominant"]);
    }

    [Fact]
    public void Colourfulness_is_that_of_Hasler_and_Suesstrunk()
    {
        // rg = 255, −255; yb = 127.5, 127.5: deviations 255 and 0, means 0 and 127.5.
        var (value, spread, offset) = ColourFeatures.Colourfulness([255, 0, 0, 0, 255, 0]);
        Assert.Equal(255, spread, 1e-9);
        Assert.Equal(127.5, offset, 1e-9);
        Assert.Equal(255 + (0.3 * 127.5), value, 1e-9);
    }

    [Theory]
    // Lindbloom's CIE colour calculator, sRGB, D65, no adaptation; 8-bit tables in single precision keep 0.01.
    [InlineData(255, 255, 255, 100, 0, 0)]
    [InlineData(255, 0, 0, 53.2408, 80.0925, 67.2032)]
    [InlineData(0, 255, 0, 87.7347, -86.1827, 83.1793)]
    [InlineData(0, 0, 255, 32.2970, 79.1875, -107.8602)]
    [InlineData(128, 128, 128, 53.5850, 0, 0)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    public void Cielab_agrees_with_published_values(byte red, byte green, byte blue, double l, double a, double b)
    {
        var lab = Cielab.FromSrgb(red, green, blue);

        Assert.Equal(l, lab.L, 0.01);
        Assert.Equal(a, lab.A, 0.02);
        Assert.Equal(b, lab.B, 0.02);
    }

    [Fact]
    public void Stripes_feed_the_filters_across_them()
    {
        var upright = Measure((x, _) => x / 4 % 2 == 0 ? Grey(220) : Grey(30));
        var level = Measure((_, y) => y / 4 % 2 == 0 ? Grey(220) : Grey(30));

        Assert.True(Energy(upright, "wave0") > 5 * Energy(upright, "wave90"));
        Assert.True(Energy(level, "wave90") > 5 * Energy(level, "wave0"));
        Assert.True(upright["edge.direction0"] > 0.9 && level["edge.direction90"] > 0.9);
        Assert.True(upright["edge.upright"] > 0.8 && level["edge.upright"] < -0.8);

        static (byte, byte, byte) Grey(byte v) => (v, v, v);
        static double Energy(Dictionary<string, float> f, string wave) => f.Where(n => n.Key.Contains($".{wave}.", StringComparison.Ordinal)).Sum(n => n.Value);
    }

    [Fact]
    public void Blur_takes_sharpness_away_and_leaves_brightness()
    {
        var sharp = Named(Painting, Side, Side);
        var soft = Named(Blurred(Painting, Side), Side, Side);

        Assert.True(soft["sharpness.level0"] < sharp["sharpness.level0"] - 0.5);
        Assert.True(soft["gradient.percentile99"] < sharp["gradient.percentile99"]);
        Assert.True(soft["sharpness.fall1"] < sharp["sharpness.fall1"]);
        Assert.Equal(sharp["colour.lightness.mean"], soft["colour.lightness.mean"], 0.5);
    }

    [Fact]
    public void A_mirrored_image_swaps_left_and_right()
    {
        var mirrored = new byte[Painting.Length];
        for (var i = 0; i < Side * Side; i++)
        {
            Painting.AsSpan(3 * ((i / Side * Side) + Side - 1 - (i % Side)), 3).CopyTo(mirrored.AsSpan(3 * i));
        }

        Dictionary<string, float> a = Named(Painting, Side, Side), b = Named(mirrored, Side, Side);

        Assert.Equal(a["mirror.lightness.left"], -b["mirror.lightness.left"], 1e-3);
        Assert.Equal(a["mirror.lightness.sideways"], b["mirror.lightness.sideways"], 1e-3);
        Assert.Equal(a["salience.x"], -b["salience.x"], 1e-4);
        Assert.Equal(a["grid.row1.column0.lightness"], b["grid.row1.column3.lightness"], 1e-3);
        Assert.Equal(a["edge.row2.column0"], b["edge.row2.column2"], 1e-3);
        Assert.Equal(a["gist.scale2.wave30.row3.column0"], b["gist.scale2.wave150.row3.column3"], 1e-2);
        Assert.Equal(a["colour.colourfulness"], b["colour.colourfulness"], 1e-4);
    }

    [Fact]
    public void Salience_knows_where_the_spot_is()
    {
        var spot = Measure((x, y) => (x - 63) * (x - 63) + ((y - 63) * (y - 63)) < 220 ? ((byte)240, (byte)60, (byte)40) : ((byte)40, (byte)50, (byte)60));
        var middle = Measure((x, y) => (x - 96) * (x - 96) + ((y - 96) * (y - 96)) < 220 ? ((byte)240, (byte)60, (byte)40) : ((byte)40, (byte)50, (byte)60));

        Assert.True(spot["salience.x"] < 0 && spot["salience.y"] < 0);
        Assert.True(spot["salience.thirds"] > middle["salience.thirds"]);
        Assert.True(middle["salience.row1.column1"] > spot["salience.row1.column1"]);
    }

    [Fact]
    public void Shape_is_seen_in_both_directions()
    {
        Assert.Equal(Math.Log(2), Named(new byte[20 * 10 * 3], 20, 10)["shape.wide"], 1e-6);
        Assert.Equal(-Math.Log(2), Named(new byte[20 * 10 * 3], 10, 20)["shape.wide"], 1e-6);
    }

    [Fact]
    public void Any_size_and_any_pixels_give_finite_numbers_within_four()
    {
        var sizes = Gen.Choose(1, 70).SelectMany(w => Gen.Choose(1, 70).SelectMany(h => Gen.Choose(0, 255).Select(seed => (w, h, seed)))).ToArbitrary();
        Prop.ForAll(sizes, s =>
        {
            var dice = new Dice((ulong)s.seed);
            var pixels = new byte[s.w * s.h * 3];
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = s.seed % 3 == 0 ? (byte)s.seed : s.seed % 3 == 1 ? (byte)(255 * dice.Below(2)) : (byte)dice.Below(256);
            }

            return GistEncoder.Encode(pixels, s.w, s.h).All(f => f is >= -4 and <= 4);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25).WithReplay(1, 1));
    }

    [Theory]
    [InlineData(1, 1), InlineData(1, 5000), InlineData(5000, 1), InlineData(3, 2), InlineData(257, 256)]
    public void Odd_shapes_are_described_too(int width, int height)
    {
        Assert.All(GistEncoder.Encode(new byte[width * height * 3], width, height), f => Assert.InRange(f, -4, 4));
    }

    [Theory]
    [InlineData(0, 5, 0), InlineData(2, 2, 11), InlineData(2, 2, 13), InlineData(-2, -2, 12), InlineData(65536, 65536, 12)]
    public void Pixels_that_do_not_fit_are_refused(int width, int height, int bytes)
    {
        var error = Assert.Throws<ArgumentException>(() => GistEncoder.Encode(new byte[bytes], width, height));
        Assert.StartsWith($"{bytes} bytes were given for an image of {width} × {height} pixels", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, float> Measure(Func<int, int, (byte, byte, byte)> colour)
    {
        var rgb = new byte[Side * Side * 3];
        for (var i = 0; i < Side * Side; i++)
        {
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = colour(i % Side, i / Side);
        }

        return Named(rgb, Side, Side);
    }

    private static Dictionary<string, float> Named(byte[] rgb, int width, int height) =>
        GistEncoder.Names.Zip(GistEncoder.Measure(rgb, width, height)).ToDictionary(f => f.First, f => f.Second);

    private static byte[] Blurred(byte[] rgb, int side)
    {
        var blurred = (byte[])rgb.Clone();
        for (var i = 0; i < rgb.Length; i++)
        {
            int x = i / 3 % side, y = i / 3 / side, sum = 0;
            for (var d = 0; d < 25; d++)
            {
                int u = Math.Clamp(x + (d % 5) - 2, 0, side - 1), v = Math.Clamp(y + (d / 5) - 2, 0, side - 1);
                sum += rgb[(((v * side) + u) * 3) + (i % 3)];
            }

            blurred[i] = (byte)(sum / 25);
        }

        return blurred;
    }
}
