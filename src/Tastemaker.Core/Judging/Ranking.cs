namespace Tastemaker.Core.Judging;

/// <summary>Every image of a studio under one taste at one moment, best first.</summary>
public sealed class Ranking
{
    private readonly long[] _images;
    private readonly float[] _means;
    private readonly float[] _variances;
    private readonly int[] _judged;
    private readonly Lazy<int[]> _order; // rows, best first
    private readonly Lazy<Dictionary<long, int>> _places;

    internal Ranking(long[] images, ReadOnlySpan<float> means, ReadOnlySpan<float> variances, ReadOnlySpan<int> judged)
    {
        (_images, _means, _variances, _judged) = (images, means.ToArray(), variances.ToArray(), judged.ToArray());
        _order = new(() =>
        {
            int[] order = [.. Enumerable.Range(0, _images.Length)];
            Array.Sort(Array.ConvertAll(_means, mean => -mean), order);
            return order;
        });
        _places = new(() =>
        {
            var places = new Dictionary<long, int>(Count);
            for (var place = 0; place < Count; place++)
            {
                places.Add(_images[_order.Value[place]], place);
            }

            return places;
        });
    }

    public int Count => _images.Length;

    /// <param name="place">From 0, the best.</param>
    public RankedImage this[int place]
    {
        get
        {
            var row = _order.Value[place];
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

    /// <summary>Rows of the features whose images are ranked between two percentiles, best first.</summary>
    internal int[] Rows(double from, double to)
    {
        var first = (int)Math.Ceiling(Count - 0.5 - (to * Count / 100));
        var last = (int)Math.Floor(Count - 0.5 - (from * Count / 100));
        return _order.Value[Math.Clamp(first, 0, Count)..Math.Clamp(last + 1, Math.Clamp(first, 0, Count), Count)];
    }

    /// <summary>Where an image of this mean would be.</summary>
    internal float PercentileOf(float mean)
    {
        var (better, worse) = (0, Count);
        while (better < worse)
        {
            var middle = (better + worse) / 2;
            if (_means[_order.Value[middle]] > mean)
            {
                better = middle + 1;
            }
            else
            {
                worse = middle;
            }
        }

        return 100f * (Count - better) / Count;
    }

    private float Percentile(int place) => 100f * (Count - place - 0.5f) / Count;
}

/// <param name="Image">Its number in the studio.</param>
/// <param name="Mean">Expected utility, in units in which a lead of 1 wins 73 % of choices.</param>
/// <param name="Deviation">Standard deviation of what the model believes of it.</param>
/// <param name="Percentile">Share of the studio that ranks lower, 0 to 100.</param>
/// <param name="Choices">Choices and draws that it was in.</param>
public readonly record struct RankedImage(long Image, float Mean, float Deviation, float Percentile, int Choices);
