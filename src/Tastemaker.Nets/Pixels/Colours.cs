using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tastemaker.Nets.Pixels;

/// <summary>Changes of colour with the rounding of Pillow's <c>Convert.c</c>.</summary>
public static class Colours
{
    /// <summary>Any mode to interleaved RGB. Alpha is dropped, not blended; 16-bit grey is clipped to 255, not scaled.</summary>
    public static void ToRgb(PixelMode mode, ReadOnlySpan<byte> pixels, Span<byte> rgb)
    {
        var count = pixels.Length / mode.Bytes();
        if (rgb.Length != 3 * count)
        {
            throw new ArgumentException($"{count} pixels are {3 * count} bytes of RGB, not {rgb.Length}.", nameof(rgb));
        }

        switch (mode)
        {
            case PixelMode.Palette or PixelMode.Rgb:
                pixels.CopyTo(rgb);
                break;
            case PixelMode.Rgba:
                DropAlpha(pixels, rgb);
                break;
            case PixelMode.Cmyk:
                CmykToRgb(pixels, rgb);
                break;
            case PixelMode.Grey16:
                Grey16ToRgb(MemoryMarshal.Cast<byte, ushort>(pixels), rgb);
                break;
            default:
                GreyToRgb(pixels, mode.Bands(), rgb);
                break;
        }
    }

    /// <summary>Colours times alpha, for grey or colour with alpha last.</summary>
    internal static void Premultiply(ReadOnlySpan<byte> pixels, int bands, Span<byte> into)
    {
        var i = 0;
        if (bands == 4 && Vector128.IsHardwareAccelerated)
        {
            for (; i <= pixels.Length - 16; i += 16)
            {
                Premultiply(Vector128.Create(pixels.Slice(i, 16))).CopyTo(into[i..]);
            }
        }

        for (; i < pixels.Length; i += bands)
        {
            var alpha = pixels[i + bands - 1];
            for (var c = 0; c < bands - 1; c++)
            {
                into[i + c] = Scale(pixels[i + c], alpha);
            }

            into[i + bands - 1] = alpha;
        }
    }

    /// <summary>Colours over alpha, in place. Pillow truncates here, where it rounds when it multiplies.</summary>
    internal static void Unpremultiply(Span<byte> pixels, int bands)
    {
        for (var i = 0; i < pixels.Length; i += bands)
        {
            int alpha = pixels[i + bands - 1];
            if (alpha is 0 or 255)
            {
                continue;
            }

            for (var c = 0; c < bands - 1; c++)
            {
                pixels[i + c] = (byte)Math.Min(255 * pixels[i + c] / alpha, 255);
            }
        }
    }

    /// <summary>Four pixels of four samples; alpha itself is multiplied by 255, which leaves it as it is.</summary>
    private static Vector128<byte> Premultiply(Vector128<byte> pixels)
    {
        var (lower, upper) = Vector128.Widen(pixels);
        return Vector128.Narrow(Times(lower), Times(upper));

        static Vector128<ushort> Times(Vector128<ushort> pixel)
        {
            var alpha = Vector128.Shuffle(pixel, Vector128.Create((ushort)3, 3, 3, 3, 7, 7, 7, 7));
            var factor = alpha | Vector128.Create(0, 0, 0, (ushort)255, 0, 0, 0, 255);
            var product = pixel * factor + Vector128.Create((ushort)128);
            return (product + (product >> 8)) >> 8;
        }
    }

    /// <summary>a·b/255, rounded: MULDIV255 in Pillow.</summary>
    private static byte Scale(byte a, byte b)
    {
        var product = a * b + 128;
        return (byte)((product + (product >> 8)) >> 8);
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i < rgba.Length; i += 4, o += 3)
        {
            rgb[o + 2] = rgba[i + 2];
            rgb[o + 1] = rgba[i + 1];
            rgb[o] = rgba[i];
        }
    }

    private static void CmykToRgb(ReadOnlySpan<byte> cmyk, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i < cmyk.Length; i += 4, o += 3)
        {
            var white = (byte)(255 - cmyk[i + 3]);
            rgb[o] = (byte)(white - Scale(cmyk[i], white));
            rgb[o + 1] = (byte)(white - Scale(cmyk[i + 1], white));
            rgb[o + 2] = (byte)(white - Scale(cmyk[i + 2], white));
        }
    }

    private static void Grey16ToRgb(ReadOnlySpan<ushort> grey, Span<byte> rgb)
    {
        for (var i = 0; i < grey.Length; i++)
        {
            rgb.Slice(3 * i, 3).Fill((byte)Math.Min(grey[i], (ushort)255));
        }
    }

    private static void GreyToRgb(ReadOnlySpan<byte> pixels, int bands, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i < pixels.Length; i += bands, o += 3)
        {
            rgb[o + 2] = rgb[o + 1] = rgb[o] = pixels[i];
        }
    }
}
