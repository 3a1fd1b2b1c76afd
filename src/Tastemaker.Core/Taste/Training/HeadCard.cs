using System.Globalization;

namespace Tastemaker.Core.Taste.Training;

/// <summary>
/// What is written into a head beside its weights. The keys of custom-classifier-training are kept, so that its tools read it:
/// n_images, mean_predicted_score, stdev_predicted_score, clip_model (and relu and input_size, which say what the layers are).
/// </summary>
public sealed record HeadCard
{
    private const int Hundredths = 100;

    /// <summary>Such as <c>linear</c>, <c>mlp</c> or <c>bayes</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The person's whose it is.</summary>
    public required string Taste { get; init; }

    /// <summary>The newest row that the log of judgements had then; null where they were not from the log.</summary>
    public required long? LogRow { get; init; }

    /// <summary>The name of the file that the judgements were from; null where they were from the log.</summary>
    public required string? File { get; init; }

    /// <summary>The name of the feature space; null for one that nobody declared.</summary>
    public required string? Space { get; init; }

    /// <summary>The trainers' name of the encoder, such as <c>ViT-L/14</c>, where it has one.</summary>
    public required string? ClipModel { get; init; }

    /// <summary>The raw scores of every image that the calibration is over.</summary>
    public required IReadOnlyList<float> Scores { get; init; }

    public required int Choices { get; init; }

    public required int Ratings { get; init; }

    /// <summary>With choices that did not train it.</summary>
    public required Agreement Agreement { get; init; }

    /// <summary>SHA-256 of what it was trained on.</summary>
    public required string DataHash { get; init; }

    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        var mean = Scores.Average(s => (double)s);
        var deviation = Math.Sqrt(Scores.Sum(s => (s - mean) * (s - mean)) / Math.Max(1, Scores.Count - 1)); // Of a sample, as the trainer's.
        var metadata = new Dictionary<string, string>
        {
            ["kind"] = Kind,
            ["taste"] = Taste,
            ["n_images"] = Text(Scores.Count),
            ["mean_predicted_score"] = Text(mean),
            ["stdev_predicted_score"] = Text(deviation),
            ["percentiles"] = string.Join(',', Percentiles()),
            ["choices"] = Text(Choices),
            ["ratings"] = Text(Ratings),
            ["agreement"] = string.Create(CultureInfo.InvariantCulture, $"{Agreement.Agreed}/{Agreement.Of}"),
            ["data_sha256"] = DataHash,
        };
        if (LogRow is { } row)
        {
            metadata["log_row"] = Text(row);
        }

        if (File is not null)
        {
            metadata["file"] = File;
        }

        if (Space is not null)
        {
            metadata["feature_space"] = Space;
            metadata["clip_model"] = ClipModel ?? Space;
        }

        return metadata;
    }

    /// <summary>The scores below which 0, 1, … 100 % of the images lie, between two images on the line between them.</summary>
    private IEnumerable<string> Percentiles()
    {
        float[] sorted = [.. Scores.Order()];
        for (var percent = 0; percent <= Hundredths; percent++)
        {
            var place = (double)percent * (sorted.Length - 1) / Hundredths;
            var (low, high) = (sorted[(int)place], sorted[(int)Math.Ceiling(place)]);
            yield return Text((float)(low + ((high - low) * (place - (int)place))));
        }
    }

    private static string Text<T>(T number) where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);
}
