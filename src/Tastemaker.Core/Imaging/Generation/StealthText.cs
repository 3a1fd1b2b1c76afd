using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// Text in the lowest bits of a picture's pixels, as NovelAI, SwarmUI and extensions of the webui hide it: column after column from the
/// left, each from the top, either the bit of alpha or those of red, green and blue. A mark of 15 letters comes first, then the length of
/// the text in bits, as 32 bits, then the text in UTF-8, in gzip where the mark says so (SwarmUI, src/Utils/MetadataHelper.cs).
/// </summary>
internal static class StealthText
{
    private const int MarkBytes = 15, HeadBytes = MarkBytes + 4;

    /// <summary>Many times what workflows have.</summary>
    private const int MostStored = 4 << 20;

    private const int MostUnpacked = 16 << 20;

    private static readonly Kind[] Kinds =
    [
        new([.. "stealth_pngcomp"u8], IsAlpha: true, IsPacked: true), new([.. "stealth_pnginfo"u8], IsAlpha: true, IsPacked: false),
        new([.. "stealth_rgbcomp"u8], IsAlpha: false, IsPacked: true), new([.. "stealth_rgbinfo"u8], IsAlpha: false, IsPacked: false),
    ];

    /// <summary>
    /// Null where there is none, it is damaged, or the pixels cannot be read. Most pictures show in their first 16 pixels that they hide
    /// nothing, so of a PNG a few rows are decoded; WebP is decoded as a whole, if its bits came through: lossless, or with alpha.
    /// </summary>
    public static string? Read(string path, CancellationToken cancel)
    {
        try
        {
            var source = ImageSource.At(path);
            return source.Format == ImageFormat.Png || (source.Format == ImageFormat.WebP && KeepsBits(source)) ? Read(source, cancel) : null;
        }
        catch (ImageException)
        {
            return null;
        }
    }

    private static bool KeepsBits(ImageSource webp)
    {
        Span<byte> head = stackalloc byte[16];
        using (var file = webp.Open())
        {
            file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }

        if (head[12..].SequenceEqual("VP8L"u8))
        {
            return true;
        }

        using var picture = VipsPicture.Open(webp);
        return picture.Header.Mode == PixelMode.Rgba;
    }

    private static string? Read(ImageSource source, CancellationToken cancel)
    {
        const int Enough = 2;
        var first = FirstPixels.Of(source, 8 * Enough, cancel);
        if (!Kinds.Any(kind => first.Bytes(kind, 0, Enough) is { } bytes && kind.Mark.AsSpan().StartsWith(bytes)))
        {
            return null;
        }

        var head = FirstPixels.Of(source, 8 * HeadBytes, cancel);
        foreach (var kind in Kinds)
        {
            if (head.Bytes(kind, 0, HeadBytes) is { } bytes && bytes.AsSpan().StartsWith(kind.Mark))
            {
                var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(MarkBytes)) / 8;
                return length > MostStored ? null
                    : FirstPixels.Of(source, kind.Pixels(HeadBytes + (int)length), cancel).Bytes(kind, HeadBytes, (int)length) is { } stored ? Text(stored, kind.IsPacked)
                    : null;
            }
        }

        return null;
    }

    private static string? Text(byte[] stored, bool isPacked) =>
        (isPacked ? Unpacked(stored) : stored) is { } bytes && Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[]? Unpacked(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        using var text = new MemoryStream();
        var buffer = new byte[1 << 14];
        try
        {
            while (gzip.Read(buffer) is > 0 and var count)
            {
                if (text.Length + count > MostUnpacked)
                {
                    return null;
                }

                text.Write(buffer, 0, count);
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        return text.ToArray();
    }

    private sealed record Kind(byte[] Mark, bool IsAlpha, bool IsPacked)
    {
        private const int Colours = 3;

        public int BitsOfPixel => IsAlpha ? 1 : Colours;

        /// <summary>How many hold that many bytes.</summary>
        public int Pixels(int bytes) => (8 * bytes + BitsOfPixel - 1) / BitsOfPixel;

        /// <summary>Which of a pixel's samples has the first bit; null where it has none for this.</summary>
        public int? Band(PixelMode mode) => (IsAlpha, mode) switch
        {
            (true, PixelMode.Rgba) => Colours,
            (true, PixelMode.GreyAlpha) => 1,
            (false, PixelMode.Rgb or PixelMode.Rgba) => 0,
            _ => null,
        };
    }

    /// <summary>The first pixels of a picture, counted down its columns.</summary>
    /// <param name="Part">The columns in which they are.</param>
    /// <param name="Height">Of the whole picture.</param>
    private readonly record struct FirstPixels(Raster Part, int Height)
    {
        public static FirstPixels Of(ImageSource source, int count, CancellationToken cancel)
        {
            using var picture = VipsPicture.Open(source);
            var height = picture.Header.Height;
            return new(picture.DecodeCorner((count + height - 1) / height, Math.Min(count, height), cancel), height);
        }

        /// <summary>Null where there are not as many.</summary>
        public byte[]? Bytes(Kind kind, int from, int count)
        {
            if (kind.Band(Part.Mode) is not { } band || (kind.Pixels(from + count) - 1) / Height >= Part.Width)
            {
                return null;
            }

            var bytes = new byte[count];
            for (var i = 0; i < 8 * count; i++)
            {
                var (pixel, colour) = Math.DivRem(8 * from + i, kind.BitsOfPixel);
                var (column, row) = Math.DivRem(pixel, Height);
                bytes[i / 8] = (byte)(bytes[i / 8] << 1 | (Part.Pixels[(row * Part.Width + column) * Part.Bands + band + colour] & 1));
            }

            return bytes;
        }
    }
}
