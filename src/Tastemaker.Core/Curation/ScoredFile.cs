namespace Tastemaker.Core.Curation;

/// <summary>A file and what is known about it when it is given a place; what is null cannot be in its name.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Model">The head or taste that scored it.</param>
/// <param name="Raw">Its score on the model's own scale.</param>
public sealed record ScoredFile(string Path, string Model, double Raw)
{
    /// <summary>The score in deviations from the mean of the model's calibration set.</summary>
    public double? Z { get; init; }

    /// <summary>Of the studio's images that score lower, 0 to 100.</summary>
    public double? Percentile { get; init; }

    /// <summary>1 for the best.</summary>
    public int? Rank { get; init; }

    /// <summary>In hexadecimal.</summary>
    public string? ContentId { get; init; }
}
