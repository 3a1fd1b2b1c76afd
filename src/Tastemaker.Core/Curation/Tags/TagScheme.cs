using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tastemaker.Core.Curation.Tags;

/// <summary>A ladder of quality tags: which words an image gets for its place in the collection, or for its score.</summary>
/// <param name="Name">Such as <c>pony-v6</c>.</param>
/// <param name="ByPercentile">Whether the tiers' edges are percentiles of the collection, 0 to 100; otherwise they are raw scores.</param>
/// <param name="Tiers">The best first, each with a lower edge below the one before.</param>
public sealed record TagScheme(string Name, bool ByPercentile, IReadOnlyList<Tier> Tiers)
{
    /// <summary>Whether each image gets its tags in an order of its own, so that no trainer learns them as one long word.</summary>
    public bool IsShuffled { get; init; }

    /// <summary>What people should tell their trainer.</summary>
    public required string Advice { get; init; }

    /// <summary>Every tag that the scheme can write; a second run replaces these and no other.</summary>
    public IReadOnlySet<string> Own { get; } = Tiers.SelectMany(tier => tier.Tags).ToHashSet(StringComparer.Ordinal);

    /// <summary>The best tier that a value reaches; null below all of them.</summary>
    public Tier? TierOf(double value) => Tiers.FirstOrDefault(tier => tier.Holds(value));

    /// <summary>A tier's tags in the order in which an image gets them.</summary>
    /// <param name="seed">Decides the order where the scheme shuffles.</param>
    /// <param name="image">What stands for the image, such as its content id: the same image gets the same order again.</param>
    public IReadOnlyList<string> TagsOf(Tier? tier, int seed, string image)
    {
        if (tier is null || !IsShuffled)
        {
            return tier?.Tags ?? [];
        }

        var key = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed} {image}")));
        string[] tags = [.. tier.Tags];
        new Random(BitConverter.ToInt32(key)).Shuffle(tags);
        return tags;
    }
}

/// <param name="Edge">Where the tier begins.</param>
/// <param name="HoldsEdge">Whether a value on the edge is in it.</param>
/// <param name="Tags">In the order in which they are written.</param>
public sealed record Tier(double Edge, bool HoldsEdge, IReadOnlyList<string> Tags)
{
    public bool Holds(double value) => value > Edge || (HoldsEdge && value == Edge);
}
