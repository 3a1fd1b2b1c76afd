using System.Collections.Frozen;

namespace Tastemaker.Core.Judging;

/// <summary>Every image of a studio under one taste at one moment, best first.</summary>
public sealed class Ranking
{
    private readonly RankedImage[] _images;
    private readonly Lazy<FrozenDictionary<long, int>> _places;

    internal Ranking(RankedImage[] images)
    {
        _images = images;
        _places = new(() => images.Select((image, place) => (image.Image, place)).ToFrozenDictionary(p => p.Image, p => p.place));
    }

    public int Count => _images.Length;

    /// <param name="place">From 0, the best.</param>
    public RankedImage this[int place] => _images[place];

    /// <summary>Images from one place on, as many as there are and are wanted.</summary>
    public ReadOnlySpan<RankedImage> Slice(int offset, int limit)
    {
        var from = Math.Clamp(offset, 0, Count);
        return _images.AsSpan(from, Math.Clamp(limit, 0, Count - from));
    }

    /// <summary>The place of an image, from 0; null for one without features.</summary>
    public int? PlaceOf(long image) => _places.Value.TryGetValue(image, out var place) ? place : null;
}

/// <param name="Image">Its number in the studio.</param>
/// <param name="Mean">Expected utility, in units in which a lead of 1 wins 73 % of choices.</param>
/// <param name="Deviation">Standard deviation of what the model believes of it.</param>
/// <param name="Percentile">Share of the studio that ranks lower, 0 to 100.</param>
/// <param name="Choices">Choices and draws that it was in.</param>
public readonly record struct RankedImage(long Image, float Mean, float Deviation, float Percentile, int Choices);
