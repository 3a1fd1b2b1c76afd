using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// What colours an image has, wherever they are: CIELAB moments (Stricker and Orengo 1995), colourfulness
/// (Hasler and Süsstrunk, <i>Measuring colourfulness in natural images</i>, 2003), light, saturation and hue
/// (Datta et al., <i>Studying aesthetics in photographic images</i>, 2006), hue count and simplicity (Ke, Tang and Jing,
/// <i>The design of high-level features for photo quality assessment</i>, 2006).
/// </summary>
internal static class ColourFeatures
{
    private const int HueBins = 12;

    public static void Write(Square s, FeatureWriter f)
    {
        WriteMoments("lightness", s.Lightness, f);
        WriteMoments("a", s.A, f);
        WriteMoments("b", s.B, f);
        WriteMoments("chroma", s.Chroma, f);
        WriteMoments("saturation", s.Saturation, f);
        WriteMoments("value", s.Value, f);
        WriteColourfulness(s, f);
        WriteLight(s, f);
        WriteHistogram("lightness", s.Lightness, 100, 8, f);
        WriteHistogram("saturation", s.Saturation, 1, 5, f);
        WriteHistogram("chroma", s.Chroma, 110, 6, f);
        WriteHues(s, f);
        WriteSimplicity(s, f);
    }

    /// <summary>
    /// √(σrg² + σyb²) + 0.3 √(μrg² + μyb²) with rg = R − G and yb = (R + G)/2 − B over interleaved 8-bit RGB:
    /// 0 is grey, 15 slightly, 33 moderately, 59 quite, 109 extremely colourful.
    /// </summary>
    public static (double Colourfulness, double Spread, double Offset) Colourfulness(ReadOnlySpan<byte> rgb)
    {
        float[] rg = new float[rgb.Length / 3], yb = new float[rg.Length];
        for (var i = 0; i < rg.Length; i++)
        {
            rg[i] = rgb[3 * i] - rgb[(3 * i) + 1];
            yb[i] = ((rgb[3 * i] + rgb[(3 * i) + 1]) / 2f) - rgb[(3 * i) + 2];
        }

        var (rgMean, rgDeviation, _) = Statistics.Moments(rg);
        var (ybMean, ybDeviation, _) = Statistics.Moments(yb);
        var spread = Math.Sqrt((rgDeviation * rgDeviation) + (ybDeviation * ybDeviation));
        var offset = Math.Sqrt((rgMean * rgMean) + (ybMean * ybMean));
        return (spread + (0.3 * offset), spread, offset);
    }

    private static void WriteMoments(string channel, float[] samples, FeatureWriter f)
    {
        var (mean, deviation, skew) = Statistics.Moments(samples);
        f.Add($"colour.{channel}.mean", mean);
        f.Add($"colour.{channel}.deviation", deviation);
        f.Add($"colour.{channel}.skew", skew);
    }

    private static void WriteColourfulness(Square s, FeatureWriter f)
    {
        var (colourfulness, spread, offset) = Colourfulness(s.Rgb);
        f.Add("colour.colourfulness", Math.Sqrt(colourfulness));
        f.Add("colour.opponent.spread", Math.Sqrt(spread));
        f.Add("colour.opponent.offset", Math.Sqrt(offset));
    }

    private static void WriteLight(Square s, FeatureWriter f)
    {
        var histogram = Statistics.Histogram(s.Lightness, 0, 100, 400);
        foreach (var percent in (ReadOnlySpan<int>)[1, 5, 25, 50, 75, 95, 99])
        {
            f.Add($"light.percentile{percent}", Statistics.Percentile(histogram, 0, 100, percent / 100.0));
        }

        var grey = Statistics.Histogram(s.Grey, 0, 256, 256);
        double low = Statistics.Percentile(grey, 0, 256, 0.05), high = Statistics.Percentile(grey, 0, 256, 0.95);
        f.Add("light.contrast.rms", Statistics.Moments(s.Grey).Deviation / 255);
        f.Add("light.contrast.michelson", high + low <= 0 ? 0 : Math.Max(0, high - low) / (high + low));
        f.Add("light.range", Statistics.Percentile(grey, 0, 256, 0.99) - Statistics.Percentile(grey, 0, 256, 0.01));
        f.Add("light.entropy", Statistics.Entropy(grey));
        f.Add("light.black", Math.Sqrt(Share(s.Lightness, l => l < 5)));
        f.Add("light.white", Math.Sqrt(Share(s.Lightness, l => l > 95)));
    }

