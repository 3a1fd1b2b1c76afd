namespace Tastemaker.Core.Judging;

public enum JudgementKind
{
    /// <summary><see cref="Verdict.Image"/> won over <see cref="Verdict.Other"/>.</summary>
    Choice,

    /// <summary>Neither won.</summary>
    Draw,

    /// <summary>The pair was passed over.</summary>
    Skip,

    Rating,
    Keep,
    Reject,
}

public enum Purpose
{
    Train,

    /// <summary>A pair drawn at random and kept out of training, for the honest figure.</summary>
    HeldOut,

    /// <summary>An older held-out pair shown again, to learn how often the person repeats a choice.</summary>
    Repeat,
}

/// <summary>What was said of one image, or of two.</summary>
/// <param name="Image">Of a choice, the one that won.</param>
/// <param name="Other">Of a choice, a draw and a skip.</param>
/// <param name="Value">Of a rating, on its <paramref name="Scale"/>.</param>
/// <param name="Scale">Such as <c>1-5</c>, <c>1-10</c> or <c>z</c>.</param>
public sealed record Verdict(JudgementKind Kind, long Image, long? Other = null, double? Value = null, string? Scale = null)
{
    public Purpose Purpose { get; init; }

    /// <summary>The probability that the model gave to what was chosen, before it was chosen.</summary>
    public double? Expected { get; init; }

    public static Verdict Choice(long winner, long loser) => new(JudgementKind.Choice, winner, loser);

    public static Verdict Draw(long image, long other) => new(JudgementKind.Draw, image, other);

    public static Verdict Rating(long image, double value, string scale) => new(JudgementKind.Rating, image, null, value, scale);
}

/// <summary>Who judged, through what, and how long it took.</summary>
/// <param name="Source"><c>web</c>, <c>api</c>, or the format of the file that was imported.</param>
/// <param name="Milliseconds">From showing to choosing, where it is known.</param>
public sealed record Origin(string Rater, string Source, int? Milliseconds = null);

/// <summary>A verdict as the log keeps it.</summary>
/// <param name="Act">Judgements of one act have one number and are undone together.</param>
/// <param name="At">UTC, ISO 8601.</param>
public sealed record Judgement(long Id, long Act, Verdict Verdict, Origin Origin, string At);

/// <summary>What was added to a log after some point.</summary>
/// <param name="Last">The number of the newest row seen: where to go on from.</param>
/// <param name="Undone">Acts that were taken back, whenever they were made.</param>
public sealed record LogTail(long Last, IReadOnlyList<Judgement> Added, IReadOnlyList<long> Undone)
{
    /// <summary>What was added and not taken back, oldest first.</summary>
    public IReadOnlyList<Judgement> Standing()
    {
        var undone = Undone.ToHashSet();
        return undone.Count == 0 ? Added : [.. Added.Where(j => !undone.Contains(j.Act))];
    }
}

public sealed record TasteSummary(string Name, long Judgements, string CreatedAt);
