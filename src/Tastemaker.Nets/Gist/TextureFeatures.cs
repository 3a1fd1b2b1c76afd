using System.Numerics;
using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// Fine structure of the luma at up to 256 pixels a side, in the image's own shape: sharpness (variance of the Laplacian), how
/// gradients fall off from fine to coarse (blur), noise (Immerkær 1996), edges and where they are (Ke, Tang and Jing 2006),
/// local binary patterns (Ojala, Pietikäinen and Mäenpää 2002), and complexity as the entropy of gradients.
/// </summary>
internal static class TextureFeatures
{
    private const int Levels = 4;
    private const int Directions = 8;
    private const float EdgeThreshold = 24;
    private const float StrongEdgeThreshold = 72;

    public static void Write(float[] luma, int width, int height, FeatureWriter f)
    {
        var image = new Grid(luma, width, height);
        WriteScales(image, f);
        WriteEdges(image, f);
        WriteFocus(image, f);
        WritePatterns("fine", image, f);
        WritePatterns("coarse", image.Halved(), f);
    }

    private static void WriteScales(Grid image, FeatureWriter f)
    {
        var previous = 0.0;
        var level = image;
        for (var n = 0; n < Levels; n++, level = level.Halved())
        {
            var (laplacian, noise) = SecondDifferences(level);
            var sharpness = PortableMath.Log(1 + laplacian);
            f.Add($"sharpness.level{n}", sharpness);
            if (n == 0)
            {
                f.Add("noise", PortableMath.Log(1 + noise));
            }
            else
            {
                f.Add($"sharpness.fall{n}", previous - sharpness);
            }

            previous = sharpness;
        }
    }

    /// <summary>The variance of the 4-neighbour Laplacian, and Immerkær's deviation of the noise.</summary>
    private static (double Variance, double Noise) SecondDifferences(Grid g)
    {
        double sum = 0, squares = 0, noise = 0;
        for (var y = 0; y < g.Height; y++)
        {
            ReadOnlySpan<float> up = g.Row(y - 1), here = g.Row(y), down = g.Row(y + 1);
            for (var x = 0; x < g.Width; x++)
            {
                int l = Math.Max(x - 1, 0), r = Math.Min(x + 1, g.Width - 1);
                var cross = up[x] + down[x] + here[l] + here[r];
                var laplacian = cross - (4 * here[x]);
                sum += laplacian;
                squares += (double)laplacian * laplacian;
                noise += Math.Abs(up[l] + up[r] + down[l] + down[r] - (2 * cross) + (4 * here[x]));
            }
        }

        double count = g.Width * g.Height, mean = sum / count;
        return (Math.Max(0, (squares / count) - (mean * mean)), noise * Math.Sqrt(Math.PI / 2) / (6 * count));
    }

    private static void WriteEdges(Grid g, FeatureWriter f)
    {
        var strength = new float[g.Width * g.Height];
        Span<double> directions = stackalloc double[Directions];
        Span<double> ninths = stackalloc double[9];
        double[] columns = new double[g.Width], rows = new double[g.Height];
        double total = 0, across = 0, upright = 0, second = 0;
        var thirds = Parts(g.Width, 3);
        for (var y = 0; y < g.Height; y++)
        {
            var row = y * 3 / g.Height * 3;
            ReadOnlySpan<float> up = g.Row(y - 1), here = g.Row(y), down = g.Row(y + 1);
            for (var x = 0; x < g.Width; x++)
            {
                int l = Math.Max(x - 1, 0), r = Math.Min(x + 1, g.Width - 1);
                var dx = (up[r] + (2 * here[r]) + down[r] - up[l] - (2 * here[l]) - down[l]) / 4;
                var dy = (down[l] + (2 * down[x]) + down[r] - up[l] - (2 * up[x]) - up[r]) / 4;
                var s = MathF.Sqrt((dx * dx) + (dy * dy));
                strength[(y * g.Width) + x] = s;
                directions[Direction(dx, dy)] += s;
                ninths[row + thirds[x]] += s;
                columns[x] += s;
                rows[y] += s;
                total += s;
                second += (double)s * s;
                upright += Math.Abs(dx);
                across += Math.Abs(dy);
            }
        }

        var count = (double)strength.Length;
        f.Add("gradient.mean", PortableMath.Log(1 + (total / count)));
        f.Add("gradient.rms", PortableMath.Log(1 + Math.Sqrt(second / count)));
        var histogram = Statistics.Histogram(strength, 0, 256, 512);
        foreach (var percent in (ReadOnlySpan<int>)[50, 75, 90, 99])
        {
            f.Add($"gradient.percentile{percent}", PortableMath.Log(1 + Statistics.Percentile(histogram, 0, 256, percent / 100.0)));
        }

        f.Add("gradient.entropy", Statistics.Entropy(histogram));
        f.Add("edge.density", Math.Sqrt(strength.Count(s => s > EdgeThreshold) / count));
        f.Add("edge.strong", Math.Sqrt(strength.Count(s => s > StrongEdgeThreshold) / count));
        f.Add("edge.flat", strength.Count(s => s < 2) / count);

        // Half a grey level a pixel of evidence for "no direction, no place" lets flat images end in the neutral values.
        var floor = 0.5 * count;
        for (var d = 0; d < Directions; d++)
        {
            f.Add($"edge.direction{180 * d / Directions}", Math.Sqrt((directions[d] + (floor / Directions)) / (total + floor)));
        }

        for (var n = 0; n < ninths.Length; n++)
        {
            f.Add($"edge.row{n / 3}.column{n % 3}", Math.Sqrt((ninths[n] + (floor / 9)) / (total + floor)));
        }

        f.Add("edge.direction.entropy", Statistics.Entropy(directions));
        f.Add("edge.upright", (upright - across) / (upright + across + floor));
        f.Add("edge.width81", Extent(columns, total));
        f.Add("edge.height81", Extent(rows, total));
    }

