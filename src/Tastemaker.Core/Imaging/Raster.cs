using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>A decoded picture: rows from top to bottom, samples interleaved, no padding.</summary>
/// <param name="Mode">What the samples mean: the mode in which Pillow 9.4 would open the file.</param>
public sealed record Raster(int Width, int Height, PixelMode Mode, byte[] Pixels)
{
    /// <summary>Samples of a pixel.</summary>
    public int Bands => Mode.Bands();

    public PixelView View => new(Width, Height, Mode, Pixels);

    /// <summary>The same as RGB bytes, as Pillow's <c>convert("RGB")</c> makes them: alpha dropped, 16-bit grey clipped.</summary>
    public Raster ToRgb()
    {
        if (Mode == PixelMode.Rgb)
        {
            return this;
        }

        var rgb = new byte[checked(Width * Height * 3)];
        Colours.ToRgb(Mode, Pixels, rgb);
        return new Raster(Width, Height, PixelMode.Rgb, rgb);
    }
}
