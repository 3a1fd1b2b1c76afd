namespace Tastemaker.Core.Judging.Exchange;

/// <summary>The forms in which judgements come from other programs and go to them. Every table may also be a Parquet file.</summary>
public enum ExchangeFormat
{
    /// <summary>chrisgoringe's trainer: <c>{"path": [score, comparisons], …, "#meta#": {…}}</c>, or a bare number; 0 is unscored.</summary>
    ScoreJson,

    /// <summary>chrisgoringe's image_comparison: <c>relative_path,comparisons,score</c> and any other columns.</summary>
    ScoresCsv,

    /// <summary>The same as <c>{"ImageRecords": {path: {relative_path, score, comparisons}}, "Metadata": {}}</c>.</summary>
    ImageRecords,

    /// <summary><c>IMAGEPATH,AVERAGE_RATING</c>, ratings 1 to 10, as improved-aesthetic-predictor trains from.</summary>
    AverageRating,

    /// <summary>A folder of folders that are named by the score of the images in them.</summary>
    Folders,

    /// <summary>A folder of images that were kept.</summary>
    Favourites,

    /// <summary>Stars in sidecars, or inside images: 1 to 5, and -1 for a reject; and labels, where they are given a meaning.</summary>
    Xmp,

    /// <summary>Names or paths of images that were kept, one a line.</summary>
    Names,

    /// <summary><c>winner,loser</c> and, optionally, <c>draw</c>.</summary>
    Pairs,

    /// <summary>The log itself, a JSON object a line.</summary>
    Log,
}

/// <summary>What the formats are called by people and in the log.</summary>
public static class ExchangeFormats
{
    private static readonly (ExchangeFormat Format, string Name)[] All =
    [
        (ExchangeFormat.ScoreJson, "score.json"), (ExchangeFormat.ScoresCsv, "scores.csv"), (ExchangeFormat.ImageRecords, "image-records"),
        (ExchangeFormat.AverageRating, "average-rating"), (ExchangeFormat.Folders, "folders"), (ExchangeFormat.Favourites, "favourites"),
        (ExchangeFormat.Xmp, "xmp"), (ExchangeFormat.Names, "names"), (ExchangeFormat.Pairs, "pairs"), (ExchangeFormat.Log, "log"),
    ];

    /// <summary>Those that can be read.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(f => f.Name)];

    /// <summary>Those that can be written.</summary>
    public static IReadOnlyList<string> Written { get; } = [.. All.Where(f => IsWritten(f.Format)).Select(f => f.Name)];

    public static string Name(this ExchangeFormat format) => All.First(f => f.Format == format).Name;

    /// <summary>The format of that name; null where there is none.</summary>
    public static ExchangeFormat? Find(string name) => All.Where(f => f.Name == name).Select(f => (ExchangeFormat?)f.Format).FirstOrDefault();

    /// <summary>What a file to write is by its name; null where the name does not say.</summary>
    public static ExchangeFormat? ByFileName(string path) => Path.GetFileName(path).ToLowerInvariant() switch
    {
        "scores.csv" or "scores.parquet" => ExchangeFormat.ScoresCsv,
        var name when name.EndsWith(".csv", StringComparison.Ordinal) || name.EndsWith(".parquet", StringComparison.Ordinal) => ExchangeFormat.Pairs,
        var name when name.EndsWith(".jsonl", StringComparison.Ordinal) => ExchangeFormat.Log,
        var name when name.EndsWith(".json", StringComparison.Ordinal) => ExchangeFormat.ScoreJson,
        _ => null,
    };

    internal static bool IsWritten(ExchangeFormat format) =>
        format is not (ExchangeFormat.Folders or ExchangeFormat.Favourites or ExchangeFormat.Xmp or ExchangeFormat.Names);
}
