using System.Globalization;

namespace Tastemaker.Core.Taste;

/// <summary>What a head of ours says it was trained on.</summary>
public sealed record HeadOrigin(string Taste, int Choices, int Ratings)
{
    /// <summary>Null for metadata that <c>taste train</c> did not write.</summary>
    internal static HeadOrigin? From(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue("taste", out var taste) && Count(metadata, "choices") is { } choices && Count(metadata, "ratings") is { } ratings
            ? new(taste, choices, ratings)
            : null;

    private static int? Count(IReadOnlyDictionary<string, string> metadata, string key) =>
        int.TryParse(metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
}
