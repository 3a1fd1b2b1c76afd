using System.Globalization;

namespace Tastemaker.Core.Curation;

/// <summary>Stars for places in a collection: where two, three, four and five begin.</summary>
/// <param name="Edges">Four percentiles, rising, each between 0 and 100.</param>
public sealed record StarLadder(IReadOnlyList<double> Edges)
{
    /// <summary>One star for the lowest fifth, five for the best twentieth.</summary>
    public static StarLadder Usual { get; } = new([20, 50, 80, 95]);

    /// <exception cref="CurationException">It is not four rising percentiles.</exception>
    public static StarLadder Parse(string text)
    {
        var edges = text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) ? edge : double.NaN).ToArray();
        return edges.Length == 4 && edges.All(edge => edge is > 0 and < 100) && edges.Zip(edges.Skip(1)).All(pair => pair.First < pair.Second)
            ? new(edges)
            : throw new CurationException($"'{text}' are no stars; four rising percentiles, from which on two to five stars are given, were wanted, such as 20,50,80,95.");
    }

    /// <returns>1 to 5.</returns>
    public int Of(double percentile) => 1 + Edges.Count(edge => percentile >= edge);
}
