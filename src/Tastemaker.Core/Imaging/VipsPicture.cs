using System.Globalization;
using System.Runtime.InteropServices;
using Tastemaker.Native.Vips;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>An image that libvips decodes: opened, its header checked, its pixels still in the file.</summary>
internal sealed class VipsPicture : IDisposable
{
    /// <summary>Bytes that are decoded at a time.</summary>
    private const int StripBytes = 1 << 21;

    private readonly ImageSource _source;
    private readonly VipsImage _image;

    private VipsPicture(ImageSource source, VipsImage image, ImageHeader header)
    {
        (_source, _image, Header) = (source, image, header);
    }

    public ImageHeader Header { get; }

    /// <param name="shrink">1, 2, 4 or 8: a JPEG is opened at this part of its size, which is faster; other formats as they are.</param>
    /// <exception cref="ImageException">It is damaged, or too large.</exception>
    public static VipsPicture Open(ImageSource source, int shrink = 1)
    {
        PngHeader? png = source.Format == ImageFormat.Png ? PngHeader.Read(source) : null;
        JpegHeader? jpeg = source.Format == ImageFormat.Jpeg ? JpegHeader.Read(source) : null;
        TiffHeader? tiff = source.Format == ImageFormat.Tiff ? TiffHeader.Read(source) : null;
        var (width, height) = png is { } ihdr ? (ihdr.Width, ihdr.Height) : jpeg is { } frame ? ((long)frame.Width, (long)frame.Height) : (1, 1);
        source.Demand(width, height);
        (string, string)[] options = [("access", "sequential"), ("fail-on", "error")];
        var image = Guard(source, () => source.Load(Loader(source.Format),
            jpeg is null ? options : [.. options, ("shrink", shrink.ToString(CultureInfo.InvariantCulture))]));
        try
        {
            source.Demand(image.Width, image.Height);
            var mode = png?.Mode ?? (tiff is { } tags ? ModeOf(tags, image) : ModeOf(image.Bands, jpeg is not null));
            var exif = image.GetInt("orientation") ?? 1;
            return new VipsPicture(source, image, new ImageHeader(source.Format, image.Width, image.Height, mode, exif));
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>The pixels as stored, in the mode of the header.</summary>
    public Raster Decode(CancellationToken cancel) => Guard(_source, () => Read(_image, Header.Mode, cancel));

    /// <summary>The same of the upper left corner of the picture, of that many columns and rows or as many as it has.</summary>
    public Raster DecodeCorner(int columns, int rows, CancellationToken cancel) => Guard(_source, () =>
    {
        using var corner = _image.Corner(Math.Min(columns, _image.Width), Math.Min(rows, _image.Height));
        return Read(corner, Header.Mode, cancel);
    });

    /// <summary>The pixels as sRGB, through the embedded profile where there is one that works.</summary>
    public Raster DecodeSrgb(CancellationToken cancel) => Guard(_source, () =>
    {
        using var profiled = Profiled();
        using var srgb = (profiled ?? _image).Apply("colourspace", ("space", "srgb"));
        return Read(srgb, srgb.Bands % 2 == 0 ? PixelMode.Rgba : PixelMode.Rgb, cancel);
    });

    public void Dispose() => _image.Dispose();

    private static string Loader(ImageFormat format) => format switch
    {
        ImageFormat.Png => "png",
        ImageFormat.Jpeg => "jpeg",
        ImageFormat.WebP => "webp",
        ImageFormat.Avif => "heif",
        ImageFormat.Tiff => "tiff",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "libvips does not decode this format here."),
    };

    private static PixelMode ModeOf(int bands, bool isJpeg) => bands switch
    {
        1 => PixelMode.Grey,
        2 => PixelMode.GreyAlpha,
        3 => PixelMode.Rgb,
        _ => isJpeg ? PixelMode.Cmyk : PixelMode.Rgba,
    };

    /// <summary>The commoner rows of <c>OPEN_INFO</c> in TiffImagePlugin.py.</summary>
    private static PixelMode ModeOf(TiffHeader tags, VipsImage image) => (tags.Photometric, image.Bands) switch
    {
        (TiffHeader.Separated, >= 4) => PixelMode.Cmyk,
        (TiffHeader.Palette, >= 3) => PixelMode.Palette,
        (TiffHeader.WhiteIsZero or TiffHeader.BlackIsZero, 1) when tags.Depth == 1 => PixelMode.Bilevel,
        (_, >= 4) when tags.Extra == 0 => PixelMode.Rgb,
        _ => ModeOf(image.Bands, isJpeg: false),
    };

    private VipsImage? Profiled()
    {
        if (!_image.Has("icc-profile-data"))
        {
            return null;
        }

        try
        {
            return _image.Apply("icc_transform", ("output-profile", "srgb"), ("embedded", "true"));
        }
        catch (VipsException)
        {
            // A profile that does not fit its picture is as good as none.
            return null;
        }
    }

    private Raster Read(VipsImage image, PixelMode mode, CancellationToken cancel)
    {
        if (image.Format is not (VipsFormat.Unsigned8 or VipsFormat.Unsigned16))
        {
            using var bytes = image.Apply("cast", ("format", "uchar"));
            return Read(bytes, mode, cancel);
        }

        var (width, height, bands) = (image.Width, image.Height, image.Bands);
        var stride = width * mode.Bytes();
        var storedStride = checked(width * bands * (image.Format == VipsFormat.Unsigned16 ? 2 : 1));
        var pixels = _source.Allocate((long)height * stride);
        var isAsStored = storedStride == stride && (image.Format == VipsFormat.Unsigned16) == (mode == PixelMode.Grey16);
        var rows = Math.Clamp(StripBytes / storedStride, 1, height);
        var strip = isAsStored ? [] : new byte[rows * storedStride];
        using var reader = image.OpenRows();
        for (var top = 0; top < height; top += rows)
        {
            cancel.ThrowIfCancellationRequested();
            var count = Math.Min(rows, height - top);
            var output = pixels.AsSpan(top * stride, count * stride);
            if (isAsStored)
            {
                reader.Read(top, count, output);
                continue;
            }

            var stored = strip.AsSpan(0, count * storedStride);
            reader.Read(top, count, stored);
            if (image.Format == VipsFormat.Unsigned16)
            {
                Convert(MemoryMarshal.Cast<byte, ushort>(stored), bands, mode, output);
            }
            else
            {
                Convert(stored, bands, mode.Bands(), output);
            }
        }

        return new Raster(width, height, mode, pixels);
    }

    /// <summary>16 bits become 8 as in Pillow, by their upper half; 16-bit grey stays.</summary>
    private static void Convert(ReadOnlySpan<ushort> stored, int bands, PixelMode mode, Span<byte> output)
    {
        if (mode == PixelMode.Grey16)
        {
            var grey = MemoryMarshal.Cast<byte, ushort>(output);
            for (var i = 0; i < grey.Length; i++)
            {
                grey[i] = stored[i * bands];
            }

            return;
        }

        var upper = new byte[stored.Length];
        for (var i = 0; i < upper.Length; i++)
        {
            upper[i] = (byte)(stored[i] >> 8);
        }

        Convert(upper, bands, mode.Bands(), output);
    }

    /// <summary>Drops bands that the mode has not; spreads grey where it has more.</summary>
    private static void Convert(ReadOnlySpan<byte> stored, int bands, int wanted, Span<byte> output)
    {
        for (int from = 0, to = 0; to < output.Length; from += bands, to += wanted)
        {
            var pixel = stored.Slice(from, bands);
            if (bands >= wanted)
            {
                pixel[..wanted].CopyTo(output[to..]);
                continue;
            }

            output.Slice(to, wanted).Fill(pixel[0]);
            output[to + wanted - 1] = pixel[^1];
        }
    }

    /// <summary>Says in our words, about this image, what libvips finds wrong with it.</summary>
    private static T Guard<T>(ImageSource source, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (VipsException e)
        {
            throw CodedPicture.EndsEarly(source) || e.Message.Contains("premature end", StringComparison.OrdinalIgnoreCase)
                ? source.EndsEarly(e.Message, e)
                : source.Damaged(e.Message, e);
        }
    }
}
