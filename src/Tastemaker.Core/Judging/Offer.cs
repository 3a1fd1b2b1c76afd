namespace Tastemaker.Core.Judging;

/// <summary>Which images may be offered, and how.</summary>
/// <param name="Images">Shown at once, 2 to 4.</param>
public sealed record OfferRequest(int Images = 2)
{
    /// <summary>Share of the offers that are drawn at random to explore, 0 to 1, besides those that are held out.</summary>
    public double Explore { get; init; }

    /// <summary>Only images with a file in this folder, at any depth; null for all.</summary>
    public string? Folder { get; init; }

    /// <summary>Only images of this experiment; null for all.</summary>
    public string? Experiment { get; init; }

    /// <summary>Only images ranked from this percentile on, 0 to 100: 90 refines the top.</summary>
    public double FromPercentile { get; init; }

    /// <summary>Only images ranked up to this percentile, 0 to 100.</summary>
    public double ToPercentile { get; init; } = 100;

    internal bool IsBand => FromPercentile > 0 || ToPercentile < 100;

    internal bool IsFiltered => IsBand || Folder is not null || Experiment is not null;
}

/// <summary>Images to choose among, in the order in which they are shown: left to right.</summary>
/// <param name="Id">What an answer names; known to the session that made it, until it is answered.</param>
/// <param name="Images">By their numbers in the studio.</param>
public sealed record Offer(string Id, IReadOnlyList<long> Images);

/// <summary>What the person made of an offer.</summary>
public readonly record struct Answer
{
    private Answer(int winner) => Code = winner;

    public static Answer Draw { get; } = new(-1);

    public static Answer Skip { get; } = new(-2);

    /// <summary>Place of the image that won, from 0; negative for a draw or a skip.</summary>
    internal int Code { get; }

    /// <param name="place">From 0, left to right.</param>
    public static Answer Won(int place) => new(place);
}

/// <summary>Where a taste stands after a judgement.</summary>
/// <param name="Choices">That stand, draws among them; a choice among n images counts as n − 1.</param>
/// <param name="Agreement">Of the model as it is now with the choices that were kept out of its training.</param>
/// <param name="Ceiling">How often the person repeated a choice on the same pair.</param>
/// <param name="Expected">The probability that the model gave to what was just chosen, before it was; null for all but choices.</param>
public sealed record Standing(long Choices, Taste.Agreement Agreement, Taste.Agreement Ceiling, double? Expected);

/// <summary>What the model expects of a picture.</summary>
/// <param name="Mean">Expected utility, in units in which a lead of 1 wins 73 % of choices.</param>
/// <param name="Deviation">Standard deviation of what the model believes of it.</param>
/// <param name="Percentile">Share of the studio that ranks lower, 0 to 100.</param>
public sealed record Prediction(float Mean, float Deviation, float Percentile);
