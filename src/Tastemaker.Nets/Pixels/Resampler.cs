using System.Runtime.InteropServices;

namespace Tastemaker.Nets.Pixels;

/// <summary>A rectangle of pixels in a picture that may be too large to exist.</summary>
public readonly record struct Window(long Left, long Top, int Width, int Height);

/// <summary>
/// Resizes as Pillow 9.4 does, to the bit: in the picture's own mode, x first, then y, rounded to bytes between; alpha premultiplied;
/// palettes and bilevel pictures by nearest neighbour whatever is asked for; 16-bit grey in double precision.
/// </summary>
/// <remarks>Follows <c>Image.resize</c>, Resample.c (<c>ImagingResample</c>) and Geometry.c (<c>ImagingScaleAffine</c>).</remarks>
public static class Resampler
{
    /// <summary>The part of the picture, resized to <paramref name="width"/>×<paramref name="height"/>, that <paramref name="window"/> shows.</summary>
    /// <returns>Pixels in the mode of the source; 16-bit grey as such.</returns>
    public static byte[] Resize(PixelView source, long width, long height, Window window, Interpolation filter) =>
        Resize(source, width, height, window, filter, SimdPaths.Best);

    internal static byte[] Resize(PixelView source, long width, long height, Window window, Interpolation filter, SimdPath path)
    {
        if (window.Width < 1 || window.Height < 1 || window.Left < 0 || window.Top < 0
            || window.Left > width - window.Width || window.Top > height - window.Height)
        {
            throw new ArgumentException($"{window} is not inside {width}×{height}.", nameof(window));
        }

        var indexed = source.Mode is PixelMode.Bilevel or PixelMode.Palette;
        if ((source.Width, source.Height) == (width, height) || indexed || filter == Interpolation.Nearest)
        {
            return Pick(source, Nearest(source.Width, width, window.Left, window.Width), Nearest(source.Height, height, window.Top, window.Height));
        }

        // An axis that keeps its length is not filtered; one tap of weight 1 gives the same bits.
        var x = Taps.For(filter, source.Width, width, window.Left, window.Width);
        var y = Taps.For(filter, source.Height, height, window.Top, window.Height);
        return source.Mode == PixelMode.Grey16 ? Grey16(source, x, y) : Filter(source, x, y, path);
    }

    /// <summary>
    /// The source pixel of each output pixel. Pillow adds up the step, whose rounding errors are part of the result;
    /// where it could not have made the picture, its left edge being past 2^24, the step is multiplied.
    /// </summary>
    private static int[] Nearest(int source, long output, long from, int count)
    {
        const long Addable = 1 << 24;
        var step = (double)source / output;
        var at = from > Addable ? step * 0.5 + step * from : step * 0.5;
        for (var i = 0L; i < from && from <= Addable; i++)
        {
            at += step;
        }

        var indices = new int[count];
        foreach (ref var index in indices.AsSpan())
        {
            index = Math.Min((int)at, source - 1);
            at += step;
        }

        return indices;
    }

    private static byte[] Pick(PixelView source, int[] columns, int[] rows)
    {
        var size = source.Mode.Bytes();
        var output = new byte[rows.Length * columns.Length * size];
        var at = 0;
        foreach (var row in rows)
        {
            var line = source.Bytes.Slice(row * source.Stride, source.Stride);
            foreach (var column in columns)
            {
                for (var i = 0; i < size; i++)
                {
                    output[at++] = line[column * size + i];
                }
            }
        }

        return output;
    }

