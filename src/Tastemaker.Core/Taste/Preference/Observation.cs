namespace Tastemaker.Core.Taste.Preference;

internal enum ObservationKind
{
    /// <summary>The image won over the other.</summary>
    Choice,

    Draw,
    Rating,
    Keep,
    Reject,
}

/// <summary>One judgement as the model reads it; images are rows of <see cref="TasteFeatures"/>.</summary>
/// <param name="Other">−1 where only one image was judged.</param>
/// <param name="Value">Of a rating, on the reader's scale.</param>
/// <param name="Reader">Who rated on what scale, or picked: those who read alike share a number, from 0.</param>
internal readonly record struct Observation(ObservationKind Kind, int Image, int Other, double Value = 0, int Reader = 0)
{
    public static Observation Choice(int winner, int loser) => new(ObservationKind.Choice, winner, loser);
}
