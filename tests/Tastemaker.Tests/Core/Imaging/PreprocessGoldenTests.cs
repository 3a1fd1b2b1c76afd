using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Imaging;

/// <summary>From file to the encoder's input, against openai/CLIP's transform on Pillow 9.4 and torchvision 0.14.</summary>
[Trait("Kind", "golden")]
public sealed class PreprocessGoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Images()
    {
        var rows = new TheoryData<string, string>();
        foreach (var folder in Goldens.Folders("cases.json", "images", "crops"))
        {
            foreach (var item in Read(folder).GetProperty("cases").EnumerateArray())
            {
                rows.Add(folder, item.GetProperty("file").GetString()!);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void The_crop_is_the_one_of_the_reference(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        Assert.SkipUnless(File.Exists(path), $"'{file}' is too large for the repository; TASTE_GOLDEN can name a folder that has it.");
        var set = Read(folder);
        var item = set.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("file").GetString() == file);
        var config = new ClipPixels.Config { Size = set.GetProperty("size").GetInt32() };

        var raster = ImageDecoder.Decode(path, Orientation.Ignore, TestContext.Current.CancellationToken);
        var crop = ClipPixels.Crop(raster.View, config);
        var tensor = new float[crop.Length];
        ClipPixels.Prepare(raster.View, config, tensor);

        Assert.Equal((item.GetProperty("size")[0].GetInt32(), item.GetProperty("size")[1].GetInt32()), (raster.Width, raster.Height));
        Assert.Equal(item.GetProperty("mode").GetString(), PillowName(raster.Mode));
        var rgb = raster.ToRgb().Pixels;
        if (Sha(rgb) == item.GetProperty("decoded_rgb_sha256").GetString())
        {
            Assert.Equal(item.GetProperty("crop_u8_sha256").GetString(), Sha(crop));
            Assert.Equal(item.GetProperty("tensor_sha256").GetString(), Sha(MemoryMarshal.AsBytes<float>(tensor)));
            return;
        }

        // The decoders of JPEG and lossy WebP are not bound to the bit: golden/README.md allows ±2 on the means there, and nowhere else.
        Assert.Contains(item.GetProperty("format").GetString(), new[] { "JPEG", "WEBP" });
        var difference = Means(rgb).Zip(item.GetProperty("decoded_rgb_mean").EnumerateArray().Select(m => m.GetDouble()), (a, b) => a - b).ToArray();
        output.WriteLine($"The decoder differs from the reference's; channel means by {string.Join(", ", difference.Select(d => $"{d:F4}"))}.");
        Assert.All(difference, d => Assert.InRange(d, -2, 2));
        var expected = ImageDecoder.Decode(Path.Combine(folder, item.GetProperty("crop_png").GetString()!), cancel: TestContext.Current.CancellationToken);
        Assert.All(Means(crop).Zip(Means(expected.Pixels), (a, b) => a - b), d => Assert.InRange(d, -2, 2));
    }

    [Theory]
    [MemberData(nameof(UpstreamImages))]
    public void Photographs_agree_with_tensors_that_others_published(string name)
    {
        var image = Goldens.UpstreamFile($"clip-retrieval-golden/images/{name}.jpg");
        var published = File.ReadAllBytes(Goldens.UpstreamFile($"clip-retrieval-golden/tensor_{name}.npy"));
        var expected = MemoryMarshal.Cast<byte, float>(published.AsSpan(published.Length - 3 * 224 * 224 * sizeof(float)));

        var tensor = new float[3 * 224 * 224];
        ClipPixels.Prepare(ImageDecoder.Decode(image, Orientation.Ignore, TestContext.Current.CancellationToken).View, new ClipPixels.Config(), tensor);

        var worst = 0f;
        double sum = 0;
        for (var i = 0; i < tensor.Length; i++)
        {
            var difference = Math.Abs(tensor[i] - expected[i]);
            (worst, sum) = (Math.Max(worst, difference), sum + difference);
        }

        // A level of a sample is 1/255/0.26 = 0.015; the decoder may be off by two on average, as for the crops above.
        output.WriteLine($"{name}: largest difference {worst:F4}, mean {sum / tensor.Length:F6}.");
        Assert.InRange(sum / tensor.Length, 0, 0.03);
    }

    public static TheoryData<string> UpstreamImages() => ["123_456", "208_495", "321_421", "389_535", "416_264", "456_123", "524_316"];

    private static string PillowName(PixelMode mode) => mode switch
    {
        PixelMode.Bilevel => "1",
        PixelMode.Palette => "P",
        PixelMode.Grey => "L",
        PixelMode.GreyAlpha => "LA",
        PixelMode.Grey16 => "I",
        _ => mode.ToString().ToUpperInvariant(),
    };

    private static double[] Means(byte[] rgb) =>
        [.. Enumerable.Range(0, 3).Select(c => rgb.Where((_, i) => i % 3 == c).Average(sample => (double)sample))];

    private static string Sha(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static JsonElement Read(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        return document.RootElement.Clone();
    }
}
