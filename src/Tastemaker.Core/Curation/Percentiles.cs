namespace Tastemaker.Core.Curation;

/// <summary>Places in a collection.</summary>
public static class Percentiles
{
    /// <returns>For each value the share of all that is lower, half of those that are the same included; 0 to 100.</returns>
    public static double[] Of(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        var places = new Dictionary<double, double>(sorted.Length);
        for (var (low, high) = (0, 0); low < sorted.Length; low = high)
        {
            while (high < sorted.Length && sorted[high].Equals(sorted[low]))
            {
                high++;
            }

            places[sorted[low]] = 50.0 * (low + high) / sorted.Length;
        }

        return [.. values.Select(value => places[value])];
    }
}
