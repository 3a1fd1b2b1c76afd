using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tastemaker.App;
using Tastemaker.App.Cli;
using Tastemaker.App.Web;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Pixels;
using Tastemaker.Tests.Cli;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Web;

/// <summary><c>taste serve</c> on a free port in this process, over a studio of its own, and a program that speaks to it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Uri> _listening = new();
    private readonly Workspace _workspace;
    private readonly GistImageEncoder _encoder = new(Orientation.Apply);
    private readonly PaintingRoom _room;
    private readonly Task _serving;

    private TestServer(TestStudio studio, string[] paths, IPAddress? host, string? checkpoint)
    {
        _workspace = new(studio.Studio);
        _room = new(_workspace, Taste.Silent);
        _serving = WebHost.Serve(new(_workspace, paths, _encoder)
        {
            Port = 0, Host = host, Listening = _listening.SetResult, Painting = checkpoint is null ? null : Painting(checkpoint, studio.Studio, _workspace, _room),
        }, _stop.Token);
    }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>What a browser would open, with the token if there is one.</summary>
    public Uri Address { get; private set; } = null!;

    public static Task<TestServer> Start(TestStudio studio, IPAddress? host = null, params string[] paths) => Start(new(studio, paths, host, checkpoint: null));

    /// <summary>A server that paints.</summary>
    public static Task<TestServer> Painting(TestStudio studio, TinyCheckpoint checkpoint) => Start(new(studio, [], host: null, checkpoint.Path));

    /// <summary>As <c>taste serve --checkpoint</c> has it.</summary>
    public static ServedPainting Painting(string checkpoint, StudioFolder studio, Workspace workspace, PaintingRoom room)
    {
        var plan = new PaintPlan { Checkpoint = checkpoint, Folder = Path.Combine(studio.Root, "painted"), Device = "cpu" };
        return new(plan, PaintRules.Of(checkpoint, workspace.Models), room.Paint);
    }

    private static async Task<TestServer> Start(TestServer server)
    {
        await await Task.WhenAny(server._listening.Task, server._serving);
        server.Address = await server._listening.Task;
        server.Client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new(server.Address.GetLeftPart(UriPartial.Authority)),
            Timeout = Patience,
        };
        return server;
    }

    /// <summary>A server over so many small pictures, once all of them can be judged.</summary>
    public static async Task<TestServer> Over(TestStudio studio, int pictures)
    {
        for (var i = 0; i < pictures; i++)
        {
            studio.Folder.Write($"pictures/{i:D3}.png", Picture(i));
        }

        var server = await Start(studio, host: null, studio.Folder.Folder("pictures"));
        await server.Until(health => Described(health) == pictures && Step(health) == "idle");
        return server;
    }

    /// <summary>A small PNG of one colour over another, unlike those of other seeds.</summary>
    public static byte[] Picture(int seed)
    {
        const int Width = 24, Height = 16;
        var (random, pixels, colours) = (new Random(seed), new byte[Width * Height * 3], new byte[6]);
        random.NextBytes(colours);
        var border = random.Next(1, Height) * Width * 3;
        for (var p = 0; p < pixels.Length; p++)
        {
            pixels[p] = colours[(p % 3) + (p < border ? 0 : 3)];
        }

        return ImageWriter.Png(new(Width, Height, PixelMode.Rgb, pixels));
    }

    public async Task<JsonElement> Get(string path)
    {
        using var answer = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        return await Json(answer);
    }

    public async Task<JsonElement> Post(string path, object body)
    {
        using var answer = await Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        return await Json(answer);
    }

    public async Task<JsonElement> Delete(string path)
    {
        using var answer = await Client.DeleteAsync(path, TestContext.Current.CancellationToken);
        return await Json(answer);
    }

    /// <summary>Sends a request as it is, with headers that a client would not let through.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Problem, HttpResponseMessage Answer)> Send(
        HttpMethod method, string path, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        var answer = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var isProblem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
        return (answer.StatusCode, isProblem ? JsonDocument.Parse(text).RootElement : default, answer);
    }

    /// <summary>Asks how the program is until it is as wanted.</summary>
    public Task Until(Predicate<JsonElement> isSo) => Until("/api/health", isSo);

    /// <summary>Asks an address until it answers as wanted; returns that answer.</summary>
    public async Task<JsonElement> Until(string path, Predicate<JsonElement> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var answer = await Get(path);
        while (!isSo(answer))
        {
            await Task.Delay(20, patience.Token);
            answer = await Get(path);
        }

        return answer;
    }

    public static long Described(JsonElement health) => health.GetProperty("described").GetInt64();

    public static string Step(JsonElement health) => health.GetProperty("intake").GetProperty("step").GetString()!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _stop.CancelAsync();
        await _serving;
        _room.Dispose();
        _encoder.Dispose();
        _workspace.Dispose();
        _stop.Dispose();
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri} is answered with {answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
