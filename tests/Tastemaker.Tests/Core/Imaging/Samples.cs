using System.Buffers.Binary;
using System.IO.Compression;
using Tastemaker.Core.Imaging;
using Tastemaker.Native.Vips;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Imaging;

/// <summary>Small image files, whole and spoilt.</summary>
internal static class Samples
{
    public static readonly string Folder = Path.Combine(Goldens.Own, "preprocess", "images");

    public static byte[] Golden(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public static byte[] Lossless(string name) => File.ReadAllBytes(Path.Combine(Goldens.Own, "decoding", name));

    /// <summary>One of every format, small.</summary>
    public static (string Name, byte[] File)[] Formats { get; } =
    [
        ("rgb8_adam7.png", Lossless("rgb8_adam7.png")),
        ("palette8_transparent.png", Lossless("palette8_transparent.png")),
        ("grey_alpha16.png", Lossless("grey_alpha16.png")),
        ("small.jpg", ImageWriter.Jpeg(Noise(40, 30))),
        ("jpeg_cmyk_300x240.jpg", Golden("jpeg_cmyk_300x240.jpg")),
        ("rgba_lossless.webp", Lossless("rgba_lossless.webp")),
        ("animated_lossless.webp", Lossless("animated_lossless.webp")),
        ("lossy.webp", ImageWriter.WebP(Noise(40, 30))),
        ("small.avif", Avif(Noise(64, 48))),
        ("interlaced.gif", Lossless("interlaced.gif")),
        ("animated.gif", Lossless("animated.gif")),
        ("rle8.bmp", Lossless("rle8.bmp")),
        ("rle4.bmp", Lossless("rle4.bmp")),
        ("rgb16_masks.bmp", Lossless("rgb16_masks.bmp")),
        ("palette8.bmp", Lossless("palette8.bmp")),
        ("rgb_lzw.tif", Lossless("rgb_lzw.tif")),
        ("palette.tif", Lossless("palette.tif")),
    ];

    public static Raster Noise(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        new Random(width).NextBytes(pixels);
        return new Raster(width, height, PixelMode.Rgb, pixels);
    }

    public static byte[] Avif(Raster raster)
    {
        using var image = VipsImage.FromPixels(raster.Pixels, raster.Width, raster.Height, 3, "srgb");
        return image.Save("heif", ("compression", "av1"), ("lossless", "true"), ("effort", "0"), ("subsample-mode", "off"));
    }

    public static byte[] Png(int width, int height, int depth, int colour, params (string Type, byte[] Data)[] chunks)
    {
        var ihdr = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(ihdr, width);
        BinaryPrimitives.WriteInt32BigEndian(ihdr.AsSpan(4), height);
        (ihdr[8], ihdr[9]) = ((byte)depth, (byte)colour);
        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", ihdr), .. chunks.SelectMany(c => Chunk(c.Type, c.Data))];
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        var (length, crc) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc(body));
        return [.. length, .. body, .. crc];
    }

    public static byte[] Gzip(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(data);
        }

        return packed.ToArray();
    }

    public static byte[] Deflate(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(data);
        }

        return packed.ToArray();
    }

    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
