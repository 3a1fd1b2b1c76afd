using System.Globalization;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Heads;

/// <summary>Where a head's scores lie over the images it was made on: z = (raw - Mean) / Deviation.</summary>
/// <param name="Deviation">Above zero.</param>
public sealed record Calibration(double Mean, double Deviation)
{
    /// <summary>
    /// From the metadata keys of the trainers that save them; null where they are absent, or where the deviation is that of one
    /// image or none, which scales nothing.
    /// </summary>
    public static Calibration? From(IReadOnlyDictionary<string, string> metadata) =>
        Number(metadata, "mean_predicted_score") is { } mean && Number(metadata, "stdev_predicted_score") is { } deviation
            && double.IsFinite(mean) && double.IsFinite(deviation) && deviation > 0
            ? new(mean, deviation)
            : null;

    private static double? Number(IReadOnlyDictionary<string, string> metadata, string key)
    {
        if (!metadata.TryGetValue(key, out var text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new WeightException($"'{key}' is '{text}' in the head's metadata; a number is wanted.");
    }
}
