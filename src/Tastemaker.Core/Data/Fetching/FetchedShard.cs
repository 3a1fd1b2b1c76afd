using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Data.Fetching;

/// <summary>One shard of a download: fetches a window of addresses at once and writes it in the list's order.</summary>
internal sealed class FetchedShard(FetchRequest request, int index)
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly string _name = index.ToString("D5", CultureInfo.InvariantCulture);

    public bool IsWhole => File.Exists(Path("_stats.json"));

    public string Path(string ending) => System.IO.Path.Combine(request.Folder, _name + ending);

    public List<FetchedRow> Fetch(ListedAddress[] addresses, ImageFetcher fetcher, Action<int> report, CancellationToken cancel)
    {
        if (request.Layout == FetchLayout.Files)
        {
            Directory.CreateDirectory(Path(""));
            return Fetch(addresses, fetcher, (name, bytes) => File.WriteAllBytes(System.IO.Path.Combine(Path(""), name), bytes), report, cancel);
        }

        var part = Path(".tar.part");
        List<FetchedRow> rows;
        using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
        {
            using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
            {
                rows = Fetch(addresses, fetcher, (name, bytes) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(bytes),
                    ModificationTime = DateTimeOffset.UnixEpoch, // The same downloads make the same tar.
                }), report, cancel);
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(part, Path(".tar"), overwrite: true);
        return rows;
    }

    private List<FetchedRow> Fetch(ListedAddress[] addresses, ImageFetcher fetcher, Action<string, byte[]> write, Action<int> report, CancellationToken cancel)
    {
        var rows = new List<FetchedRow>(addresses.Length);
        foreach (var window in addresses.Chunk(request.Concurrency))
        {
            var fetched = fetcher.Fetch([.. window.Select(listed => listed.Url)], cancel);
            foreach (var (listed, result) in window.Zip(fetched))
            {
                var row = FetchedRow.Of(listed, FetchedRow.KeyOf(index, rows.Count, request.ShardRows), result);
                rows.Add(row);
                if (row.Header is { } header)
                {
                    write($"{row.Key}.{Extension(header.Format)}", result.Bytes!);
                    if (listed.Caption is { } caption)
                    {
                        write($"{row.Key}.txt", Encoding.UTF8.GetBytes(caption));
                    }

                    write($"{row.Key}.json", JsonSerializer.SerializeToUtf8Bytes(row.Card, Snake));
                }
            }

            report(rows.Count);
        }

        return rows;
    }

    private static string Extension(ImageFormat format) => format == ImageFormat.Jpeg ? "jpg" : $"{format}".ToLowerInvariant();
}
