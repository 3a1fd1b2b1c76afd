using Tastemaker.Core.Judging;
using Tastemaker.Core.Judging.Exchange;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.Core.Data;

/// <summary>
/// The table that improved-aesthetic-predictor and its descendants train from: <c>IMAGEPATH, AVERAGE_RATING</c>, absolute paths and
/// ratings from 1 to 10, best first.
/// </summary>
public static class TrainTable
{
    private const double Lowest = 1, Highest = 10;

    private static readonly TableColumn[] Columns = [new("IMAGEPATH", TableType.Text), new("AVERAGE_RATING", TableType.Real)];

    /// <summary>Every rated image with the mean of its ratings; and images whose file is gone.</summary>
    /// <exception cref="JudgingException">There are no ratings on a scale with two ends.</exception>
    public static BatchResult<TrainRow> OfRatings(IReadOnlyList<Judgement> standing, ImageLibrary library) =>
        Named(JudgementExport.Averages(standing), library);

    /// <summary>Every image of the studio by what the taste model expects of it: the lowest mean is 1, the highest 10.</summary>
    public static BatchResult<TrainRow> OfModel(Ranking ranking, ImageLibrary library)
    {
        var images = ranking.Slice(0, ranking.Count);
        var (low, high) = images.Length > 0 ? (images.Min(i => (double)i.Mean), images.Max(i => (double)i.Mean)) : (0, 0);
        return Named([.. images.Select(i => (i.Image, high > low ? Lowest + ((Highest - Lowest) * (i.Mean - low) / (high - low)) : Lowest))], library);
    }

    /// <summary>Writes the rows in place of a file that may be there, as Parquet or CSV by its name.</summary>
    public static void Write(string path, IReadOnlyList<TrainRow> rows) => AtomicFile.ReplaceAt(path, aside =>
        TableFile.Write(aside, TableFormats.ByName(path), Columns, rows.Select(row => new object[] { row.ImagePath, row.AverageRating })));

    private static BatchResult<TrainRow> Named(IReadOnlyList<(long Image, double Rating)> rated, ImageLibrary library)
    {
        var paths = library.Paths([.. rated.Select(r => r.Image)]);
        var (rows, failures) = (new List<TrainRow>(), new List<Failure>());
        foreach (var (image, rating) in rated)
        {
            if (paths[image].Order(StringComparer.Ordinal).FirstOrDefault() is { } path)
            {
                rows.Add(new(path, rating));
            }
            else
            {
                failures.Add(new($"image {image}", "the studio knows no file of it; it is left out."));
            }
        }

        return new([.. rows.OrderByDescending(r => r.AverageRating).ThenBy(r => r.ImagePath, StringComparer.Ordinal)], failures);
    }
}

/// <param name="AverageRating">1 to 10.</param>
public sealed record TrainRow(string ImagePath, double AverageRating);
