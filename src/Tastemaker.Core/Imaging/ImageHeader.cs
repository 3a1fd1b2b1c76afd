using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>What an image says of itself before its pixels are decoded.</summary>
/// <param name="Width">Pixels as stored, before <paramref name="Exif"/> turns them.</param>
/// <param name="Height">The same.</param>
/// <param name="Exif">EXIF orientation, 1–8; 1 where nothing says.</param>
internal sealed record ImageHeader(ImageFormat Format, int Width, int Height, PixelMode Mode, int Exif)
{
    /// <summary>Width and height as a viewer shows them.</summary>
    public (int Width, int Height) Shown => Exif >= 5 ? (Height, Width) : (Width, Height);
}
