using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native.Vips;

/// <summary>How a sample is stored: VipsBandFormat.</summary>
public enum VipsFormat
{
    NotSet = -1,
    Unsigned8 = 0,
    Signed8 = 1,
    Unsigned16 = 2,
    Signed16 = 3,
    Unsigned32 = 4,
    Signed32 = 5,
    Real32 = 6,
    Complex64 = 7,
    Real64 = 8,
    Complex128 = 9,
}

/// <summary>
/// An image, or the promise of one: a loader reads the header, and pixels are computed when rows are read or the image is saved.
/// Options are pairs of an argument's name and its value as text, as in libvips' documentation of the operation.
/// </summary>
public sealed unsafe class VipsImage : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Takes over one reference.</summary>
    internal VipsImage(nint image) : base(ownsHandle: true)
    {
        SetHandle(image);
        LiveHandles.Opened();
    }

    public int Width => VipsApi.vips_image_get_width(this);

    public int Height => VipsApi.vips_image_get_height(this);

    public int Bands => VipsApi.vips_image_get_bands(this);

    public VipsFormat Format => VipsApi.vips_image_get_format(this);

    /// <summary>Opens a file with the loader <paramref name="format"/>load, such as <c>pngload</c>.</summary>
    /// <exception cref="VipsException">It is not of that format.</exception>
    public static VipsImage Load(string format, string path, params ReadOnlySpan<(string Name, string Value)> options)
    {
        using var load = new VipsOperation($"{format}load", options);
        load.Set("filename", path);
        load.Build();
        return load.Image("out");
    }

    /// <summary>The same for the bytes of a file, which are copied.</summary>
    public static VipsImage Load(string format, ReadOnlySpan<byte> file, params ReadOnlySpan<(string Name, string Value)> options)
    {
        using var load = new VipsOperation($"{format}load_buffer", options);
        load.Set("buffer", file);
        load.Build();
        return load.Image("out");
    }

    /// <summary>An image over a copy of interleaved 8-bit samples.</summary>
    /// <param name="interpretation">What the bands are: <c>srgb</c>, <c>b-w</c>, <c>cmyk</c>.</param>
    public static VipsImage FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int bands, string interpretation)
    {
        VipsRuntime.EnsureStarted();
        fixed (byte* data = pixels)
        {
            var image = VipsApi.vips_image_new_from_memory_copy(data, (nuint)pixels.Length, width, height, bands, VipsFormat.Unsigned8);
            using var plain = image != 0 ? new VipsImage(image) : throw VipsException.During("vips_image_new_from_memory_copy");
            return plain.Apply("copy", ("interpretation", interpretation));
        }
    }

    /// <summary>What an operation with one input, <c>in</c>, and one output, <c>out</c>, makes of this image.</summary>
    public VipsImage Apply(string operation, params ReadOnlySpan<(string Name, string Value)> options)
    {
        using var call = new VipsOperation(operation, options);
        call.Set("in", this);
        call.Build();
        return call.Image("out");
    }

    /// <summary>Its upper left corner, of so many columns and rows; not more than it has.</summary>
    public VipsImage Corner(int columns, int rows)
    {
        using var call = new VipsOperation("extract_area",
            [("left", "0"), ("top", "0"), ("width", columns.ToString(CultureInfo.InvariantCulture)), ("height", rows.ToString(CultureInfo.InvariantCulture))]);
        call.Set("input", this);
        call.Build();
        return call.Image("out");
    }

    /// <summary>The bytes of a file in <paramref name="format"/>: <c>png</c>, <c>jpeg</c>, <c>webp</c>.</summary>
    public byte[] Save(string format, params ReadOnlySpan<(string Name, string Value)> options)
    {
        using var save = new VipsOperation($"{format}save_buffer", options);
        save.Set("in", this);
        save.Build();
        return save.Bytes("buffer");
    }

    /// <summary>The pixels, computed as they are read, which has to be from top to bottom where the image was opened for that.</summary>
    public VipsRows OpenRows() => new(this);

    public bool Has(string field) => VipsApi.vips_image_get_typeof(this, field) != 0;

    /// <summary>A number of the metadata; null where there is none of that name.</summary>
    public int? GetInt(string field)
    {
        int value;
        return !Has(field) ? null : VipsApi.vips_image_get_int(this, field, &value) == 0 ? value : throw VipsException.During(field);
    }

    /// <summary>A string of the metadata; null where there is none of that name.</summary>
    public string? GetString(string field)
    {
        nint value;
        if (!Has(field))
        {
            return null;
        }

        return VipsApi.vips_image_get_string(this, field, &value) == 0 ? Marshal.PtrToStringUTF8(value) : throw VipsException.During(field);
    }

    /// <summary>A block of the metadata (<c>exif-data</c>, <c>xmp-data</c>, <c>icc-profile-data</c>); null where there is none of that name.</summary>
    public byte[]? GetBlob(string field)
    {
        nint data;
        nuint length;
        if (!Has(field))
        {
            return null;
        }

        return VipsApi.vips_image_get_blob(this, field, &data, &length) == 0
            ? new ReadOnlySpan<byte>((void*)data, checked((int)length)).ToArray()
            : throw VipsException.During(field);
    }

    protected override bool ReleaseHandle()
    {
        VipsApi.g_object_unref(handle);
        LiveHandles.Closed();
        return true;
    }
}
