using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Tastemaker.Core.Data.Fetching;

/// <summary>What a download brought: bytes, or a reason why there are none.</summary>
internal sealed record Fetched(byte[]? Bytes, string? Error);

/// <summary>
/// Downloads images politely: few at once, fewer from one host, with growing pauses after failures that may pass, within a time and a
/// size; and only what its owner does not withhold (<c>X-Robots-Tag</c>). Addresses that lead to this machine or a private network are
/// refused when the connection is made, so that neither a name nor a redirection leads there.
/// </summary>
internal sealed class ImageFetcher : IDisposable
{
    private const int MostRedirects = 5;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly string[] Withheld = ["noai", "noimageai", "noindex", "noimageindex"];

    private readonly FetchRequest _request;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public ImageFetcher(FetchRequest request, TimeProvider time)
    {
        (_request, _time) = (request, time);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = request.AllowPrivate,
            ConnectTimeout = request.Timeout,
            MaxConnectionsPerServer = request.PerHost,
            ConnectCallback = request.AllowPrivate ? null : ConnectToPublic,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("taste", null) } },
        };
    }

    /// <summary>Fetches all at once, in the bounds of the request, and gives the results in the same order.</summary>
    public Fetched[] Fetch(IReadOnlyList<string> addresses, CancellationToken cancel) =>
        Task.WhenAll(addresses.Select(address => One(address, cancel))).GetAwaiter().GetResult();

    public void Dispose()
    {
        _http.Dispose();
        foreach (var host in _hosts.Values)
        {
            host.Dispose();
        }
    }

    private async Task<Fetched> One(string text, CancellationToken cancel)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || !IsWeb(address))
        {
            return new(null, "no address of the web: http:// or https:// was wanted");
        }

        var host = _hosts.GetOrAdd(address.Host, _ => new(_request.PerHost));
        await host.WaitAsync(cancel);
        try
        {
            for (var retry = 0; ; retry++)
            {
                var (fetched, after) = await Try(address, cancel);
                if (fetched.Bytes is not null || after is not { } wait || retry >= _request.Retries)
                {
                    return fetched;
                }

                var own = _request.Pause * Math.Pow(2, retry);
                await Task.Delay(TimeSpan.FromTicks(Math.Min(Math.Max(own.Ticks, wait.Ticks), LongestPause.Ticks)), _time, cancel);
            }
        }
        finally
        {
            host.Release();
        }
    }

    /// <summary>One try; with how long to wait before another, where another may help.</summary>
    private async Task<(Fetched Fetched, TimeSpan? After)> Try(Uri address, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(_request.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            for (var hop = 0; hop <= MostRedirects; hop++)
            {
                using var response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token);
                if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
                {
                    if (response.Headers.Location is not { } location || !IsWeb(address = new Uri(address, location)))
                    {
                        return (new(null, "it redirects to no address of the web"), null);
                    }

                    continue;
                }

                return await Receive(response, either.Token);
            }

            return (new(null, $"it redirects more than {MostRedirects} times"), null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (new(null, string.Create(CultureInfo.InvariantCulture, $"it took longer than {_request.Timeout.TotalSeconds:0.###} s")), TimeSpan.Zero);
        }
        catch (HttpRequestException e) when (e.InnerException is DataException refused)
        {
            return (new(null, refused.Message), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException)
        {
            return (new(null, (e.InnerException ?? e).Message.ReplaceLineEndings(" ")), TimeSpan.Zero);
        }
    }

    private async Task<(Fetched, TimeSpan?)> Receive(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var mayPass = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
            var after = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _time.GetUtcNow() : null;
            return (new(null, $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd()), mayPass ? after ?? TimeSpan.Zero : null);
        }

        if (Withholding(response) is { } directive)
        {
            return (new(null, $"its owner withholds it: X-Robots-Tag {directive}"), null);
        }

        if (response.Content.Headers.ContentLength > _request.MostBytes)
        {
            return (TooLarge(), null);
        }

        using var body = await response.Content.ReadAsStreamAsync(cancel);
        using var bytes = new MemoryStream((int)(response.Content.Headers.ContentLength ?? 0));
        var buffer = new byte[1 << 16];
        for (int read; (read = await body.ReadAsync(buffer, cancel)) > 0;)
        {
            if (bytes.Length + read > _request.MostBytes)
            {
                return (TooLarge(), null);
            }

            bytes.Write(buffer, 0, read);
        }

        return (new(bytes.ToArray(), null), null);
    }

    private Fetched TooLarge() => new(null, $"it has more than {_request.MostBytes} bytes");

    /// <summary>A directive for all, or for any program by name: who withholds from one is not asked by another.</summary>
    private static string? Withholding(HttpResponseMessage response) => !response.Headers.TryGetValues("X-Robots-Tag", out var values) ? null
        : values.SelectMany(value => value.Split(',', ':')).Select(word => word.Trim().ToLowerInvariant()).FirstOrDefault(Withheld.Contains);

    private static bool IsWeb(Uri address) => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;

    private static async ValueTask<Stream> ConnectToPublic(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var endPoint = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(endPoint.Host, cancel);
        var open = addresses.Where(PublicAddress.Is).ToArray();
        if (open.Length == 0)
        {
            throw new DataException($"'{endPoint.Host}' is {(addresses.Length == 0 ? "nowhere" : $"{addresses[0]}, no public address")}. --allow-private allows it.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, endPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
