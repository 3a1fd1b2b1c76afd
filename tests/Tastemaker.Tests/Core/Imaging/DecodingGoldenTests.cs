using System.Security.Cryptography;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Imaging;

/// <summary>Every way of storing pixels without loss, against what Pillow 9.4 reads: tools/reference/decoding.py.</summary>
[Trait("Kind", "golden")]
public sealed class DecodingGoldenTests
{
    public static TheoryData<string, string, string> Files()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var folder in Goldens.Folders("decoding.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "decoding.json")));
            foreach (var item in document.RootElement.GetProperty("cases").EnumerateArray())
            {
                rows.Add(folder, item.GetProperty("file").GetString()!, item.GetRawText());
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Pixels_are_those_that_Pillow_reads(string folder, string file, string expected)
    {
        var item = JsonDocument.Parse(expected).RootElement;
        var path = Path.Combine(folder, file);

        var raster = ImageDecoder.Decode(path, cancel: TestContext.Current.CancellationToken);
        var header = ImageDecoder.Inspect(path);

        Assert.Equal((item.GetProperty("size")[0].GetInt32(), item.GetProperty("size")[1].GetInt32()), (raster.Width, raster.Height));
        // Pillow resizes the unspecified fourth sample of RGBX too, and shows three.
        Assert.Equal(item.GetProperty("mode").GetString()!.TrimEnd('X'), PillowName(raster.Mode));
        Assert.Equal((raster.Width, raster.Height, raster.Mode), (header.Width, header.Height, header.Mode));
        Assert.Equal(item.GetProperty("rgb_sha256").GetString(), Sha(raster.ToRgb().Pixels));
        if (raster.Mode is PixelMode.GreyAlpha or PixelMode.Rgba or PixelMode.Cmyk)
        {
            Assert.Equal(item.GetProperty("pixels_sha256").GetString(), Sha(raster.Pixels));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Files_in_memory_decode_as_on_disk(string folder, string file, string expected)
    {
        _ = expected;
        var path = Path.Combine(folder, file);

        var onDisk = ImageDecoder.Decode(path, cancel: TestContext.Current.CancellationToken);
        var inMemory = ImageDecoder.Decode(File.ReadAllBytes(path), cancel: TestContext.Current.CancellationToken);

        Assert.Equal(onDisk.Pixels, inMemory.Pixels);
        Assert.Equal(onDisk with { Pixels = inMemory.Pixels }, inMemory);
    }

    private static string PillowName(PixelMode mode) => mode switch
    {
        PixelMode.Bilevel => "1",
        PixelMode.Palette => "P",
        PixelMode.Grey => "L",
        PixelMode.GreyAlpha => "LA",
        PixelMode.Grey16 => "I",
        _ => mode.ToString().ToUpperInvariant(),
    };

    private static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
