namespace Tastemaker.Nets.Pixels;

/// <summary>A picture that someone else owns: rows from top to bottom without padding, samples interleaved.</summary>
public readonly ref struct PixelView
{
    public PixelView(int width, int height, PixelMode mode, ReadOnlySpan<byte> bytes)
    {
        if (width < 1 || height < 1 || bytes.Length != (long)width * height * mode.Bytes())
        {
            throw new ArgumentException($"{bytes.Length} bytes are no {mode} picture of {width}×{height} pixels; "
                + $"it has {(long)width * height * mode.Bytes()}.");
        }

        (Width, Height, Mode) = (width, height, mode);
        Bytes = bytes;
    }

    public int Width { get; }

    public int Height { get; }

    public PixelMode Mode { get; }

    public ReadOnlySpan<byte> Bytes { get; }

    public int Stride => Width * Mode.Bytes();
}
