using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>
/// Reads image files: PNG, JPEG, WebP, AVIF, GIF, TIFF, BMP, recognised by their content. Of several frames or pages the first is taken.
/// Every problem with a file ends in an <see cref="ImageException"/> that names it.
/// </summary>
internal static class ImageDecoder
{
    /// <summary>Images of more pixels are refused by their header.</summary>
    public const long MaxPixels = 300_000_000;

    /// <summary>What the file says of itself; no pixel is decoded.</summary>
    public static ImageHeader Inspect(string path) => Inspect(ImageSource.At(path));

    /// <summary>The same for a file in memory.</summary>
    public static ImageHeader Inspect(ReadOnlyMemory<byte> file) => Inspect(ImageSource.Of(file));

    /// <summary>
    /// The pixels in the file's own mode, as Pillow 9.4 would open it, which is what the reference encoders resize.
    /// Colour profiles are ignored, as they do.
    /// </summary>
    public static Raster Decode(string path, Orientation orientation = Orientation.Apply, CancellationToken cancel = default) =>
        Decode(ImageSource.At(path), orientation, cancel);

    /// <summary>The same for a file in memory.</summary>
    public static Raster Decode(ReadOnlyMemory<byte> file, Orientation orientation = Orientation.Apply, CancellationToken cancel = default) =>
        Decode(ImageSource.Of(file), orientation, cancel);

    /// <summary>The pixels as a viewer shows them: sRGB through the embedded profile, upright, RGB or RGBA.</summary>
    public static Raster DecodeSrgb(string path, CancellationToken cancel = default) => DecodeSrgb(ImageSource.At(path), cancel);

    /// <summary>The same for a file in memory.</summary>
    public static Raster DecodeSrgb(ReadOnlyMemory<byte> file, CancellationToken cancel = default) => DecodeSrgb(ImageSource.Of(file), cancel);

    /// <summary>A WebP file of the picture, upright and in sRGB, that fits a square; smaller pictures are not enlarged.</summary>
    /// <param name="side">Of the square, in pixels.</param>
    public static byte[] Thumbnail(string path, int side, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var raster = DecodeSrgb(ImageSource.At(path), cancel, side);
        var longer = Math.Max(raster.Width, raster.Height);
        if (longer > side)
        {
            // Filters of strips longer than any picture would take more memory than the strip.
            var filter = longer <= 1 << 16 ? Interpolation.Lanczos : Interpolation.Nearest;
            var (width, height) = (Fit(raster.Width), Fit(raster.Height));
            var pixels = Resampler.Resize(raster.View, width, height, new Window(0, 0, width, height), filter);
            raster = new Raster(width, height, raster.Mode, pixels);
        }

        return ImageWriter.WebP(raster);

        int Fit(int length) => Math.Max((int)Math.Round((double)length * side / longer), 1);
    }

    private static ImageHeader Inspect(ImageSource source)
    {
        switch (source.Format)
        {
            case ImageFormat.Bmp:
                return Bmp.Open(source).Header;
            case ImageFormat.Gif:
                return Gif.Open(source).Header;
            default:
                using (var picture = VipsPicture.Open(source))
                {
                    return picture.Header;
                }
        }
    }

    private static Raster Decode(ImageSource source, Orientation orientation, CancellationToken cancel)
    {
        switch (source.Format)
        {
            case ImageFormat.Bmp:
                return Bmp.Open(source).Decode();
            case ImageFormat.Gif:
                return Gif.Open(source).Decode();
            default:
                using (var picture = VipsPicture.Open(source))
                {
                    var raster = picture.Decode(cancel);
                    return orientation == Orientation.Apply ? Orientations.Turn(raster, picture.Header.Exif) : raster;
                }
        }
    }

    /// <param name="side">The longer side that is needed at least; a JPEG may come out smaller than it is, but not than twice that.</param>
    private static Raster DecodeSrgb(ImageSource source, CancellationToken cancel, int side = int.MaxValue)
    {
        if (source.Format is ImageFormat.Bmp or ImageFormat.Gif)
        {
            var raster = Decode(source, Orientation.Apply, cancel);
            return raster.Mode == PixelMode.Rgba ? raster : raster.ToRgb();
        }

        using var picture = VipsPicture.Open(source, ShrinkFor(source, side));
        return Orientations.Turn(picture.DecodeSrgb(cancel), picture.Header.Exif);
    }

    private static int ShrinkFor(ImageSource source, int side)
    {
        if (source.Format != ImageFormat.Jpeg || side == int.MaxValue)
        {
            return 1;
        }

        var header = JpegHeader.Read(source);
        return (Math.Max(header.Width, header.Height) / (2L * side)) switch
        {
            >= 8 => 8,
            >= 4 => 4,
            >= 2 => 2,
            _ => 1,
        };
    }
}
