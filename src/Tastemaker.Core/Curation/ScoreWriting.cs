using System.Globalization;

namespace Tastemaker.Core.Curation;

/// <summary>Where scores and stars are written, so that other programs read them.</summary>
[Flags]
public enum ScorePlaces
{
    None = 0,

    /// <summary>A PNG's text <c>aesthetic_score</c>, one decimal.</summary>
    Png = 1,

    /// <summary>The key <c>Score</c> of the generation parameters that the file has, two decimals.</summary>
    Infotext = 2,

    /// <summary>EXIF's Rating and RatingPercent, as Windows has them.</summary>
    Exif = 4,

    /// <summary><c>xmp:Rating</c> inside the file.</summary>
    Xmp = 8,

    /// <summary><c>xmp:Rating</c> in a sidecar beside the file.</summary>
    Sidecar = 16,
}

/// <summary>The edits that write a score and its stars.</summary>
public static class ScoreWriting
{
    /// <summary>Windows' percentages for one to five stars.</summary>
    private static readonly int[] Percent = [1, 25, 50, 75, 99];

    /// <param name="raw">On the head's own scale.</param>
    /// <param name="stars">1 to 5.</param>
    /// <param name="places">Beside EXIF, XMP or a sidecar, PNG's text and the infotext are written where a file has a place for them; alone, a file without is refused.</param>
    public static IEnumerable<PlannedEdit> Of(string image, double raw, int stars, ScorePlaces places)
    {
        if ((places & ~ScorePlaces.Sidecar) != 0)
        {
            yield return ImageEdits.Embedded(image, new()
            {
                PngTexts = places.HasFlag(ScorePlaces.Png) ? new Dictionary<string, string?> { ["aesthetic_score"] = raw.ToString("F1", CultureInfo.InvariantCulture) } : null,
                InfotextScore = places.HasFlag(ScorePlaces.Infotext) ? raw : null,
                Exif = places.HasFlag(ScorePlaces.Exif) ? new() { Rating = stars, RatingPercent = Percent[stars - 1] } : null,
                Xmp = places.HasFlag(ScorePlaces.Xmp) ? new() { Rating = stars } : null,
                WherePossible = (places & (ScorePlaces.Exif | ScorePlaces.Xmp | ScorePlaces.Sidecar)) != 0,
            });
        }

        if (places.HasFlag(ScorePlaces.Sidecar))
        {
            yield return ImageEdits.Sidecar(image, new() { Rating = stars });
        }
    }
}