    /// <summary>For each of <paramref name="length"/> positions, which of <paramref name="parts"/> equal parts it lies in.</summary>
    private static int[] Parts(int length, int parts) => [.. Enumerable.Range(0, length).Select(i => i * parts / length)];

    /// <summary>Which of eight sectors of a half turn a gradient points into; sector 0 is centred on the x axis.</summary>
    private static int Direction(float dx, float dy)
    {
        // Tangents of 11.25°, 33.75°, 56.25° and 78.75°.
        if (dx < 0)
        {
            (dx, dy) = (-dx, -dy);
        }

        var steep = Math.Abs(dy);
        var sector = steep <= 0.19891237f * dx ? 0 : steep <= 0.66817864f * dx ? 1 : steep <= 1.49660576f * dx ? 2 : steep <= 5.02733949f * dx ? 3 : 4;
        return dy < 0 && sector is > 0 and < 4 ? Directions - sector : sector;
    }

    /// <summary>The share of an axis that holds the middle 81 % of the edges' mass (Ke et al.).</summary>
    private static double Extent(double[] mass, double total)
    {
        if (total <= 1e-6)
        {
            return 1;
        }

        int low = 0, high = mass.Length - 1;
        for (var sum = mass[0]; sum < 0.095 * total && low < high; sum += mass[++low])
        {
        }

        for (var sum = mass[high]; sum < 0.095 * total && high > low; sum += mass[--high])
        {
        }

        return (high - low + 1.0) / mass.Length;
    }

    /// <summary>Shares of the Laplacian in the middle (low depth of field, Datta et al. 2006) and how unevenly detail is spread.</summary>
    private static void WriteFocus(Grid g, FeatureWriter f)
    {
        Span<double> cells = stackalloc double[64];
        var eighths = Parts(g.Width, 8);
        for (var y = 0; y < g.Height; y++)
        {
            var row = y * 8 / g.Height * 8;
            ReadOnlySpan<float> up = g.Row(y - 1), here = g.Row(y), down = g.Row(y + 1);
            for (var x = 0; x < g.Width; x++)
            {
                var laplacian = up[x] + down[x] + here[Math.Max(x - 1, 0)] + here[Math.Min(x + 1, g.Width - 1)] - (4 * here[x]);
                cells[row + eighths[x]] += Math.Abs(laplacian);
            }
        }

        double total = 0, middle = 0;
        var floor = 0.25 * g.Width * g.Height / 64;
        for (var c = 0; c < cells.Length; c++)
        {
            cells[c] += floor;
            total += cells[c];
            middle += c / 8 is >= 2 and < 6 && c % 8 is >= 2 and < 6 ? cells[c] : 0;
        }

        f.Add("focus.middle", middle / total);
        f.Add("focus.evenness", Statistics.Entropy(cells));
        var empty = 0;
        foreach (var c in cells)
        {
            empty += c < 0.25 * total / cells.Length ? 1 : 0;
        }

        f.Add("focus.empty", empty / (double)cells.Length);
    }

    /// <summary>The ten rotation-invariant uniform patterns of eight neighbours; a neighbour counts if it is brighter by over one level.</summary>
    private static void WritePatterns(string scale, Grid g, FeatureWriter f)
    {
        Span<int> patterns = stackalloc int[10];
        for (var y = 0; y < g.Height; y++)
        {
            ReadOnlySpan<float> up = g.Row(y - 1), here = g.Row(y), down = g.Row(y + 1);
            for (var x = 0; x < g.Width; x++)
            {
                int l = Math.Max(x - 1, 0), r = Math.Min(x + 1, g.Width - 1);
                var limit = here[x] + 1;
                var bits = (uint)(Over(up[l], limit) | (Over(up[x], limit) << 1) | (Over(up[r], limit) << 2) | (Over(here[r], limit) << 3)
                    | (Over(down[r], limit) << 4) | (Over(down[x], limit) << 5) | (Over(down[l], limit) << 6) | (Over(here[l], limit) << 7));
                var turned = (bits >> 1) | ((bits & 1) << 7);
                patterns[BitOperations.PopCount(bits ^ turned) <= 2 ? BitOperations.PopCount(bits) : 9]++;
            }
        }

        for (var p = 0; p < patterns.Length; p++)
        {
            f.Add($"pattern.{scale}.{p}", Math.Sqrt(patterns[p] / (double)(g.Width * g.Height)));
        }

        static int Over(float v, float limit) => v > limit ? 1 : 0;
    }

    /// <summary>Rows of grey levels; rows beyond the edge repeat it.</summary>
    private sealed record Grid(float[] Samples, int Width, int Height)
    {
        public ReadOnlySpan<float> Row(int y) => Samples.AsSpan(Math.Clamp(y, 0, Height - 1) * Width, Width);

        /// <summary>Means of 2 × 2; an odd last row or column is taken twice.</summary>
        public Grid Halved()
        {
            int width = (Width + 1) / 2, height = (Height + 1) / 2;
            var halved = new float[width * height];
            for (var y = 0; y < height; y++)
            {
                ReadOnlySpan<float> top = Row(2 * y), bottom = Row((2 * y) + 1);
                for (var x = 0; x < width; x++)
                {
                    int a = 2 * x, b = Math.Min(a + 1, Width - 1);
                    halved[(y * width) + x] = (top[a] + top[b] + bottom[a] + bottom[b]) / 4;
                }
            }

            return new Grid(halved, width, height);
        }
    }
}
