using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native.Vips;

/// <summary>The rows of an image: samples interleaved, no padding, in the machine's byte order.</summary>
public sealed unsafe class VipsRows : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly int _width;
    private readonly int _height;

    internal VipsRows(VipsImage image) : base(ownsHandle: true)
    {
        (_width, _height) = (image.Width, image.Height);
        SetHandle(VipsApi.vips_region_new(image));
        if (IsInvalid)
        {
            throw VipsException.During("vips_region_new");
        }

        LiveHandles.Opened();
    }

    /// <summary>Computes rows <paramref name="top"/> to <paramref name="top"/> + <paramref name="count"/>.</summary>
    /// <param name="into">Exactly their bytes.</param>
    /// <exception cref="VipsException">The file is damaged there.</exception>
    public void Read(int top, int count, Span<byte> into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _height - top);
        using var held = new Held(this);
        nuint length;
        var rows = VipsApi.vips_region_fetch(held.Pointer, 0, top, _width, count, &length);
        if (rows == 0)
        {
            throw VipsException.During("reading pixels");
        }

        try
        {
            new ReadOnlySpan<byte>((void*)rows, checked((int)length)).CopyTo(into);
        }
        finally
        {
            VipsApi.g_free(rows);
        }
    }

    protected override bool ReleaseHandle()
    {
        VipsApi.g_object_unref(handle);
        LiveHandles.Closed();
        return true;
    }
}