    private static byte[] Filter(PixelView source, Taps x, Taps y, SimdPath path)
    {
        var bands = source.Mode.Bands();
        var width = x.Count * bands;
        var stride = (width + 3 + VerticalPass.Block - 1) / VerticalPass.Block * VerticalPass.Block;
        var narrowed = FilterRows(source, x, y.First[0], y.End, stride, path);

        var line = new byte[stride];
        var output = new byte[y.Count * width];
        for (var row = 0; row < y.Count; row++)
        {
            var rows = narrowed.AsSpan((y.First[row] - y.First[0]) * stride, y.Length[row] * stride);
            VerticalPass.Filter(rows, y.Fixed.AsSpan(row * y.Capacity, y.Length[row]), line, path);
            line.AsSpan(0, width).CopyTo(output.AsSpan(row * width));
        }

        if (source.Mode is PixelMode.Rgba or PixelMode.GreyAlpha)
        {
            Colours.Unpremultiply(output, bands);
        }

        return output;
    }

    /// <summary>Rows <paramref name="first"/> to <paramref name="end"/> filtered along x, <paramref name="stride"/> bytes apart.</summary>
    private static byte[] FilterRows(PixelView source, Taps x, int first, int end, int stride, SimdPath path)
    {
        const int Rows = HorizontalPass.Rows;
        var bands = source.Mode.Bands();
        var hasAlpha = source.Mode is PixelMode.Rgba or PixelMode.GreyAlpha;
        var pass = new HorizontalPass(x, bands, path);
        var narrowed = new byte[(end - first + Rows - 1) / Rows * Rows * stride];
        var scratch = Array.Empty<byte>();
        for (var row = first; row < end; row += Rows)
        {
            var into = narrowed.AsSpan((row - first) * stride, Rows * stride);
            var lines = source.Bytes[(row * source.Stride)..];
            if (!hasAlpha && lines.Length >= Rows * source.Stride + HorizontalPass.Slack)
            {
                pass.Filter(lines, source.Stride, into, stride);
                continue;
            }

            // The last rows have nothing behind them to be read past; those with alpha are premultiplied.
            scratch = scratch.Length > 0 ? scratch : new byte[Rows * source.Stride + HorizontalPass.Slack];
            lines = lines[..Math.Min(lines.Length, Rows * source.Stride)];
            if (hasAlpha)
            {
                Colours.Premultiply(lines, bands, scratch);
            }
            else
            {
                lines.CopyTo(scratch);
            }

            pass.Filter(scratch, source.Stride, into, stride);
        }

        return narrowed;
    }

    /// <summary>Follows <c>ImagingResampleHorizontal_32bpc</c> and its vertical twin for whole numbers.</summary>
    private static byte[] Grey16(PixelView source, Taps x, Taps y)
    {
        var samples = MemoryMarshal.Cast<byte, ushort>(source.Bytes);
        var (first, rows) = (y.First[0], y.End - y.First[0]);
        var narrowed = new int[rows * x.Count];
        for (var row = 0; row < rows; row++)
        {
            var line = samples.Slice((first + row) * source.Width, source.Width);
            for (var i = 0; i < x.Count; i++)
            {
                var sum = 0.0;
                for (var k = 0; k < x.Length[i]; k++)
                {
                    sum += line[x.First[i] + k] * x.Exact[i * x.Capacity + k];
                }

                narrowed[row * x.Count + i] = Round(sum);
            }
        }

        var output = new byte[y.Count * x.Count * sizeof(ushort)];
        var result = MemoryMarshal.Cast<byte, ushort>(output.AsSpan());
        for (var i = 0; i < result.Length; i++)
        {
            var (row, column) = Math.DivRem(i, x.Count);
            var sum = 0.0;
            for (var k = 0; k < y.Length[row]; k++)
            {
                sum += narrowed[(y.First[row] - first + k) * x.Count + column] * y.Exact[row * y.Capacity + k];
            }

            // Overshoot below 0 and above 65535 is white or black in every later conversion too.
            result[i] = (ushort)Math.Clamp(Round(sum), 0, ushort.MaxValue);
        }

        return output;

        static int Round(double value) => (int)(value >= 0 ? Math.Floor(value + 0.5) : -Math.Floor(Math.Abs(value) + 0.5));
    }
}
