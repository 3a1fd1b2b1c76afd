using System.Security.Cryptography;
using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

/// <summary>Against a real server on loopback; the handler is the product's, but for the machine's proxy settings.</summary>
public sealed class DownloaderTests : IAsyncLifetime
{
    private const int Half = 300_000;

    private static readonly byte[] Whole = Noise(1, 700_001);

    private static readonly Patience Hasty = new() { Stall = TimeSpan.FromSeconds(30), Tries = 3, Pause = TimeSpan.FromMilliseconds(1) };

    private readonly TempFolder _folder = new();
    private readonly List<string> _notes = [];
    private LoopbackServer _server = null!;

    private string Target => _folder["weights.bin"];

    private string Part => Target + ".part";

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void A_file_arrives_whole_hashed_and_with_nothing_beside_it()
    {
        _server.Serve("/f", Whole);

        var landed = Fetch(Wanted("/f", size: Whole.Length, sha256: HashOf(Whole)))!;

        Assert.Equal(new Landed(Whole.Length, HashOf(Whole), Published: true), landed);
        Assert.Equal(Whole, File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_file_without_a_published_checksum_is_hashed_as_it_came()
    {
        _server.Serve("/f", Whole);

        Assert.Equal(new Landed(Whole.Length, HashOf(Whole), Published: false), Fetch(Wanted("/f")));
    }

    [Fact]
    public void An_empty_file_is_a_file()
    {
        _server.Serve("/f", []);

        Assert.Equal(new Landed(0, HashOf([]), Published: false), Fetch(Wanted("/f")));
        Assert.Empty(File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_cut_connection_is_taken_up_where_it_broke()
    {
        CutOnceThen(() => _server.Serve("/f", Whole));

        Fetch(Wanted("/f", sha256: HashOf(Whole)));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
        Assert.Equal([new("/f", "", ""), new("/f", $"bytes={Half}-", "\"v1\"")], _server.Requests);
    }

    [Fact]
    public void A_later_run_goes_on_with_what_an_earlier_one_left()
    {
        _server.ServeFirst("/f", Whole, Half, Part);
        Assert.Throws<ModelException>(() => Fetch(Wanted("/f"), Hasty with { Tries = 1 }));
        _server.Serve("/f", Whole);

        var landed = Fetch(Wanted("/f"));

        Assert.Equal(HashOf(Whole), landed!.Sha256);
        Assert.Equal(new Asked("/f", $"bytes={Half}-", "\"v1\""), _server.Requests.Last());
    }

    [Fact]
    public void A_server_that_ignores_ranges_sends_it_all_again()
    {
        CutOnceThen(() => _server.On("/f", context => context.Response.Body.WriteAsync(Whole).AsTask()));

        Fetch(Wanted("/f", size: Whole.Length));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_file_that_changed_between_two_tries_is_fetched_anew()
    {
        var changed = Noise(2, 650_000);
        CutOnceThen(() => _server.Serve("/f", changed, "\"v2\""));

        Fetch(Wanted("/f"));

        Assert.Equal(changed, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData("bytes 17-699999/700000", "\"v1\"")]
    [InlineData("bytes 300000-700000/800000", "\"v1\"")]
    [InlineData("bytes 300000-700000/700001", "\"v2\"")]
    [InlineData("nonsense", "\"v1\"")]
    public void A_part_that_is_not_the_one_asked_for_starts_the_file_over(string range, string tag)
    {
        CutOnceThen(() => _server.On("/f", context =>
        {
            _server.Serve("/f", Whole);
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = range;
            context.Response.Headers.ETag = tag;
            return context.Response.Body.WriteAsync(Whole.AsMemory(Half)).AsTask();
        }));

        Fetch(Wanted("/f"));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
        Assert.Equal("", _server.Requests.Last().Range);
    }

    [Fact]
    public void A_range_that_the_server_cannot_satisfy_starts_the_file_over()
    {
        CutOnceThen(() => _server.On("/f", context =>
        {
            _server.Serve("/f", Whole);
            context.Response.StatusCode = 416;
            return Task.CompletedTask;
        }));

        Fetch(Wanted("/f"));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_part_that_is_whole_needs_no_server()
    {
        _server.ServeFirst("/f", Whole, Half, Part);
        Assert.Throws<ModelException>(() => Fetch(Wanted("/f"), Hasty with { Tries = 1 }));
        File.WriteAllBytes(Part, Whole);
        _server.Requests.Clear();

        Assert.Equal(HashOf(Whole), Fetch(Wanted("/f"))!.Sha256);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{")]
    [InlineData("""{"address": "http://elsewhere.test/f", "eTag": "\"v1\"", "lastModified": null, "length": null, "announced": null}""")]
    public void A_part_of_unknown_origin_is_not_trusted(string? note)
    {
        File.WriteAllBytes(Part, Noise(3, Half));
        if (note is not null)
        {
            File.WriteAllText(Part + ".json", note);
        }

        _server.Serve("/f", Whole);

        Fetch(Wanted("/f"));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_wrong_checksum_names_both_and_leaves_nothing()
    {
        _server.Serve("/f", Whole);
        var other = HashOf([1]);

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/f", sha256: other)));

        Assert.Contains($"its SHA-256 is {HashOf(Whole)} and {other} is wanted", e.Message, StringComparison.Ordinal);
        Assert.Contains(_server.Address("/f").ToString(), e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_part_that_was_damaged_on_disk_is_found_out()
    {
        _server.ServeFirst("/f", Whole, Half, Part);
        Assert.Throws<ModelException>(() => Fetch(Wanted("/f"), Hasty with { Tries = 1 }));
        var damaged = File.ReadAllBytes(Part);
        damaged[1000] ^= 1;
        File.WriteAllBytes(Part, damaged);
        _server.Serve("/f", Whole);

        Assert.Throws<ModelException>(() => Fetch(Wanted("/f", sha256: HashOf(Whole))));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_server_that_always_stops_short_is_given_up_and_the_part_kept()
    {
        _server.On("/f", async context =>
        {
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.ContentLength = Whole.Length;
            await context.Response.Body.WriteAsync(Whole.AsMemory(0, 10));
            await context.Response.Body.FlushAsync();
            while (!File.Exists(Part) || new FileInfo(Part).Length < 10)
            {
                await Task.Delay(5);
            }

            context.Abort();
        });

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/f")));

        Assert.Contains("run the same command again to go on", e.Message, StringComparison.Ordinal);
        Assert.Equal(Hasty.Tries, _server.Requests.Count);
        Assert.True(File.Exists(Part));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void A_missing_file_is_no_error_here() => Assert.Null(Fetch(Wanted("/nothing")));

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public void A_server_in_trouble_is_asked_again(int status)
    {
        _server.On("/f", context =>
        {
            _server.Serve("/f", Whole);
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        });

        Assert.Equal(HashOf(Whole), Fetch(Wanted("/f"))!.Sha256);
        Assert.Contains(_notes, n => n.Contains($"the server answered {status}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, "the server answered 400 Bad Request")]
    [InlineData(401, "it wants a sign-in")]
    [InlineData(403, "it wants a sign-in")]
    public void A_refusal_is_final(int status, string why)
    {
        _server.On("/f", context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/f")));

        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public void Redirections_are_followed_and_carry_the_range()
    {
        _server.Redirect("/a", "/b", 301);
        _server.Redirect("/b", _server.Address("/c").ToString(), 307);
        _server.Redirect("/c", "f", 308);
        CutOnceThen(() => _server.Serve("/f", Whole));

        Fetch(Wanted("/a"));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
        Assert.Equal($"bytes={Half}-", _server.Requests.Last().Range);
    }

    [Fact]
    public void A_redirection_in_a_circle_ends()
    {
        _server.Redirect("/a", "/b");
        _server.Redirect("/b", "/a");

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/a")));

        Assert.Contains("redirected more than 10 times", e.Message, StringComparison.Ordinal);
        Assert.Equal(11, _server.Requests.Count);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/f")]
    [InlineData("")]
    public void A_redirection_to_something_else_is_refused(string to)
    {
        _server.Redirect("/f", to);

        Assert.Throws<ModelException>(() => Fetch(Wanted("/f")));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_redirection_out_of_https_is_refused()
    {
        await using var secure = await LoopbackServer.StartAsync(isSecure: true);
        secure.Redirect("/f", "http://example.test/f");
        secure.Redirect("/g", _server.Address("/g").ToString());
        _server.Serve("/g", Whole);

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/f") with { Address = secure.Address("/f") }));

        Assert.Contains("'http://example.test/f', which is less protected", e.Message, StringComparison.Ordinal);
        Assert.Equal(HashOf(Whole), Fetch(Wanted("/g") with { Address = secure.Address("/g") })!.Sha256);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_at_once()
    {
        await using var secure = await LoopbackServer.StartAsync(isSecure: true);
        secure.Serve("/f", Whole);
        using var downloader = new Downloader(Handler(), TimeProvider.System, Hasty);

        Assert.Throws<ModelException>(() =>
            downloader.Fetch(Wanted("/f") with { Address = secure.Address("/f") }, Target, null, CancellationToken.None));
        Assert.Empty(secure.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Half)]
    public void A_server_that_falls_silent_is_left(int after)
    {
        _server.On("/f", async context =>
        {
            context.Response.ContentLength = Whole.Length;
            if (after > 0)
            {
                await context.Response.Body.WriteAsync(Whole.AsMemory(0, after));
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/f"), Hasty with { Stall = TimeSpan.FromMilliseconds(200), Tries = 1 }));

        Assert.Contains("no byte came for 0.2 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_transfer_leaves_what_came_and_goes_on_later()
    {
        _server.On("/f", async context =>
        {
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.ContentLength = Whole.Length;
            await context.Response.Body.WriteAsync(Whole.AsMemory(0, Half));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var cancel = new CancellationTokenSource();
        var untilHalf = new Reports(p =>
        {
            if (p.Done == Half)
            {
                cancel.Cancel();
            }
        });
        using (var downloader = Patiently(Hasty))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => downloader.Fetch(Wanted("/f"), Target, untilHalf, cancel.Token));
        }

        _server.Serve("/f", Whole);
        Fetch(Wanted("/f"));

        Assert.Equal(Whole, File.ReadAllBytes(Target));
        Assert.Equal(new Asked("/f", $"bytes={Half}-", "\"v1\""), _server.Requests.Last());
    }

    [Fact]
    public void An_offer_of_another_size_is_refused()
    {
        _server.Serve("/f", Whole);

        var e = Assert.Throws<ModelException>(() => Fetch(Wanted("/f", size: 5)));

        Assert.Contains("the server offers 700001 bytes and 5 are wanted", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_the_limit_is_refused_whether_it_is_announced_or_not()
    {
        _server.Serve("/announced", Whole);
        _server.On("/endless", async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(Whole);
            }
        });

        Assert.Throws<ModelException>(() => Fetch(Wanted("/announced") with { Limit = 1000 }));
        Assert.Throws<ModelException>(() => Fetch(Wanted("/endless") with { Limit = 1_000_000 }));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void A_chunked_answer_of_unknown_length_is_taken_to_its_end()
    {
        _server.On("/f", context => context.Response.Body.WriteAsync(Whole).AsTask());

        Assert.Equal(HashOf(Whole), Fetch(Wanted("/f"))!.Sha256);
    }

    [Fact]
    public void The_checksum_that_a_server_names_on_the_way_counts()
    {
        _server.Serve("/store", Whole);
        Announce("/good", HashOf(Whole));
        Announce("/bad", HashOf([1]));

        Assert.True(Fetch(Wanted("/good"))!.Published);
        Assert.Throws<ModelException>(() => Fetch(Wanted("/bad")));

        void Announce(string path, string sha256) => _server.On(path, context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers["X-Linked-Etag"] = $"\"{sha256}\"";
            context.Response.Headers.Location = "/store";
            return Task.CompletedTask;
        });
    }

    [Fact]
    public void An_encoded_answer_is_refused()
    {
        _server.On("/f", context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(Whole).AsTask();
        });

        Assert.Contains("encoded as 'gzip'", Assert.Throws<ModelException>(() => Fetch(Wanted("/f"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_ends_at_the_whole()
    {
        _server.Serve("/f", Whole);
        List<DownloadProgress> reports = [];
        using var downloader = Patiently(Hasty);

        downloader.Fetch(Wanted("/f"), Target, new Reports(reports.Add), CancellationToken.None);

        Assert.Equal(new DownloadProgress("weights.bin", Whole.Length, Whole.Length), reports[^1]);
        Assert.Equal(reports.Select(r => r.Done).Order(), reports.Select(r => r.Done));
    }

    [Fact]
    public void A_full_disk_says_so()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no device that is always full.");
        var full = Assert.ThrowsAny<IOException>(() => File.WriteAllBytes("/dev/full", Whole));

        Assert.Contains("the disk that holds '/x/weights.bin' is full", PartFile.CannotWrite("/x/weights.bin", full).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxy_of_the_environment_is_used()
    {
        using var handler = Downloader.Handler();

        Assert.True(handler is { UseProxy: true, Proxy: null });
    }

    [Fact]
    public async Task A_file_comes_through_a_proxy()
    {
        await using var proxy = await LoopbackServer.StartAsync();
        proxy.Serve("/f", Whole);
        using var handler = Downloader.Handler();
        handler.Proxy = new System.Net.WebProxy(proxy.Address("/"));
        using var downloader = new Downloader(handler, TimeProvider.System, Hasty);

        var landed = downloader.Fetch(Wanted("/f") with { Address = new("http://models.test/f") }, Target, null, CancellationToken.None);

        Assert.Equal(HashOf(Whole), landed!.Sha256);
    }

    internal static byte[] Noise(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static SocketsHttpHandler Handler()
    {
        var handler = Downloader.Handler();
        handler.UseProxy = false;
        return handler;
    }

    private void CutOnceThen(Action serve)
    {
        _server.ServeFirst("/f", Whole, Half, Part);
        var isCut = false;
        _onNote = () =>
        {
            if (!isCut)
            {
                isCut = true;
                serve();
            }
        };
    }

    private Action? _onNote;

    private Landed? Fetch(Wanted wanted, Patience? patience = null)
    {
        using var downloader = Patiently(patience ?? Hasty);
        var progress = new Reports(p =>
        {
            if (p.Note is { } note)
            {
                _notes.Add(note);
                _onNote?.Invoke();
            }
        });
        return downloader.Fetch(wanted, Target, progress, CancellationToken.None);
    }

    private static Downloader Patiently(Patience patience)
    {
        var handler = Handler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        return new(handler, TimeProvider.System, patience);
    }

    private Wanted Wanted(string path, long? size = null, string? sha256 = null) =>
        new("'weights.bin' of 'some'", "weights.bin", _server.Address(path), size, sha256, Limit: 10_000_000);
}

/// <summary>Progress told on the thread that makes it.</summary>
internal sealed class Reports(Action<DownloadProgress> report) : IProgress<DownloadProgress>
{
    public void Report(DownloadProgress value) => report(value);
}
