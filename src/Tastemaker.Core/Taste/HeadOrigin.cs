using System.Globalization;

namespace Tastemaker.Core.Taste;

/// <summary>What a head of ours says it was trained on.</summary>
/// <param name="LogRow">The newest row that the taste's log had then; null where the judgements were not from the log.</param>
/// <param name="File">The name of the file that the judgements were from; null where they were from the log.</param>
/// <param name="DataHash">SHA-256, in hex, of the judgements.</param>
public sealed record HeadOrigin(string Taste, long? LogRow, string? File, string DataHash)
{
    /// <summary>Null for metadata that <c>taste train</c> did not write.</summary>
    internal static HeadOrigin? From(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue("taste", out var taste) && metadata.TryGetValue("data_sha256", out var hash)
            ? new(taste, Row(metadata), metadata.GetValueOrDefault("file"), hash)
            : null;

    private static long? Row(IReadOnlyDictionary<string, string> metadata) =>
        long.TryParse(metadata.GetValueOrDefault("log_row"), NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? row : null;
}
