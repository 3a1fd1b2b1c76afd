using System.Globalization;

namespace Tastemaker.Core.Curation;

/// <summary>Edges that cut scores into bands; a score on an edge is in the band above it. <c>5,6,6.9</c> makes four.</summary>
public sealed class Bands
{
    private readonly double[] _edges;

    private Bands(double[] edges) => _edges = edges;

    /// <param name="text">Rising numbers with commas between them, such as <c>5,6,6.9</c>.</param>
    /// <exception cref="CurationException">It is something else.</exception>
    public static Bands Parse(string text)
    {
        var edges = text.Split(',').Select(part => Edge(part, text)).ToArray();
        for (var i = 1; i < edges.Length; i++)
        {
            if (edges[i] <= edges[i - 1])
            {
                throw new CurationException($"the bands '{text}' do not rise: {Text(edges[i])} comes after {Text(edges[i - 1])}. "
                    + "Write them from low to high, such as '5,6,6.9'.");
            }
        }

        return new(edges);
    }

    /// <summary>The bands' names, from low to high: <c>below-5</c>, <c>5-6</c>, <c>6-6.9</c>, <c>6.9-up</c>.</summary>
    public IReadOnlyList<string> Names => [.. Enumerable.Range(0, _edges.Length + 1).Select(Name)];

    public string NameOf(double score) => Name(_edges.Count(edge => score >= edge));

    private string Name(int band)
    {
        if (band == 0)
        {
            return $"below-{Text(_edges[0])}";
        }

        return band == _edges.Length ? $"{Text(_edges[^1])}-up" : $"{Text(_edges[band - 1])}-{Text(_edges[band])}";
    }

    private static double Edge(string part, string text) =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) && double.IsFinite(edge)
            ? edge
            : throw new CurationException($"'{part}' in the bands '{text}' is not a number. Write rising numbers with commas between them, such as '5,6,6.9'.");

    private static string Text(double edge) => edge.ToString(CultureInfo.InvariantCulture);
}