    private static void WriteHistogram(string channel, float[] samples, float high, int bins, FeatureWriter f)
    {
        var histogram = Statistics.Histogram(samples, 0, high, bins);
        for (var bin = 0; bin < bins; bin++)
        {
            f.Add($"histogram.{channel}.bin{bin}", Math.Sqrt(histogram[bin] / (double)Square.Count));
        }
    }

    private static void WriteHues(Square s, FeatureWriter f)
    {
        var bins = new double[HueBins];
        var total = 0.0;
        Span<(double X, double Y)> harmonics = stackalloc (double, double)[3];
        for (var i = 0; i < Square.Count; i++)
        {
            if (s.Chroma[i] < 0.5f)
            {
                continue;
            }

            // A hue on the edge of two bins is shared between them.
            var at = (s.Hue[i] * HueBins) + HueBins - 0.5;
            var bin = (int)at;
            bins[bin % HueBins] += s.Chroma[i] * (1 - (at - bin));
            bins[(bin + 1) % HueBins] += s.Chroma[i] * (at - bin);
            total += s.Chroma[i];

            // Unit vector of the CIELAB hue, its square and its cube: one hue, two opposite ones, a triad.
            double x = s.A[i] / s.Chroma[i], y = s.B[i] / s.Chroma[i];
            double x2 = (x * x) - (y * y), y2 = 2 * x * y;
            harmonics[0] = (harmonics[0].X + (s.Chroma[i] * x), harmonics[0].Y + (s.Chroma[i] * y));
            harmonics[1] = (harmonics[1].X + (s.Chroma[i] * x2), harmonics[1].Y + (s.Chroma[i] * y2));
            harmonics[2] = (harmonics[2].X + (s.Chroma[i] * ((x2 * x) - (y2 * y))), harmonics[2].Y + (s.Chroma[i] * ((x2 * y) + (y2 * x))));
        }

        var scale = total > 0 ? 1 / total : 0;
        for (var bin = 0; bin < HueBins; bin++)
        {
            f.Add($"hue.bin{bin}", Math.Sqrt(bins[bin] * scale));
        }

        f.Add("hue.entropy", Statistics.Entropy(bins));
        f.Add("hue.dominant", bins.Max() * scale);
        f.Add("hue.count", bins.Count(b => b > 0.05 * bins.Max()));
        f.Add("hue.warm", scale * (bins[0] + bins[1] + bins[2] + bins[11]));
        for (var h = 0; h < harmonics.Length; h++)
        {
            var (x, y) = harmonics[h];
            f.Add($"hue.harmony{h + 1}", scale * Math.Sqrt((x * x) + (y * y)));
        }
    }

    private static void WriteSimplicity(Square s, FeatureWriter f)
    {
        var cells = new int[4096];
        for (var i = 0; i < Square.Count; i++)
        {
            cells[(s.Rgb[3 * i] >> 4 << 8) | (s.Rgb[(3 * i) + 1] >> 4 << 4) | (s.Rgb[(3 * i) + 2] >> 4)]++;
        }

        var most = cells.Max();
        f.Add("palette.used", PortableMath.Log(1 + cells.Count(c => c > 0)));
        f.Add("palette.frequent", PortableMath.Log(1 + cells.Count(c => c > 0.01 * Square.Count)));
        f.Add("palette.top", Math.Sqrt(most / (double)Square.Count));
        f.Add("palette.entropy", Statistics.Entropy(cells));
    }

    private static double Share(float[] samples, Func<float, bool> isIn) => samples.Count(isIn) / (double)samples.Length;
}
