using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Tests.Core.Imaging;
using Tastemaker.Tests.Core.Models;

namespace Tastemaker.Tests.Cli;

public sealed class DataFetchCommandTests : IAsyncLifetime
{
    private static readonly byte[] Picture = File.ReadAllBytes(Path.Combine(Goldens.Own, "preprocess/images/rgba_320x260.png"));

    private readonly TempFolder _folder = new();
    private LoopbackServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Images_come_in_shards_with_captions_and_what_fails_is_counted_by_its_reason()
    {
        _server.Serve("/a.png", Picture);
        _server.Serve("/text", "no image"u8.ToArray());
        _server.Redirect("/moved", "/a.png");
        _server.Redirect("/file", "file:///etc/passwd");
        var list = List("a.png", "missing", "text", "moved", "file");

        var (code, output, error) = await Fetch(list, "--shard-size", "2");

        Assert.Equal(1, code);
        Assert.StartsWith("2 images fetched in 3 shards, 3 addresses without one; 0 shards were there", output, StringComparison.Ordinal);
        foreach (var part in new[] { "1 times: the server answered 404", "1 times: it redirects to no address of the web", "is not an image" })
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }

        Assert.Equal(Picture, File.ReadAllBytes(_folder["out/00000/000000.png"]));
        Assert.Equal("caption of moved", File.ReadAllText(_folder["out/00001/000011.txt"]));
        using var card = JsonDocument.Parse(File.ReadAllText(_folder["out/00001/000011.json"]));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Picture)), card.RootElement.GetProperty("sha256").GetString());
        Assert.Equal((320, 260), (card.RootElement.GetProperty("width").GetInt32(), card.RootElement.GetProperty("original_height").GetInt32()));
        Assert.Equal(["success", "failed_to_download"], Column("out/00000.parquet", "status"));
        Assert.Equal(["000000", "000001"], Column("out/00000.parquet", "key"));
        using var stats = JsonDocument.Parse(File.ReadAllText(_folder["out/00000_stats.json"]));
        Assert.Equal((2, 1, 1), (stats.RootElement.GetProperty("count").GetInt32(), stats.RootElement.GetProperty("successes").GetInt32(), stats.RootElement.GetProperty("failed_to_download").GetInt32()));
    }

    [Fact]
    public async Task Whole_shards_are_kept_and_others_done_again()
    {
        _server.Serve("/a.png", Picture);
        var list = List("a.png", "a.png", "a.png");
        await Fetch(list, "--shard-size", "1", "--layout", "webdataset");
        var before = TestStudio.Contents(_folder["out"]);
        File.Delete(_folder["out/00001_stats.json"]);
        File.Delete(_folder["out/00001.tar"]);
        File.WriteAllText(_folder["out/00001.tar.part"], "what a killed run left");
        var asked = _server.Requests.Count;

        var (_, output, _) = await Fetch(list, "--shard-size", "1", "--layout", "webdataset");

        Assert.StartsWith("1 images fetched in 1 shards, 0 addresses without one; 2 shards were there", output, StringComparison.Ordinal);
        Assert.Equal(asked + 1, _server.Requests.Count);
        var after = TestStudio.Contents(_folder["out"]);
        Assert.Equal(before.Where(f => !f.Key.EndsWith(".json", StringComparison.Ordinal)), after.Where(f => !f.Key.EndsWith(".json", StringComparison.Ordinal)));
        using var tar = new TarReader(File.OpenRead(_folder["out/00001.tar"]));
        Assert.Equal(["000010.png", "000010.txt", "000010.json"], new[] { tar.GetNextEntry()!.Name, tar.GetNextEntry()!.Name, tar.GetNextEntry()!.Name });
    }

    [Theory]
    [InlineData("noai")]
    [InlineData("otherbot: noindex, nofollow")]
    [InlineData("NoImageAI")]
    public async Task What_its_owner_withholds_is_not_taken(string directive)
    {
        _server.On("/mine.png", context =>
        {
            context.Response.Headers["X-Robots-Tag"] = directive;
            return context.Response.Body.WriteAsync(Picture).AsTask();
        });

        var (code, _, error) = await Fetch(List("mine.png"));

        Assert.Equal(1, code);
        Assert.Contains("its owner withholds it", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder["out/00000"]));
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_tried_again_and_one_that_will_not_is_not()
    {
        var asked = 0;
        _server.On("/busy.png", context =>
        {
            if (Interlocked.Increment(ref asked) > 1)
            {
                return context.Response.Body.WriteAsync(Picture).AsTask();
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });

        var (_, output, _) = await Fetch(List("busy.png", "missing"), "--retries", "1");

        Assert.StartsWith("1 images fetched", output, StringComparison.Ordinal);
        Assert.Equal((2, 1), (asked, _server.Requests.Count(r => r.Path == "/missing")));
    }

    [Fact]
    public async Task More_bytes_than_allowed_are_not_taken_whatever_the_server_says()
    {
        _server.Serve("/said.png", new byte[(1 << 20) + 1]);
        _server.On("/unsaid.png", async context =>
        {
            for (var i = 0; i < 64; i++)
            {
                await context.Response.Body.WriteAsync(new byte[1 << 16]);
            }
        });

        var (_, output, error) = await Fetch(List("said.png", "unsaid.png"), "--max-size", "1");

        Assert.StartsWith("0 images", output, StringComparison.Ordinal);
        Assert.Contains("2 times: it has more than 1048576 bytes", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(40, 0, false)]
    [InlineData(0, 40, false)]
    public async Task A_list_in_gzip_is_read_where_it_is_whole(int cut, int spoilt, bool isWhole)
    {
        _server.Serve("/a.png", Picture);
        byte[] packed = [.. Samples.Gzip(File.ReadAllBytes(List([.. Enumerable.Range(0, 300).Select(i => i == 0 ? "a.png" : $"{i}")])))];
        packed.AsSpan(packed.Length / 2, spoilt).Fill(0xFF);

        var (code, output, error) = await Fetch(_folder.Write("list.csv.gz", packed[..^cut]));

        Assert.Equal(isWhole ? "1 images fetched in 1 shards, 299 addresses without one" : "", output.Split(';')[0]);
        Assert.Equal(isWhole ? 1 : 2, code);
        Assert.Equal(!isWhole, error.Contains("list.csv.gz' is damaged or ends early", StringComparison.Ordinal));
    }

    [Fact]
    public async Task This_machine_is_not_asked_unless_that_is_allowed()
    {
        _server.Serve("/a.png", Picture);
        var named = new UriBuilder(_server.Address("/a.png")) { Host = "localhost" };
        File.WriteAllText(_folder["list.txt"], $"{_server.Address("/a.png")}\n{named}\nnonsense\nfile:///etc/passwd\n");

        var (code, _, error) = await Taste.Run("data", "fetch", _folder["list.txt"], "-o", _folder["out"], "--retries", "0");

        Assert.Equal(1, code);
        Assert.Empty(_server.Requests);
        Assert.Contains("'127.0.0.1' is 127.0.0.1, no public address", error, StringComparison.Ordinal);
        Assert.Contains("'localhost' is ", error, StringComparison.Ordinal);
        Assert.Contains("2 times: no address of the web", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Few_are_asked_of_one_host_at_once()
    {
        var (now, most) = (0, 0);
        _server.On("/a.png", async context =>
        {
            var at = Interlocked.Increment(ref now);
            InterlockedMax(ref most, at);
            await Task.Delay(20);
            Interlocked.Decrement(ref now);
            await context.Response.Body.WriteAsync(Picture);
        });

        await Fetch(List([.. Enumerable.Repeat("a.png", 12)]), "--concurrency", "12", "--per-host", "2");

        Assert.InRange(most, 1, 2);

        static void InterlockedMax(ref int most, int value)
        {
            for (int seen; (seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen;)
            {
            }
        }
    }

    [Fact]
    public async Task A_list_without_addresses_is_refused()
    {
        var (code, _, error) = await Taste.Run("data", "fetch", _folder.File("x.csv", "a,b\n1,2\n"), "-o", _folder["out"]);

        Assert.Equal(2, code);
        Assert.Contains("has no column 'url'", error, StringComparison.Ordinal);
        Assert.Equal(2, (await Taste.Run("data", "fetch", _folder["none.csv"], "-o", _folder["out"])).Code);
        Assert.Equal(2, (await Taste.Run("data", "fetch", _folder["x.csv"], "-o", _folder["out"], "--concurrency", "0")).Code);
    }

    private string List(params string[] paths) =>
        _folder.File("list.csv", $"URL,caption\n{string.Concat(paths.Select(path => $"{_server.Address($"/{path}")},caption of {path}\n"))}");

    private Task<(int Code, string Output, string Error)> Fetch(string list, params string[] arguments) =>
        Taste.Run(["data", "fetch", list, "-o", _folder["out"], "--allow-private", .. arguments]);

    private List<string> Column(string name, string column)
    {
        using var database = TableDatabase.Open([_folder[name]]);
        using var connection = database.Connect();
        var source = TableSource.Open(connection, _folder[name], TestContext.Current.CancellationToken);
        using var rows = connection.Query($"select {source.Column(column)} from {source.From}", TestContext.Current.CancellationToken);
        var values = new List<string>();
        while (rows.Read())
        {
            values.Add(rows.Text(0));
        }

        return values;
    }
}
