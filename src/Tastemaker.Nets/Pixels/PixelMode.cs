namespace Tastemaker.Nets.Pixels;

/// <summary>What the samples of a picture mean; Pillow's name for the same in brackets.</summary>
public enum PixelMode
{
    /// <summary>[1] One sample, 0 or 255.</summary>
    Bilevel,

    /// <summary>[P] Three samples: the palette's colours, looked up already. Resized by nearest neighbour, as indices are.</summary>
    Palette,

    /// <summary>[L] One sample.</summary>
    Grey,

    /// <summary>[LA] Grey and alpha, not premultiplied.</summary>
    GreyAlpha,

    /// <summary>[RGB] Three samples.</summary>
    Rgb,

    /// <summary>[RGBA] Three samples and alpha, not premultiplied.</summary>
    Rgba,

    /// <summary>[CMYK] Four inks, 255 is full ink.</summary>
    Cmyk,

    /// <summary>[I] One sample of 16 bits, little-endian.</summary>
    Grey16,
}

public static class PixelModes
{
    /// <summary>Samples of a pixel.</summary>
    public static int Bands(this PixelMode mode) => mode switch
    {
        PixelMode.Bilevel or PixelMode.Grey or PixelMode.Grey16 => 1,
        PixelMode.GreyAlpha => 2,
        PixelMode.Palette or PixelMode.Rgb => 3,
        PixelMode.Rgba or PixelMode.Cmyk => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "This is no pixel mode."),
    };

    /// <summary>Bytes of a pixel.</summary>
    public static int Bytes(this PixelMode mode) => mode is PixelMode.Grey16 ? 2 : mode.Bands();
}
