using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// Where things are: colour on a 4 × 4 grid, centre against border and inner third (Datta et al. 2006), salience
/// (distance from the mean colour in CIELAB, Achanta et al., <i>Frequency-tuned salient region detection</i>, 2009) against the rule of
/// thirds, and the image against its mirror images.
/// </summary>
internal static class LayoutFeatures
{
    private const int Side = Square.Side;
    private const int Third = Side / 3;
    private const int Border = Side / 6;

    // A Gaussian, an eighth of the side wide, around the nearer of the two lines that part the side in three.
    private static readonly double[] NearThird =
    [
        .. Enumerable.Range(0, Side).Select(i =>
        {
            var d = Math.Min(Math.Abs(i - Third + 0.5), Math.Abs(i - (2 * Third) + 0.5));
            return PortableMath.Exp(-d * d * 32 / (Side * Side));
        }),
    ];

    public static void Write(Square s, FeatureWriter f)
    {
        WriteGrid(s, f);
        WriteRegions(s, f);
        WriteSalience(s, f);
        WriteSymmetry("lightness", s.Lightness, f);
        WriteSymmetry("chroma", s.Chroma, f);
    }

    private static void WriteGrid(Square s, FeatureWriter f)
    {
        const int Cell = Side / 4;
        for (var cell = 0; cell < 16; cell++)
        {
            int row = cell / 4, column = cell % 4;
            var inside = new Box(column * Cell, row * Cell, (column + 1) * Cell, (row + 1) * Cell);
            var (lightness, contrast, _) = Statistics.Moments(inside.Of(s.Lightness));
            f.Add($"grid.row{row}.column{column}.lightness", lightness);
            f.Add($"grid.row{row}.column{column}.contrast", Math.Sqrt(contrast));
            f.Add($"grid.row{row}.column{column}.a", Statistics.Moments(inside.Of(s.A)).Mean);
            f.Add($"grid.row{row}.column{column}.b", Statistics.Moments(inside.Of(s.B)).Mean);
        }
    }

    private static void WriteRegions(Square s, FeatureWriter f)
    {
        Box centre = new(Third, Third, 2 * Third, 2 * Third), inner = new(Border, Border, Side - Border, Side - Border);
        foreach (var (channel, samples) in (ReadOnlySpan<(string, float[])>)
            [("lightness", s.Lightness), ("a", s.A), ("b", s.B), ("chroma", s.Chroma), ("saturation", s.Saturation)])
        {
            var (mean, deviation, _) = Statistics.Moments(centre.Of(samples));
            var (rim, rimDeviation, _) = Statistics.Moments(inner.Outside(samples));
            f.Add($"centre.{channel}.mean", mean);
            f.Add($"centre.{channel}.deviation", deviation);
            f.Add($"border.{channel}.mean", rim);
            f.Add($"border.{channel}.deviation", rimDeviation);
            f.Add($"centre.{channel}.surplus", mean - rim);
        }
    }

    private static void WriteSalience(Square s, FeatureWriter f)
    {
        var salience = Salience(s);
        double total = 0, x1 = 0, y1 = 0, points = 0;
        Span<double> ninths = stackalloc double[9];
        for (var i = 0; i < salience.Length; i++)
        {
            int x = i % Side, y = i / Side;
            total += salience[i];
            x1 += salience[i] * (double)x;
            y1 += salience[i] * (double)y;
            ninths[(y / Third * 3) + (x / Third)] += salience[i];

            points += salience[i] * NearThird[x] * NearThird[y];
        }

        var scale = total > 1e-6 ? 1 / total : 0;
        for (var n = 0; n < ninths.Length; n++)
        {
            f.Add($"salience.row{n / 3}.column{n % 3}", scale == 0 ? 1.0 / 9 : ninths[n] * scale);
        }

        // Positions are −1 (left, top) to 1 (right, bottom).
        const double Middle = (Side - 1) / 2.0;
        double cx = scale == 0 ? Middle : x1 * scale, cy = scale == 0 ? Middle : y1 * scale;
        var spread = 0.0;
        for (var i = 0; i < salience.Length; i++)
        {
            double dx = (i % Side) - cx, dy = (i / Side) - cy;
            spread += salience[i] * ((dx * dx) + (dy * dy));
        }

        f.Add("salience.x", (cx - Middle) / Middle);
        f.Add("salience.y", (cy - Middle) / Middle);
        f.Add("salience.spread", Math.Sqrt(spread * scale) / Middle);
        f.Add("salience.thirds", points * scale);
        f.Add("salience.mean", PortableMath.Log(1 + (total / salience.Length)));
        f.Add("salience.entropy", Statistics.Entropy(Array.ConvertAll(salience, v => (double)v)));
    }

