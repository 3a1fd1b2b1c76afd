using System.Globalization;

namespace Tastemaker.Core.Data.Embeddings;

/// <summary>One worker's share of the parts: of every <paramref name="Of"/> parts the one at <paramref name="Index"/>, from 1.</summary>
public sealed record Shard(int Index, int Of)
{
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>2/8</c>.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static Shard Parse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var of) && index >= 1 && index <= of
            ? new(index, of)
            : throw new FormatException($"'{text}' is no share of the parts. Write 2/8 for the second of eight workers.");
    }

    /// <param name="part">From 0.</param>
    public bool Has(int part) => part % Of == Index - 1;
}
