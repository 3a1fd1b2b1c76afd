using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Tests.Nets.Gist;

public sealed class GistScaleTests
{
    /// <summary>With <c>UPDATE_SNAPSHOTS=1</c>, measures the whole calibration set and writes the table; <see cref="GistEncoder.Version"/> must then change.</summary>
    [Fact]
    public void Every_dimension_has_a_mean_and_a_deviation()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(TableFile(), Table(GistCalibration.Count));
        }

        Assert.Equal(GistEncoder.Dimensions, GistScale.Means.Length);
        Assert.Equal(GistEncoder.Dimensions, GistScale.Deviations.Length);
        Assert.All(GistScale.Means.ToArray(), m => Assert.True(float.IsFinite(m)));
        Assert.All(GistScale.Deviations.ToArray(), d => Assert.True(float.IsFinite(d) && d > 0));
    }

    [Fact]
    public void On_varied_images_dimensions_are_about_standard()
    {
        // Thirty images out of six hundred: the mean of a standard variable is within 0.18 on average over them, its deviation within 0.13.
        var (means, deviations) = Measure(30, stride: 19, (rgb, w, h) => GistEncoder.Encode(rgb, w, h));

        Assert.InRange(means.Average(Math.Abs), 0, 0.35);
        Assert.InRange(deviations.Average(), 0.7, 1.1);
        Assert.True(deviations.Count(d => d is > 0.3 and < 2.5) > 0.9 * deviations.Length);
    }

    private static string Table(int count)
    {
        var (means, deviations) = Measure(count, stride: 1, (rgb, w, h) => GistEncoder.Measure(rgb, w, h));
        var code = new StringBuilder("""
            namespace Tastemaker.Nets.Gist;

            /// <summary>
            /// Mean and deviation of each measure over the 600 images of <c>GistCalibration</c> in the tests; written by
            /// <c>GistScaleTests</c> with <c>UPDATE_SNAPSHOTS=1</c>. Deviations are at least 0.01.
            /// </summary>
            internal static class GistScale
            {

            """);
        Append("Means", means, m => m);
        code.AppendLine();
        Append("Deviations", deviations, d => Math.Max(d, 0.01));
        return code.AppendLine("}").ToString().ReplaceLineEndings("\n");

        void Append(string name, double[] values, Func<double, double> round)
        {
            code.AppendLine(CultureInfo.InvariantCulture, $"    public static ReadOnlySpan<float> {name} =>").AppendLine("    [");
            foreach (var row in values.Chunk(10))
            {
                code.AppendLine("        " + string.Join(" ", row.Select(v => round(v).ToString("G5", CultureInfo.InvariantCulture) + "f,")));
            }

            code.AppendLine("    ];");
        }
    }

    private static (double[] Means, double[] Deviations) Measure(int count, int stride, Func<byte[], int, int, float[]> measure)
    {
        var rows = new float[count][];
        Parallel.For(0, count, i =>
        {
            var (rgb, width, height) = GistCalibration.Image(i * stride);
            rows[i] = measure(rgb, width, height);
        });
        var means = new double[rows[0].Length];
        var deviations = new double[means.Length];
        for (var d = 0; d < means.Length; d++)
        {
            means[d] = rows.Average(r => (double)r[d]);
            deviations[d] = Math.Sqrt(rows.Average(r => (r[d] - means[d]) * (r[d] - means[d])));
        }

        return (means, deviations);
    }

    private static string TableFile([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../../src/Tastemaker.Nets/Gist/GistScale.cs"));
}
