using System.Globalization;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Web.Pages;

/// <summary>Numbers as people read them.</summary>
internal static class Format
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB"];

    /// <summary>Thousands apart by a narrow space: it is no number's comma in any language.</summary>
    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = "\u202f" };

    public static string Number(long number) => number.ToString("N0", Grouped);

    public static string Count(long number, string what) => $"{Number(number)} {what}{(number == 1 ? "" : "s")}";

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");

    public static string Interval(Agreement agreement) => string.Create(CultureInfo.InvariantCulture, $"{100 * agreement.Low:F0}–{100 * agreement.High:F0} %");

    public static string Decimal(double value) => value.ToString("0.00", CultureInfo.InvariantCulture).Replace('-', '−');

    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1000 && unit < Units.Length - 1)
        {
            (value, unit) = (value / 1000, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }

    /// <summary>Of a moment as the studio writes it, the day and the minute.</summary>
    public static string Moment(string iso) =>
        DateTimeOffset.TryParse(iso, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            : iso;
}
