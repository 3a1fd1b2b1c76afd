using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Tastemaker.Tests.Core.Models;

/// <summary>A real HTTP server on a free port of 127.0.0.1, which answers as each test tells it and remembers what it was asked.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();

    private LoopbackServer(WebApplication app)
    {
        _app = app;
    }

    /// <summary>In the order they came.</summary>
    public ConcurrentQueue<Asked> Requests { get; } = [];

    public static async Task<LoopbackServer> StartAsync(bool isSecure = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (isSecure)
            {
                listen.UseHttps(Certificate());
            }
        }));
        var server = new LoopbackServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public Uri Address(string path) => new(_app.Urls.First().TrimEnd('/') + path);

    public void On(string path, RequestDelegate answer) => _answers[path] = answer;

    /// <summary>Serves bytes as a good server does: with a length, a tag, and ranges for those who ask with the right tag.</summary>
    public void Serve(string path, byte[] bytes, string tag = "\"v1\"") => On(path, context =>
    {
        context.Response.Headers.ETag = tag;
        return Results.Bytes(bytes, "application/octet-stream", entityTag: EntityTagHeaderValue.Parse(tag), enableRangeProcessing: true)
            .ExecuteAsync(context);
    });

    /// <summary>Announces all bytes and sends the first <paramref name="count"/>; when they have arrived in <paramref name="part"/>, cuts the line.</summary>
    public void ServeFirst(string path, byte[] bytes, int count, string part, string tag = "\"v1\"") => On(path, async context =>
    {
        context.Response.Headers.ETag = tag;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, count));
        await context.Response.Body.FlushAsync();
        while (!context.RequestAborted.IsCancellationRequested && (!File.Exists(part) || new FileInfo(part).Length < count))
        {
            await Task.Delay(5);
        }

        context.Abort();
    });

    public void Redirect(string path, string to, int status = 302) => On(path, context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = to;
        return Task.CompletedTask;
    });

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var signed = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pfx), null);
    }

    private Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        Requests.Enqueue(new(context.Request.Path, headers.Range.ToString(), headers.IfRange.ToString()));
        if (_answers.TryGetValue(context.Request.Path, out var answer))
        {
            return answer(context);
        }

        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}

internal sealed record Asked(string Path, string Range, string IfRange);
