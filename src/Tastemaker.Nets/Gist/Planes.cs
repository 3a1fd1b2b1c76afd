using System.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>An image as three float planes of red, green and blue, 0 to 255, gamma-coded, rows from the top.</summary>
internal sealed class Planes(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    public float[] Red { get; } = new float[width * height];

    public float[] Green { get; } = new float[width * height];

    public float[] Blue { get; } = new float[width * height];

    /// <summary>Each pixel the mean of the area that it covers in the source; a smaller source is repeated.</summary>
    public static Planes Average(ReadOnlySpan<byte> rgb, int width, int height, int toWidth, int toHeight)
    {
        var result = new Planes(toWidth, toHeight);
        Coverage columns = new(width, toWidth), rows = new(height, toHeight);
        var sum = new float[width * 3];
        for (var y = 0; y < toHeight; y++)
        {
            Array.Clear(sum);
            for (var i = rows.First[y]; i < rows.First[y + 1]; i++)
            {
                AddWeighted(rgb.Slice(rows.Source[i] * width * 3, width * 3), rows.Weight[i], sum);
            }

            columns.Average(sum, 0, 3, result.Red.AsSpan(y * toWidth, toWidth));
            columns.Average(sum, 1, 3, result.Green.AsSpan(y * toWidth, toWidth));
            columns.Average(sum, 2, 3, result.Blue.AsSpan(y * toWidth, toWidth));
        }

        return result;
    }

    /// <summary>The same, from these planes, each value rounded to 8 bits: interleaved red, green, blue.</summary>
    public byte[] Average(int toWidth, int toHeight)
    {
        var result = new byte[toWidth * toHeight * 3];
        Coverage columns = new(Width, toWidth), rows = new(Height, toHeight);
        float[] averaged = new float[toWidth], sum = new float[toWidth];
        float[][] planes = [Red, Green, Blue];
        for (var p = 0; p < planes.Length; p++)
        {
            for (var y = 0; y < toHeight; y++)
            {
                Array.Clear(sum);
                for (var i = rows.First[y]; i < rows.First[y + 1]; i++)
                {
                    columns.Average(planes[p].AsSpan(rows.Source[i] * Width, Width), 0, 1, averaged);
                    for (var x = 0; x < toWidth; x++)
                    {
                        sum[x] += rows.Weight[i] * averaged[x];
                    }
                }

                for (var x = 0; x < toWidth; x++)
                {
                    result[(((y * toWidth) + x) * 3) + p] = (byte)Math.Clamp(sum[x] + 0.5f, 0, 255);
                }
            }
        }

        return result;
    }

    /// <summary>Luma (ITU-R BT.601) of every pixel, 0 to 255.</summary>
    public float[] Luma()
    {
        var luma = new float[Width * Height];
        for (var i = 0; i < luma.Length; i++)
        {
            luma[i] = (0.299f * Red[i]) + (0.587f * Green[i]) + (0.114f * Blue[i]);
        }

        return luma;
    }

    private static void AddWeighted(ReadOnlySpan<byte> row, float weight, Span<float> sum)
    {
        var i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out var low, out var high);
            Add(low, sum[i..]);
            Add(high, sum[(i + Vector<ushort>.Count)..]);
        }

        for (; i < row.Length; i++)
        {
            sum[i] += weight * row[i];
        }

        void Add(Vector<ushort> values, Span<float> to)
        {
            Vector.Widen(values, out var low, out var high);
            (new Vector<float>(to) + (weight * Vector.ConvertToSingle(Vector.AsVectorInt32(low)))).CopyTo(to);
            to = to[Vector<float>.Count..];
            (new Vector<float>(to) + (weight * Vector.ConvertToSingle(Vector.AsVectorInt32(high)))).CopyTo(to);
        }
    }

    /// <summary>Which source samples each target sample covers, and with what share; shares sum to 1.</summary>
    private sealed class Coverage
    {
        public Coverage(int from, int to)
        {
            First = new int[to + 1];
            var source = new List<int>(from + to);
            var weight = new List<float>(from + to);
            for (var t = 0; t < to; t++)
            {
                // Exact rational bounds t·from/to … (t+1)·from/to, in units of 1/to.
                long low = (long)t * from, high = low + from;
                for (var s = low / to; s * to < high; s++)
                {
                    source.Add((int)s);
                    weight.Add((float)(Math.Min(high, (s + 1) * to) - Math.Max(low, s * to)) / from);
                }

                First[t + 1] = source.Count;
            }

            Source = [.. source];
            Weight = [.. weight];
        }

        public int[] First { get; }

        public int[] Source { get; }

        public float[] Weight { get; }

        /// <summary>Averages every <paramref name="stride"/>-th sample from <paramref name="offset"/> on.</summary>
        public void Average(ReadOnlySpan<float> from, int offset, int stride, Span<float> to)
        {
            for (var t = 0; t < to.Length; t++)
            {
                var sum = 0f;
                for (var i = First[t]; i < First[t + 1]; i++)
                {
                    sum += Weight[i] * from[(Source[i] * stride) + offset];
                }

                to[t] = sum;
            }
        }
    }
}
