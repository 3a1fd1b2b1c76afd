using System.Buffers.Binary;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>What a PNG's IHDR says.</summary>
internal readonly record struct PngHeader(uint Width, uint Height, int Depth, int ColourType)
{
    /// <summary>The mode that Pillow opens it in: <c>_MODES</c> in PngImagePlugin.py. 16-bit grey with alpha is widened to RGBA there.</summary>
    public PixelMode Mode => (Depth, ColourType) switch
    {
        (1, 0) => PixelMode.Bilevel,
        (16, 0) => PixelMode.Grey16,
        (_, 0) => PixelMode.Grey,
        (_, 2) => PixelMode.Rgb,
        (_, 3) => PixelMode.Palette,
        (8, 4) => PixelMode.GreyAlpha,
        _ => PixelMode.Rgba,
    };

    public static PngHeader Read(ImageSource source)
    {
        using var stream = source.Open();
        var head = new byte[29];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            throw source.EndsEarly();
        }

        if (!head.AsSpan(8).StartsWith<byte>([0, 0, 0, 13, .. "IHDR"u8]))
        {
            throw source.Damaged("it does not begin with an IHDR chunk of 13 bytes");
        }

        var header = new PngHeader(BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16)),
            BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(20)), head[24], head[25]);
        return header is { ColourType: 0 or 2 or 3 or 4 or 6, Depth: 1 or 2 or 4 or 8 or 16 }
            ? header
            : throw source.Damaged($"colour type {header.ColourType} with {header.Depth} bits does not exist");
    }
}
