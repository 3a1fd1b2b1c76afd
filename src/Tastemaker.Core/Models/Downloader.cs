using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Tastemaker.Core.Models;

/// <summary>One file to fetch.</summary>
/// <param name="What">How messages name it: <c>'weights.pth' of 'asv2'</c>.</param>
/// <param name="Size">In bytes, where it is known beforehand.</param>
/// <param name="Sha256">In lower-case hex, where it is known beforehand.</param>
/// <param name="Limit">More bytes than this are not fetched.</param>
internal sealed record Wanted(string What, string File, Uri Address, long? Size, string? Sha256, long Limit);

/// <summary>A file that was fetched whole.</summary>
/// <param name="Published">Whether its checksum was known from its publisher, rather than only computed here.</param>
internal sealed record Landed(long Size, string Sha256, bool Published);

/// <summary>How long a server may be silent, how often a transfer is tried again, how far redirections are followed.</summary>
internal sealed record Patience
{
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Tries in a row that bring less than <see cref="Progress"/>.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>Before the second try; doubled before each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    public int Redirects { get; init; } = 10;

    /// <summary>Bytes beyond the furthest yet that make a broken transfer worth going on with, however often it breaks.</summary>
    public long Progress { get; init; } = 1 << 20;
}

/// <summary>
/// Fetches a file over HTTP so that it is there whole and checked, or not at all. A transfer that breaks goes on where it stopped,
/// in this run or a later one, if the server still has the same file (RFC 9110, 13.1.5 and 14).
/// </summary>
internal sealed class Downloader(HttpMessageHandler handler, TimeProvider time, Patience patience) : IDisposable
{
    private readonly HttpClient _http = new(handler)
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("taste", null) } },
    };

    /// <summary>
    /// Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or the system's settings. Redirections are left to the downloader, which checks them.
    /// </summary>
    public static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        UseCookies = false,
    };

    /// <summary>Fetches to <paramref name="target"/>; null where the server has no such file.</summary>
    /// <exception cref="ModelException">It cannot be had, or is not what was wanted.</exception>
    public Landed? Fetch(Wanted wanted, string target, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        using var part = PartFile.Open(target, cancel);
        var furthest = part.Length;
        for (var tries = 1; ; tries++)
        {
            var outcome = Try(wanted, part, progress, cancel);
            switch (outcome)
            {
                case Done done:
                    return done.File;
                case Absent:
                    part.Delete();
                    return null;
                case Broken broken:
                    if (part.Length >= furthest + patience.Progress)
                    {
                        (furthest, tries) = (part.Length, 0);
                    }

                    if (tries >= patience.Tries)
                    {
                        throw new ModelException(
                            $"{wanted.What} could not be fetched from '{wanted.Address}': {broken.Why}. "
                            + $"{part.Length} bytes are kept: run the same command again to go on.");
                    }

                    Pause(broken, Math.Max(tries, 1), wanted, part, progress, cancel);
                    break;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private Outcome Try(Wanted wanted, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        if (!Resumable(wanted, part))
        {
            part.Begin(new(wanted.Address, null, null, null, null));
        }

        var length = wanted.Size ?? part.Origin!.Length;
        if (part.Length > 0 && part.Length == length)
        {
            return Finish(wanted, part);
        }

        using var stall = new CancellationTokenSource(patience.Stall, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        try
        {
            var (response, announced) = Send(wanted, part, stall, either.Token);
            using (response)
            {
                return response.StatusCode switch
                {
                    HttpStatusCode.OK => Receive(response, announced, from: 0),
                    HttpStatusCode.PartialContent when Continues(response, part, length) => Receive(response, announced, part.Length),
                    HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable => StartOver(),
                    HttpStatusCode.NotFound or HttpStatusCode.Gone => new Absent(),
                    HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                        new Broken($"the server answered {Status(response)}", RetryAfter(response)),
                    HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw Refused(
                        wanted,
                        $"the server answered {Status(response)}: it wants a sign-in. Fetch the file with a browser and use 'taste models import'"),
                    _ => throw Refused(wanted, $"the server answered {Status(response)}"),
                };
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Broken(string.Create(CultureInfo.InvariantCulture, $"no byte came for {patience.Stall.TotalSeconds:0.###} s"));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            throw Refused(wanted, $"{Reason(e)} (a proxy is taken from HTTPS_PROXY, HTTP_PROXY and NO_PROXY)");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Broken(Reason(e));
        }

        Outcome StartOver()
        {
            part.Begin(new(wanted.Address, null, null, null, null));
            return new Broken("the server did not go on where the file stopped, so it starts over");
        }

        Outcome Receive(HttpResponseMessage response, string? announced, long from)
        {
            var total = from + response.Content.Headers.ContentLength;
            CheckOffer(wanted, response, total);
            if (from == 0)
            {
                var headers = response.Headers;
                part.Begin(new(wanted.Address, headers.ETag?.ToString(), response.Content.Headers.LastModified, total, announced));
            }

            var broken = Copy(wanted, response, total, part, progress, stall, either.Token);
            return broken is null ? Finish(wanted, part) : broken;
        }
    }

    private static bool Resumable(Wanted wanted, PartFile part) =>
        part.Origin is { } origin
        && origin.Address == wanted.Address
        && (wanted.Sha256 ?? origin.Announced ?? Validator(origin)?.ToString()) is not null
        && part.Length <= (wanted.Size ?? origin.Length ?? wanted.Limit);

    private static RangeConditionHeaderValue? Validator(PartOrigin origin) =>
        EntityTagHeaderValue.TryParse(origin.ETag, out var tag) && !tag.IsWeak ? new(tag)
        : origin.LastModified is { } modified ? new(modified)
        : null;

    /// <summary>Asks, and follows redirections; also gives the SHA-256 that a server on the way named for the file.</summary>
    private (HttpResponseMessage Response, string? Announced) Send(
        Wanted wanted, PartFile part, CancellationTokenSource stall, CancellationToken cancel)
    {
        var address = wanted.Address;
        string? announced = null;
        for (var hop = 0; hop <= patience.Redirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (part.Length > 0)
            {
                request.Headers.Range = new(part.Length, null);
                request.Headers.IfRange = Validator(part.Origin!);
            }

            var response = _http.Send(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            stall.CancelAfter(patience.Stall);
            announced ??= LinkedChecksum(response);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return (response, announced);
            }

            address = Redirected(wanted, address, response.Headers.Location);
            response.Dispose();
        }

        throw Refused(wanted, $"the server redirected more than {patience.Redirects} times, at last to '{address}'");
    }

    private static Uri Redirected(Wanted wanted, Uri from, Uri? location)
    {
        if (location is null)
        {
            throw Refused(wanted, $"'{from}' redirects without an address that can be read");
        }

        var to = new Uri(from, location);
        var isSafe = to.Scheme == Uri.UriSchemeHttps
            || (to.Scheme == Uri.UriSchemeHttp && (from.Scheme == Uri.UriSchemeHttp || to.IsLoopback));
        return isSafe ? to : throw Refused(wanted, $"'{from}' redirects to '{to}', which is less protected");
    }

    /// <summary>Hugging Face names the SHA-256 of a large file in a header of its own, on the redirection to the file's store.</summary>
    private static string? LinkedChecksum(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Linked-Etag", out var values)
        && values.First().Trim('"').ToLowerInvariant() is { Length: 64 } hex && hex.All(char.IsAsciiHexDigitLower)
            ? hex
            : null;

    private static bool Continues(HttpResponseMessage response, PartFile part, long? length) =>
        response.Content.Headers.ContentRange is { Unit: "bytes", From: { } from } range
        && from == part.Length
        && (length is null || range.Length is null || range.Length == length)
        && (response.Content.Headers.ContentLength is not { } rest || range.To is null || range.To - from + 1 == rest)
        && (part.Origin!.ETag is not { } tag || response.Headers.ETag is null || response.Headers.ETag.ToString() == tag);

    private static void CheckOffer(Wanted wanted, HttpResponseMessage response, long? total)
    {
        if (response.Content.Headers.ContentEncoding.Count > 0)
        {
            var encoding = string.Join(", ", response.Content.Headers.ContentEncoding);
            throw Refused(wanted, $"the server sent it encoded as '{encoding}', which was not asked for");
        }

        if (wanted.Size is { } size && total is { } offered && offered != size)
        {
            throw Refused(wanted, $"the server offers {offered} bytes and {size} are wanted: it is another file");
        }

        if (total > wanted.Limit)
        {
            throw Refused(wanted, $"the server offers {total} bytes, more than the {wanted.Limit} that such a file may have");
        }

        if (total is null && wanted.Size is null && wanted.Sha256 is null && response.Headers.TransferEncodingChunked is not true)
        {
            throw Refused(wanted, "the server does not say how long the file is, so a part could not be told from the whole");
        }
    }

    /// <summary>The body to the end; null if it is all there.</summary>
    private Broken? Copy(
        Wanted wanted, HttpResponseMessage response, long? total, PartFile part, IProgress<DownloadProgress>? progress,
        CancellationTokenSource stall, CancellationToken cancel)
    {
        using var body = response.Content.ReadAsStream(cancel);
        var buffer = new byte[1 << 17];
        while (true)
        {
            // The synchronous read of a network stream cannot be cancelled.
            var read = body.ReadAsync(buffer, cancel).AsTask().GetAwaiter().GetResult();
            if (read == 0)
            {
                break;
            }

            stall.CancelAfter(patience.Stall);
            if (part.Length + read > wanted.Limit)
            {
                part.Delete();
                throw Refused(wanted, $"the server sends more than {wanted.Limit} bytes");
            }

            part.Append(buffer.AsSpan(0, read));
            progress?.Report(new(wanted.File, part.Length, total));
        }

        return (wanted.Size ?? total) is { } whole && part.Length < whole
            ? new Broken($"the connection ended after {part.Length} of {whole} bytes")
            : null;
    }

    private static Done Finish(Wanted wanted, PartFile part)
    {
        var hash = part.Hash();
        var expected = wanted.Sha256 ?? part.Origin!.Announced;
        if (expected is not null && hash != expected)
        {
            part.Delete();
            throw Refused(
                wanted,
                $"its SHA-256 is {hash} and {expected} is wanted; what came is deleted. Something on the way changes the file, or it was replaced");
        }

        var length = part.Length;
        part.Land();
        return new Done(new(length, hash, expected is not null));
    }

    private void Pause(
        Broken broken, int tries, Wanted wanted, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var own = patience.Pause * Math.Pow(2, tries - 1);
        var pause = TimeSpan.FromTicks(Math.Min(Math.Max(own.Ticks, broken.After?.Ticks ?? 0), patience.LongestPause.Ticks));
        var note = string.Create(CultureInfo.InvariantCulture, $"{broken.Why}; trying again in {pause.TotalSeconds:0.#} s");
        progress?.Report(new(wanted.File, part.Length, wanted.Size ?? part.Origin?.Length, note));
        Task.Delay(pause, time, cancel).GetAwaiter().GetResult();
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null;

    private static ModelException Refused(Wanted wanted, string why) =>
        new($"{wanted.What} cannot be fetched from '{wanted.Address}': {why}.");

    private static string Status(HttpResponseMessage response) => $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();

    private static string Reason(Exception e) => (e.InnerException is IOException inner ? inner : e).Message.TrimEnd('.');

    private abstract record Outcome;

    private sealed record Done(Landed File) : Outcome;

    private sealed record Absent : Outcome;

    /// <param name="After">How long the server wants to be left alone.</param>
    private sealed record Broken(string Why, TimeSpan? After = null) : Outcome;
}
