using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tastemaker.Core.Data.Embeddings;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.Core.Data.Fetching;

/// <param name="Fetched">Images that this run brought.</param>
/// <param name="Failed">Addresses that brought none.</param>
/// <param name="Kept">Shards that were whole already.</param>
/// <param name="Reasons">Why addresses failed, with how often, the most frequent first.</param>
public sealed record FetchSummary(long Fetched, long Failed, int Shards, int Kept, IReadOnlyList<(string Reason, long Count)> Reasons);

/// <summary>
/// Downloads listed images in img2dataset's layouts, as their servers send them: nothing is decoded and written anew. A shard is whole
/// when its <c>NNNNN_stats.json</c> is there; it is then passed over, and any other is done from its start.
/// </summary>
public static class DatasetFetch
{
    private const int MostReasons = 1000;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly TableColumn[] Columns =
    [
        new("url", TableType.Text), new("caption", TableType.Text), new("key", TableType.Text), new("status", TableType.Text), new("error_message", TableType.Text),
        new("width", TableType.Integer), new("height", TableType.Integer), new("original_width", TableType.Integer), new("original_height", TableType.Integer),
        new("sha256", TableType.Text),
    ];

    /// <exception cref="TableException">The list cannot be read.</exception>
    public static FetchSummary Run(FetchRequest request, Shard share, TimeProvider time, IProgress<Progress>? progress, CancellationToken cancel)
    {
        if (!File.Exists(request.List))
        {
            throw new DataException($"'{Path.GetFullPath(request.List)}' does not exist. Name a CSV, Parquet or text file of addresses.");
        }

        Directory.CreateDirectory(request.Folder);
        using var fetcher = new ImageFetcher(request, time);
        var (fetched, failed, shards, kept) = (0L, 0L, 0, 0);
        var reasons = new Dictionary<string, long>();
        foreach (var (index, addresses) in AddressList.Read(request, cancel).Chunk(request.ShardRows).Index())
        {
            if (!share.Has(index))
            {
                continue;
            }

            var shard = new FetchedShard(request, index);
            if (shard.IsWhole)
            {
                kept++;
                continue;
            }

            var started = time.GetUtcNow();
            var rows = shard.Fetch(addresses, fetcher, done => progress?.Report(new("fetching", (int)(fetched + failed + done), (int)(fetched + failed + addresses.Length))), cancel);
            var good = rows.Count(row => row.Error is null);
            AtomicFile.ReplaceAt(shard.Path(".parquet"), aside => TableFile.Write(aside, TableFormat.Parquet, Columns, rows.Select(row => row.Values), cancel));
            AtomicFile.Replace(shard.Path("_stats.json"), stream => JsonSerializer.Serialize(stream, Stats(rows, good, started, time.GetUtcNow()), Indented));
            (fetched, failed, shards) = (fetched + good, failed + rows.Count - good, shards + 1);
            foreach (var reason in rows.Select(row => row.Error).OfType<string>().Where(reason => reasons.Count < MostReasons || reasons.ContainsKey(reason)))
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }
        }

        return new(fetched, failed, shards, kept, [.. reasons.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => (r.Key, r.Value))]);
    }

    private static object Stats(List<FetchedRow> rows, int good, DateTimeOffset started, DateTimeOffset ended) => new
    {
        count = rows.Count,
        successes = good,
        failedToDownload = rows.Count - good,
        failedToResize = 0,
        duration = (ended - started).TotalSeconds,
        startTime = started.ToUnixTimeMilliseconds() / 1000.0,
        endTime = ended.ToUnixTimeMilliseconds() / 1000.0,
        statusDict = rows.CountBy(row => row.Error ?? FetchedRow.Success).ToDictionary(),
    };
}

/// <summary>What became of one address.</summary>
internal sealed record FetchedRow(ListedAddress Listed, string Key, string? Error, ImageHeader? Header, string? Sha256)
{
    public const string Success = "success";

    public string Status => Error is null ? Success : "failed_to_download";

    public object?[] Values => [Listed.Url, Listed.Caption, Key, Status, Error, Header?.Width, Header?.Height, Header?.Width, Header?.Height, Sha256];

    public object Card => new { Listed.Url, Listed.Caption, Key, Status, Header?.Width, Header?.Height, OriginalWidth = Header?.Width, OriginalHeight = Header?.Height, Sha256 };

    /// <summary>The key of an address: five digits of the shard, and as many of the place as shards of that size need.</summary>
    public static string KeyOf(int shard, int place, int shardRows)
    {
        var digits = Math.Max(1, (shardRows - 1).ToString(CultureInfo.InvariantCulture).Length);
        return shard.ToString("D5", CultureInfo.InvariantCulture) + place.ToString($"D{digits}", CultureInfo.InvariantCulture);
    }

    /// <summary>The row of what was fetched: an image, or no image after all.</summary>
    public static FetchedRow Of(ListedAddress listed, string key, Fetched fetched)
    {
        if (fetched.Bytes is not { } bytes)
        {
            return new(listed, key, fetched.Error, null, null);
        }

        try
        {
            return new(listed, key, null, ImageDecoder.Inspect(bytes), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        catch (ImageException e)
        {
            return new(listed, key, e.Message, null, null);
        }
    }
}
