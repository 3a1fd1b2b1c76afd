using System.Globalization;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary>Shares as people read them.</summary>
internal static class Percent
{
    public static string Of(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");

    /// <summary>With its interval.</summary>
    public static string Of(Agreement share) => share.Of == 0 ? "an unknown share"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * share.Rate:0.0} % ({100 * share.Low:0.0}–{100 * share.High:0.0}, of {share.Of})");
}
