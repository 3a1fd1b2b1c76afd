using System.Buffers.Binary;
using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Native.Vips;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Imaging.Generation;

/// <summary>Text in the lowest bits of pixels; the tests hide it there as SwarmUI's source does, bit by bit.</summary>
public sealed class StealthTextTests : IDisposable
{
    private const string Swarm = """{"sui_image_params": {"prompt": "a boat, 舟", "seed": 7, "steps": 20, "width": 64}}""";

    private const string Novel = """
        {"Description": "a lake", "Software": "NovelAI", "Source": "NovelAI Diffusion V4 37442FCA", "Generation time": "3.1",
         "Comment": "{\"prompt\": \"a lake\", \"uc\": \"rain\", \"steps\": 28, \"seed\": 99, \"scale\": 5.0, \"sampler\": \"k_euler\"}"}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stealth_pngcomp", 40, 200)]
    [InlineData("stealth_pnginfo", 300, 7)]
    [InlineData("stealth_rgbcomp", 40, 200)]
    [InlineData("stealth_rgbinfo", 41, 31)]
    public void What_a_PNG_hides_is_read_down_its_columns(string mark, int width, int height)
    {
        var made = Of(Png(Hidden(mark, Encoding.UTF8.GetBytes(Swarm), width, height)));

        Assert.Equal((Generator.SwarmUI, GenerationPlace.Pixels, "a boat, 舟", 7UL, 20, 64), (made!.Generator, made.Place, made.Prompt, made.Seed, made.Steps, made.Width));
    }

    [Theory]
    [InlineData("stealth_pngcomp")]
    [InlineData("stealth_rgbcomp")]
    public void So_is_what_a_lossless_WebP_hides(string mark)
    {
        var raster = Hidden(mark, Encoding.UTF8.GetBytes(InfotextTests.Documented), 100, 90);
        using var image = VipsImage.FromPixels(raster.Pixels, raster.Width, raster.Height, raster.Bands, "srgb");

        var made = Of(_folder.Write("a.webp", image.Save("webp", ("lossless", "true"), ("exact", "true"), ("keep", "none"))));

        Assert.Equal((Generator.A1111, GenerationPlace.Pixels, 965400086UL), (made!.Generator, made.Place, made.Seed));
    }

    [Fact]
    public void NovelAI_s_texts_are_one_object()
    {
        var made = Of(Png(Hidden("stealth_pngcomp", Encoding.UTF8.GetBytes(Novel), 64, 64)));

        Assert.Equal((Generator.NovelAI, "a lake", "rain", 28, 99UL, "37442FCA"), (made!.Generator, made.Prompt, made.NegativePrompt, made.Steps, made.Seed, made.ModelHash));
    }

    [Fact]
    public void So_are_the_graphs_of_ComfyUI()
    {
        var texts = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["prompt"] = ComfyTests.Example, ["workflow"] = "{}" });

        var made = Of(Png(Hidden("stealth_pngcomp", Encoding.UTF8.GetBytes(texts), 128, 128)));

        Assert.Equal((Generator.ComfyUI, "masterpiece best quality girl"), (made!.Generator, made.Prompt));
    }

    [Fact]
    public void What_stands_in_the_file_is_believed_first_and_a_sidecar_last()
    {
        var raster = Hidden("stealth_pngcomp", Encoding.UTF8.GetBytes(Swarm), 64, 64);
        var both = _folder.Write("both.png", ImageWriter.Png(raster, new Dictionary<string, string?> { ["parameters"] = InfotextTests.Documented }));
        var scored = _folder.Write("scored.png", ImageWriter.Png(raster, new Dictionary<string, string?> { ["aesthetic_score"] = "5.9" }));
        _folder.File("scored.txt", InfotextTests.Documented);
        var plain = _folder.Write("plain.png", ImageWriter.Png(Samples.Noise(30, 40)));
        _folder.File("plain.txt", InfotextTests.Documented);

        Assert.Equal((Generator.A1111, GenerationPlace.Metadata), (Of(both)!.Generator, Of(both)!.Place));
        Assert.Equal((Generator.SwarmUI, GenerationPlace.Pixels, 5.9), (Of(scored)!.Generator, Of(scored)!.Place, Assert.Single(Of(scored)!.Scores).Value));
        Assert.Equal((Generator.A1111, GenerationPlace.Sidecar), (Of(plain)!.Generator, Of(plain)!.Place));
    }

    [Fact]
    public void Damage_hides_nothing()
    {
        var text = Encoding.UTF8.GetBytes(Swarm);
        var packed = Samples.Gzip(text);

        Assert.Null(Of(Png(Samples.Noise(30, 200))));
        Assert.Null(Of(Png(new Raster(3, 3, PixelMode.Rgba, new byte[36]))));
        Assert.Null(Of(Png(Hidden("stealth_pngnone", text, 64, 64))));
        Assert.Null(Of(Png(Bits([.. "stealth_pngcomp"u8], true, 64, 64))));
        Assert.Null(Of(Png(Bits([.. "stealth_pngcomp"u8, .. Length(packed.Length + 999), .. packed], true, 48, 48))));
        Assert.Null(Of(Png(Bits([.. "stealth_pngcomp"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. packed], true, 64, 64))));
        Assert.Null(Of(Png(Bits([.. "stealth_pngcomp"u8, .. Length(packed.Length), .. packed[..20], 0xFF, 0xFF, .. packed[22..]], true, 64, 64))));
        Assert.Null(Of(Png(Bits([.. "stealth_pnginfo"u8, .. Length(3), 0xFF, 0xFE, 0x41], true, 64, 64))));
        Assert.Null(Of(Png(Bits([.. "stealth_rgbinfo"u8, .. Length(0)], false, 64, 64))));
    }

    [Fact]
    public void A_picture_that_ends_early_hides_nothing()
    {
        var whole = ImageWriter.Png(Hidden("stealth_rgbcomp", Encoding.UTF8.GetBytes(Swarm), 40, 400));

        Assert.NotNull(StealthText.Read(_folder.Write("whole.png", whole), TestContext.Current.CancellationToken));
        Assert.Null(StealthText.Read(_folder.Write("half.png", whole[..(whole.Length / 2)]), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_small_text_that_unpacks_to_a_large_one_is_left()
    {
        var bomb = Samples.Gzip(new byte[(16 << 20) + 1]);

        Assert.InRange(bomb.Length, 1, 20_000);
        Assert.Null(Of(Png(Bits([.. "stealth_rgbcomp"u8, .. Length(bomb.Length), .. bomb], false, 256, 256))));
    }

    private static GenerationInfo? Of(string path) => GenerationInfo.Of(path);

    private string Png(Raster raster) => _folder.Write($"{Guid.NewGuid():N}.png", ImageWriter.Png(raster));

    private static Raster Hidden(string mark, byte[] text, int width, int height)
    {
        var stored = mark.EndsWith("comp", StringComparison.Ordinal) ? Samples.Gzip(text) : text;
        return Bits([.. Encoding.ASCII.GetBytes(mark), .. Length(stored.Length), .. stored], mark.Contains("png", StringComparison.Ordinal), width, height);
    }

    /// <summary>An opaque picture, or one without alpha, with these bits.</summary>
    private static Raster Bits(byte[] bytes, bool isAlpha, int width, int height)
    {
        var (bands, next) = (isAlpha ? 4 : 3, 0);
        var pixels = new byte[width * height * bands];
        new Random(width).NextBytes(pixels);
        for (var x = 0; x < width; x++)
        {
            for (var y = 0; y < height; y++)
            {
                foreach (var band in (int[])(isAlpha ? [3] : [0, 1, 2]))
                {
                    var at = (y * width + x) * bands + band;
                    var bit = next < 8 * bytes.Length ? bytes[next / 8] >> (7 - next % 8) & 1 : 1;
                    pixels[at] = (byte)(isAlpha ? 254 | bit : (pixels[at] & 254) | bit);
                    next++;
                }
            }
        }

        return next >= 8 * bytes.Length ? new Raster(width, height, isAlpha ? PixelMode.Rgba : PixelMode.Rgb, pixels)
            : throw new ArgumentException($"{bytes.Length} bytes do not fit into {width}×{height} pixels.", nameof(bytes));
    }

    private static byte[] Length(int bytes)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, 8 * (uint)bytes);
        return length;
    }
}
