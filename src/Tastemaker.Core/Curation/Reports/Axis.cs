using System.Globalization;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>One axis of a chart: values to places in the drawing, and round numbers along it.</summary>
/// <param name="From">Value at <paramref name="Start"/>.</param>
/// <param name="To">Value at <paramref name="End"/>; greater than <paramref name="From"/>.</param>
internal sealed record Axis(double From, double To, double Start, double End)
{
    private static readonly double[] Steps = [1, 2, 2.5, 5, 10];

    public double At(double value) => Start + ((value - From) / (To - From) * (End - Start));

    /// <summary>A place as SVG reads it, to a tenth.</summary>
    public string Place(double value) => Text(At(value));

    public static string Text(double place) => place.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Round numbers on the axis, at most so many.</summary>
    public IEnumerable<double> Ticks(int most)
    {
        var step = RoundStep((To - From) / most);
        for (var i = Math.Ceiling(From / step); i * step <= To; i++)
        {
            yield return i * step;
        }
    }

    /// <summary>The smallest of 1, 2, 2.5, 5 times a power of ten that is not less.</summary>
    public static double RoundStep(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return Steps.Select(step => step * power).First(step => step >= least * (1 - 1e-9));
    }
}