    /// <summary>Distance of each 3 × 3 mean from the mean colour of the whole, in CIELAB.</summary>
    private static float[] Salience(Square s)
    {
        var salience = new float[Square.Count];
        foreach (var channel in (ReadOnlySpan<float[]>)[s.Lightness, s.A, s.B])
        {
            var mean = (float)Statistics.Moments(channel).Mean;
            for (var i = 0; i < salience.Length; i++)
            {
                int x = i % Side, y = i / Side, up = Math.Max(y - 1, 0) * Side, here = y * Side, down = Math.Min(y + 1, Side - 1) * Side;
                int left = Math.Max(x - 1, 0), right = Math.Min(x + 1, Side - 1);
                var local = (channel[up + left] + channel[up + x] + channel[up + right]
                    + channel[here + left] + channel[here + x] + channel[here + right]
                    + channel[down + left] + channel[down + x] + channel[down + right]) / 9;
                salience[i] += (local - mean) * (local - mean);
            }
        }

        for (var i = 0; i < salience.Length; i++)
        {
            salience[i] = MathF.Sqrt(salience[i]);
        }

        return salience;
    }

    /// <summary>Difference from the mirror image against the difference from the mean: 0 is a perfect mirror; and which half has more.</summary>
    private static void WriteSymmetry(string channel, float[] samples, FeatureWriter f)
    {
        var mean = Statistics.Moments(samples).Mean;
        double sideways = 0, upDown = 0, turned = 0, scale = 0, left = 0, top = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            int x = i % Side, y = i / Side;
            double v = samples[i];
            sideways += Math.Abs(v - samples[(y * Side) + Side - 1 - x]);
            upDown += Math.Abs(v - samples[((Side - 1 - y) * Side) + x]);
            turned += Math.Abs(v - samples[samples.Length - 1 - i]);
            scale += Math.Abs(v - mean);
            left += x < Side / 2 ? v - mean : mean - v;
            top += y < Side / 2 ? v - mean : mean - v;
        }

        // A hundredth of a unit a pixel keeps rounding noise in flat images from counting as asymmetry.
        scale += 0.01 * samples.Length;
        f.Add($"mirror.{channel}.sideways", sideways / scale);
        f.Add($"mirror.{channel}.updown", upDown / scale);
        f.Add($"mirror.{channel}.turned", turned / scale);
        f.Add($"mirror.{channel}.left", left / samples.Length);
        f.Add($"mirror.{channel}.top", top / samples.Length);
    }

    /// <summary>A rectangle of the square; right and bottom are the first pixels outside.</summary>
    private readonly record struct Box(int Left, int Top, int Right, int Bottom)
    {
        public float[] Of(float[] samples)
        {
            var taken = new float[(Right - Left) * (Bottom - Top)];
            for (var y = Top; y < Bottom; y++)
            {
                Array.Copy(samples, (y * Side) + Left, taken, (y - Top) * (Right - Left), Right - Left);
            }

            return taken;
        }

        public float[] Outside(float[] samples)
        {
            var taken = new List<float>(samples.Length);
            for (var y = 0; y < Side; y++)
            {
                var row = samples.AsSpan(y * Side, Side);
                var isBeside = y >= Top && y < Bottom;
                taken.AddRange(isBeside ? row[..Left] : row);
                taken.AddRange(isBeside ? row[Right..] : []);
            }

            return [.. taken];
        }
    }
}
