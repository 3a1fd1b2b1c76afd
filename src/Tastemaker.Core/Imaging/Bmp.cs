using System.Numerics;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>
/// Decodes Windows and OS/2 bitmaps, which libvips does not: 1 to 32 bits, palettes, bit masks, run lengths.
/// Modes and levels are those of BmpImagePlugin.py in Pillow 9.4.
/// </summary>
internal static class Bmp
{
    private const int LongestRun = 255;

    private const int Rgb = 0, Rle8 = 1, Rle4 = 2, BitFields = 3, AlphaBitFields = 6;

    public static (ImageHeader Header, Func<Raster> Decode) Open(ImageSource source)
    {
        var bytes = source.ReadAll();
        var reader = new ByteReader(source, bytes.Span);
        var info = Info.Read(source, ref reader);
        var header = new ImageHeader(ImageFormat.Bmp, info.Width, info.Height, info.Mode, Exif: 1);
        return (header, () => Decode(source, bytes.Span, info));
    }

    private static Raster Decode(ImageSource source, ReadOnlySpan<byte> bytes, Info info)
    {
        var reader = new ByteReader(source, bytes);
        reader.Seek(info.PixelsAt);
        var stride = ((long)info.Width * info.Bits + 31) / 32 * 4;
        if (info.Compression is not (Rle8 or Rle4) && stride * info.Height > reader.Remaining)
        {
            throw source.EndsEarly($"{reader.Remaining} of {stride * info.Height} bytes of pixels");
        }

        // Runs may leave most of a picture blank; of a large one that is no picture but a trap for memory.
        if ((long)info.Width * info.Height is > 1 << 24 and var count && count / LongestRun > reader.Remaining)
        {
            throw source.EndsEarly($"{reader.Remaining} bytes for {count} pixels");
        }

        var pixels = source.Allocate((long)info.Width * info.Height * info.Mode.Bands());
        var indices = info.Compression is Rle8 or Rle4 ? Expand(source, ref reader, info) : [];
        var line = new byte[info.Width];
        for (var row = 0; row < info.Height; row++)
        {
            var y = info.TopDown ? row : info.Height - 1 - row;
            var output = pixels.AsSpan(y * info.Width * info.Mode.Bands(), info.Width * info.Mode.Bands());
            if (indices.Length > 0)
            {
                info.Palette.Look(indices.AsSpan(row * info.Width, info.Width), output);
            }
            else if (info.Bits <= 8)
            {
                Unpack(reader.Take((int)stride), info.Bits, line);
                info.Palette.Look(line, output);
            }
            else
            {
                Colours(reader.Take((int)stride), info, output);
            }
        }

        return new Raster(info.Width, info.Height, info.Mode, pixels);
    }

    /// <summary>Indices of 1, 4 or 8 bits, the highest first.</summary>
    private static void Unpack(ReadOnlySpan<byte> row, int bits, Span<byte> indices)
    {
        var perByte = 8 / bits;
        for (var x = 0; x < indices.Length; x++)
        {
            indices[x] = (byte)(row[x / perByte] >> (8 - bits - x % perByte * bits) & ((1 << bits) - 1));
        }
    }

    private static void Colours(ReadOnlySpan<byte> row, Info info, Span<byte> output)
    {
        var (size, bands) = (info.Bits / 8, info.Mode.Bands());
        for (var x = 0; x < info.Width; x++)
        {
            uint pixel = 0;
            for (var i = size - 1; i >= 0; i--)
            {
                pixel = pixel << 8 | row[x * size + i];
            }

            for (var band = 0; band < bands; band++)
            {
                output[x * bands + band] = info.Masks[band].Level(pixel);
            }
        }
    }

    /// <summary>Run lengths to indices, in the order of the file's rows; what is skipped has index 0.</summary>
    private static byte[] Expand(ImageSource source, ref ByteReader reader, Info info)
    {
        var indices = source.Allocate((long)info.Width * info.Height);
        indices.AsSpan().Clear();
        var (x, y) = (0, 0);
        while (y < info.Height)
        {
            var (count, value) = (reader.Byte(), reader.Byte());
            if (count > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    Put(info.Compression == Rle8 ? value : (byte)(i % 2 == 0 ? value >> 4 : value & 15));
                }
            }
            else if (value == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == 1)
            {
                break;
            }
            else if (value == 2)
            {
                (x, y) = (x + reader.Byte(), y + reader.Byte());
            }
            else
            {
                var data = reader.Take(info.Compression == Rle8 ? (value + 1) / 2 * 2 : (value + 3) / 4 * 2);
                for (var i = 0; i < value; i++)
                {
                    Put(info.Compression == Rle8 ? data[i] : (byte)(i % 2 == 0 ? data[i / 2] >> 4 : data[i / 2] & 15));
                }
            }
        }

