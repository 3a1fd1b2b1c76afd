using System.Globalization;
using System.Text;

namespace Tastemaker.App.Web.Pages.Charts;

/// <summary>The field of a chart: values to places in the drawing, and axes to say so.</summary>
/// <param name="Across">From and to of the horizontal axis.</param>
/// <param name="Up">From and to of the vertical axis.</param>
public sealed record Plot((double From, double To) Across, (double From, double To) Up)
{
    public const int Width = 420;
    public const int Height = 220;

    private const int Left = 40;
    private const int Right = 8;
    private const int Top = 8;
    private const int Bottom = 26;

    private static readonly double[] Steps = [5, 2, 1];

    public double X(double value) => Left + (Share(value, Across) * (Width - Left - Right));

    public double Y(double value) => Height - Bottom - (Share(value, Up) * (Height - Top - Bottom));

    /// <summary>A number as SVG reads it.</summary>
    public static string At(double place) => place.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A line through points.</summary>
    public string Path(IEnumerable<(double X, double Y)> points)
    {
        var path = new StringBuilder();
        foreach (var (x, y) in points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(At(X(x))).Append(' ').Append(At(Y(y)));
        }

        return path.ToString();
    }

    /// <summary>Round numbers along an axis, from three to seven of them.</summary>
    public static IReadOnlyList<double> Ticks((double From, double To) axis)
    {
        var span = axis.To - axis.From;
        if (!(span > 0))
        {
            return [axis.From];
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(span / 3)));
        var step = Steps.Select(s => s * power).First(s => span / s >= 3);
        var first = Math.Ceiling(axis.From / step);
        return [.. Enumerable.Range(0, (int)Math.Floor((axis.To / step) - first + 1e-9) + 1).Select(i => (first + i) * step)];
    }

    private static double Share(double value, (double From, double To) axis) => axis.To > axis.From ? (value - axis.From) / (axis.To - axis.From) : 0.5;
}
