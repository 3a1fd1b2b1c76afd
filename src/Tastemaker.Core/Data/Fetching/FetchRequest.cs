namespace Tastemaker.Core.Data.Fetching;

/// <summary>How downloads are laid out, both as img2dataset does.</summary>
public enum FetchLayout
{
    /// <summary>A folder a shard: <c>00000/000000000.jpg</c>, <c>.txt</c>, <c>.json</c>.</summary>
    Files,

    /// <summary>A tar a shard, with the same members.</summary>
    Webdataset,
}

/// <summary>What to fetch, and how.</summary>
/// <param name="List">A CSV or Parquet file with a column of addresses, or a text file with one a line.</param>
/// <param name="Folder">Where the shards go.</param>
public sealed record FetchRequest(string List, string Folder)
{
    public FetchLayout Layout { get; init; }

    /// <summary>Addresses in a shard.</summary>
    public int ShardRows { get; init; } = 10_000;

    /// <summary>Downloads at once.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Of these, from one host.</summary>
    public int PerHost { get; init; } = 4;

    /// <summary>Tries after the first, where the failure may pass.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>For one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before the second try; doubled before each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Larger files are not fetched.</summary>
    public int MostBytes { get; init; } = 32 << 20;

    /// <summary>Whether hosts of this machine and of private networks may be asked, and a proxy, which asks hosts that we cannot see.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>The column of addresses; null for <c>url</c>, <c>image_url</c> or <c>image_uri</c>.</summary>
    public string? UrlColumn { get; init; }

    /// <summary>The column of captions; null for <c>caption</c>, <c>text</c> or <c>prompt</c>, if one is there.</summary>
    public string? CaptionColumn { get; init; }
}
