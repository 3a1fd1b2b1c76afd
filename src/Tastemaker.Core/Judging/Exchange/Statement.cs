using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>How a file calls an image.</summary>
/// <param name="Path">As it stands there; empty where only the content is known.</param>
/// <param name="ContentId">In lower-case hexadecimal, where the file says it.</param>
internal sealed record ImageName(string Path, string? ContentId = null)
{
    public string Shown => Path.Length > 0 ? Path : ContentId ?? "";
}

/// <summary>A judgement as a file states it, before its images are found.</summary>
internal sealed record Statement(JudgementKind Kind, ImageName Image, ImageName? Other = null, double? Value = null, string? Scale = null)
{
    /// <summary>What only the log itself tells.</summary>
    public Logged? Logged { get; init; }

    public static Statement Rating(ImageName image, double value, string scale) => new(JudgementKind.Rating, image, null, value, scale);
}

/// <param name="Act">Statements in a row with the same number are one act.</param>
internal sealed record Logged(long Act, Purpose Purpose, double? Expected, Origin Origin, string At);

/// <summary>Everything that a file states.</summary>
/// <param name="Unscored">Images that the file names without a judgement.</param>
/// <param name="HasComparisons">Whether it counts comparisons, which a log of single judgements cannot take in.</param>
internal sealed record Statements(IReadOnlyList<Statement> All, int Unscored = 0, bool HasComparisons = false)
{
    /// <summary>What could not be read of it, where the rest can.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = [];
}