        return indices;

        void Put(byte index)
        {
            if (x < info.Width && y < info.Height)
            {
                indices[y * info.Width + x] = index;
            }

            x++;
        }
    }

    /// <summary>Where a sample stands in a pixel, and how many levels it has.</summary>
    private readonly record struct Mask(uint Bits)
    {
        public byte Level(uint pixel)
        {
            var highest = Bits >> BitOperations.TrailingZeroCount(Bits);
            return Bits == 0 ? (byte)255 : (byte)((ulong)((pixel & Bits) >> BitOperations.TrailingZeroCount(Bits)) * 255 / highest);
        }
    }

    private sealed record Info(int Width, int Height, bool TopDown, int Bits, int Compression, Mask[] Masks,
        IndexedColours Palette, uint PixelsAt)
    {
        public PixelMode Mode => Masks.Length switch
        {
            0 => Palette.Mode,
            4 => PixelMode.Rgba,
            _ => PixelMode.Rgb,
        };

        public static Info Read(ImageSource source, ref ByteReader reader)
        {
            reader.Seek(10);
            var pixelsAt = reader.UInt32();
            var size = reader.Int32();
            var isOld = size == 12;
            var width = isOld ? reader.UInt16() : reader.Int32();
            var height = isOld ? reader.UInt16() : reader.Int32();
            reader.Take(2);
            var bits = reader.UInt16();
            var compression = isOld ? Rgb : reader.Int32();
            source.Demand(width, Math.Abs((long)height));
            if (bits is not (1 or 4 or 8 or 16 or 24 or 32) || !Fits(compression, bits))
            {
                throw source.Damaged($"{bits} bits with compression {compression} are not supported");
            }

            var colours = 0u;
            if (!isOld)
            {
                reader.Take(12);
                colours = reader.UInt32();
                reader.Take(4);
            }

            // Masks stand behind a header of 40 bytes, and inside longer ones.
            var masks = bits > 8 ? MasksOf(ref reader, size, bits, compression) : [];
            reader.Seek(Math.Max(14 + (uint)size, (uint)reader.Position));
            var palette = Array.Empty<byte>();
            if (bits <= 8)
            {
                palette = PaletteOf(ref reader, colours == 0 ? 1 << bits : (int)Math.Min(colours, 1u << bits), isOld ? 3 : 4);
                // Writers that forgot the palette when they stated where the pixels are.
                pixelsAt = pixelsAt == 14 + size ? (uint)reader.Position : pixelsAt;
            }

            return new Info(width, Math.Abs(height), height < 0, bits, compression, masks,
                new IndexedColours(palette, bilevel: bits == 1), pixelsAt);
        }

        private static bool Fits(int compression, int bits) => compression switch
        {
            Rgb => true,
            Rle8 => bits == 8,
            Rle4 => bits == 4,
            BitFields or AlphaBitFields => bits is 16 or 32,
            _ => false,
        };

        private static Mask[] MasksOf(ref ByteReader reader, int size, int bits, int compression)
        {
            if (compression == Rgb)
            {
                return bits == 16 ? [new(0x7C00), new(0x3E0), new(0x1F)] : [new(0xFF0000), new(0xFF00), new(0xFF)];
            }

            Mask[] masks = [new(reader.UInt32()), new(reader.UInt32()), new(reader.UInt32())];
            var alpha = size >= 56 || compression == AlphaBitFields ? reader.UInt32() : 0;
            if (alpha != 0)
            {
                return [.. masks, new(alpha)];
            }

            return bits == 32 && masks.All(mask => mask.Bits == 0)
                ? [new(0xFF0000), new(0xFF00), new(0xFF), new(0xFF000000)]
                : masks;
        }

        private static byte[] PaletteOf(ref ByteReader reader, int colours, int entry)
        {
            var palette = new byte[3 * colours];
            for (var i = 0; i < colours; i++)
            {
                var bgr = reader.Take(entry);
                (palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]) = (bgr[2], bgr[1], bgr[0]);
            }

            return palette;
        }
    }
}
