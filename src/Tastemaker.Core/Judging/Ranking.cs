namespace Tastemaker.Core.Judging;

/// <summary>Every image of a studio under one taste at one moment, best first.</summary>
public sealed class Ranking
{
    private readonly long[] _images;
    private readonly float[] _means;
    private readonly float[] _variances;
    private readonly int[] _judged;
    private readonly int[] _order; // rows, best first
    private readonly Lazy<Dictionary<long, int>> _places;

    internal Ranking(long[] images, ReadOnlySpan<float> means, ReadOnlySpan<float> variances, ReadOnlySpan<int> judged)
    {
        (_images, _means, _variances, _judged) = (images, means.ToArray(), variances.ToArray(), judged.ToArray());
        _order = [.. Enumerable.Range(0, images.Length)];
        Array.Sort(Array.ConvertAll(_means, mean => -mean), _order);
        _places = new(() =>
        {
            var places = new Dictionary<long, int>(_order.Length);
            for (var place = 0; place < _order.Length; place++)
            {
                places.Add(_images[_order[place]], place);
            }

            return places;
        });
    }

    public int Count => _order.Length;

    /// <param name="place">From 0, the best.</param>
    public RankedImage this[int place]
    {
        get
        {
            var row = _order[place];
            return new(_images[row], _means[row], MathF.Sqrt(Math.Max(_variances[row], 0)), Percentile(place), _judged[row]);
        }
    }

    /// <summary>Images from one place on, as many as there are and are wanted.</summary>
    public RankedImage[] Slice(int offset, int limit)
    {
        var from = Math.Clamp(offset, 0, Count);
        return [.. Enumerable.Range(from, Math.Clamp(limit, 0, Count - from)).Select(place => this[place])];
    }

    /// <summary>The place of an image, from 0; null for one without features.</summary>
    public int? PlaceOf(long image) => _places.Value.TryGetValue(image, out var place) ? place : null;

    internal float? PercentileOf(long image) => PlaceOf(image) is { } place ? Percentile(place) : null;

    private float Percentile(int place) => 100f * (Count - place - 0.5f) / Count;
}

/// <param name="Image">Its number in the studio.</param>
/// <param name="Mean">Expected utility, in units in which a lead of 1 wins 73 % of choices.</param>
/// <param name="Deviation">Standard deviation of what the model believes of it.</param>
/// <param name="Percentile">Share of the studio that ranks lower, 0 to 100.</param>
/// <param name="Choices">Choices and draws that it was in.</param>
public readonly record struct RankedImage(long Image, float Mean, float Deviation, float Percentile, int Choices);
