namespace Tastemaker.Core.Judging;

/// <summary>How many images have a mean from <paramref name="From"/> up to <paramref name="To"/>.</summary>
public sealed record HistogramBar(double From, double To, int Count)
{
    /// <param name="images">Best first.</param>
    internal static List<HistogramBar> Of(ReadOnlySpan<RankedImage> images, int bars)
    {
        if (images.IsEmpty)
        {
            return [];
        }

        double most = images[0].Mean, least = images[^1].Mean;
        if (most <= least)
        {
            return [new(least, most, images.Length)];
        }

        var counts = new int[bars];
        var width = (most - least) / bars;
        foreach (var image in images)
        {
            counts[Math.Clamp((int)((image.Mean - least) / width), 0, bars - 1)]++;
        }

        return [.. counts.Select((count, bar) => new HistogramBar(least + (bar * width), least + ((bar + 1) * width), count))];
    }
}
