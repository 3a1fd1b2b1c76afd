using System.Globalization;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>Numbers as a report writes them.</summary>
internal static class Figure
{
    /// <summary>Thousands apart by a narrow space: it is no number's comma in any language.</summary>
    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = "\u202f" };

    public static string Count(long number) => number.ToString("N0", Grouped);

    public static string Score(double score) => Signed(score.ToString("0.00", CultureInfo.InvariantCulture));

    /// <summary>Of a round number, without zeros that say nothing.</summary>
    public static string Plain(double number) => Signed(number.ToString("0.######", CultureInfo.InvariantCulture));

    public static string Share(long count, long of)
    {
        var percent = of == 0 ? 0 : 100.0 * count / of;
        return percent.ToString(percent is > 0 and < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";
    }

    public static string Correlation(double? value) => value is { } number ? Score(number) : "–";

    private static string Signed(string number) => number.Replace('-', '−');
}
