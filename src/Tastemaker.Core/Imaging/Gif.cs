using System.Runtime.InteropServices;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>
/// Decodes the first frame of a GIF. libvips composes frames to RGBA, in which the colours of transparent pixels, that the
/// encoders see, are lost; modes and fills are those of GifImagePlugin.py in Pillow 9.4.
/// </summary>
internal static class Gif
{
    private const byte Extension = (byte)'!', Picture = (byte)',', Trailer = (byte)';', GraphicControl = 249;

    public static (ImageHeader Header, Func<Raster> Decode) Open(ImageSource source)
    {
        var bytes = source.ReadAll();
        var reader = new ByteReader(source, bytes.Span);
        var frame = Frame.Read(source, ref reader);
        source.Demand(frame.CanvasWidth, frame.CanvasHeight);
        var header = new ImageHeader(ImageFormat.Gif, frame.CanvasWidth, frame.CanvasHeight, frame.Mode, Exif: 1);
        var dataAt = reader.Position;
        return (header, () => Decode(source, bytes.Span, dataAt, frame));
    }

    private static Raster Decode(ImageSource source, ReadOnlySpan<byte> bytes, int dataAt, Frame frame)
    {
        var reader = new ByteReader(source, bytes);
        reader.Seek((uint)dataAt);
        var indices = Unpack(source, ref reader, frame.Width * frame.Height);
        var bands = frame.Mode.Bands();
        var pixels = source.Allocate((long)frame.CanvasWidth * frame.CanvasHeight * bands);
        frame.Fill(pixels);
        var row = 0;
        foreach (var y in frame.IsInterlaced ? Interlaced(frame.Height) : Enumerable.Range(0, frame.Height))
        {
            var at = ((frame.Top + y) * frame.CanvasWidth + frame.Left) * bands;
            frame.Palette.Look(indices.AsSpan(row++ * frame.Width, frame.Width), pixels.AsSpan(at, frame.Width * bands));
        }

        return new Raster(frame.CanvasWidth, frame.CanvasHeight, frame.Mode, pixels);
    }

    private static IEnumerable<int> Interlaced(int height)
    {
        foreach (var (first, step) in new[] { (0, 8), (4, 8), (2, 4), (1, 2) })
        {
            for (var y = first; y < height; y += step)
            {
                yield return y;
            }
        }
    }

    private static byte[] Unpack(ImageSource source, ref ByteReader reader, int count)
    {
        const int LongestCode = 4096;
        int rootBits = reader.Byte();
        if (rootBits is < 1 or > 11)
        {
            throw source.Damaged($"its codes start with {rootBits} bits");
        }

        // A code has at least two bits, so this many bytes cannot hold so many pixels.
        if (count / LongestCode > 4L * reader.Remaining)
        {
            throw source.EndsEarly();
        }

        var indices = source.Allocate(count);
        Lzw.Expand(source, Blocks(ref reader), rootBits, indices);
        return indices;
    }

    /// <summary>Data blocks joined, up to the empty one; a file that lacks that is read to its end.</summary>
    private static ReadOnlySpan<byte> Blocks(ref ByteReader reader)
    {
        var data = new List<byte>();
        while (reader.Remaining > 0 && reader.Byte() is > 0 and var length)
        {
            data.AddRange(reader.Take(Math.Min(length, reader.Remaining)));
        }

        return CollectionsMarshal.AsSpan(data);
    }

    private sealed record Frame(int CanvasWidth, int CanvasHeight, int Left, int Top, int Width, int Height, bool IsInterlaced,
        IndexedColours Palette, int? Transparent)
    {
        public PixelMode Mode => Palette.Mode;

        public static Frame Read(ImageSource source, ref ByteReader reader)
        {
            reader.Seek(6);
            var (canvasWidth, canvasHeight) = (reader.UInt16(), reader.UInt16());
            var global = PaletteOf(ref reader, reader.Byte(), skip: 2);
            int? transparent = null;
            while (true)
            {
                switch (reader.Byte())
                {
                    case Extension:
                        var isControl = reader.Byte() == GraphicControl;
                        for (var block = reader.Take(reader.Byte()); block.Length > 0; block = reader.Take(reader.Byte()))
                        {
                            transparent = isControl && block.Length >= 4 && (block[0] & 1) != 0 ? block[3] : transparent;
                        }

                        break;
                    case Picture:
                        var (left, top, width, height) = (reader.UInt16(), reader.UInt16(), reader.UInt16(), reader.UInt16());
                        source.Demand(width, height);
                        var flags = reader.Byte();
                        var local = PaletteOf(ref reader, flags, skip: 0);
                        return new Frame(Math.Max(canvasWidth, left + width), Math.Max(canvasHeight, top + height), left, top, width, height,
                            (flags & 64) != 0, new IndexedColours(local.Length > 0 ? local : global, bilevel: false), transparent);
                    case Trailer:
                        throw source.Damaged("it has no frame");
                }
            }
        }

        /// <summary>What the canvas is where the frame is not: the transparent colour, else the first.</summary>
        public void Fill(Span<byte> pixels)
        {
            Span<byte> colour = stackalloc byte[Mode.Bands()];
            Palette.Look([(byte)(Transparent ?? 0)], colour);
            for (var at = 0; at < pixels.Length; at += colour.Length)
            {
                colour.CopyTo(pixels[at..]);
            }
        }

        /// <summary>The palette that flags announce, after bytes of no interest here.</summary>
        private static byte[] PaletteOf(ref ByteReader reader, int flags, int skip)
        {
            reader.Take(skip);
            return (flags & 128) != 0 ? reader.Take(3 << ((flags & 7) + 1)).ToArray() : [];
        }
    }
}
