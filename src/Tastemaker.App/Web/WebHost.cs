using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Tastemaker.App.Web.Api;

namespace Tastemaker.App.Web;

/// <summary>The web face of the program: pages for people, endpoints for programs, one process, one studio.</summary>
internal static class WebHost
{
    /// <summary>Of a request that sends no files.</summary>
    private const long LongestBody = 1 << 20;

    /// <summary>Shorter than the two seconds after which an interrupted command line is ended.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="App.Serve"/>
    public static async Task Serve(ServeRequest request, CancellationToken cancel)
    {
        // Encoding takes as many threads as there are processors, and answers must not wait for them.
        ThreadPool.GetMinThreads(out var threads, out var ports);
        ThreadPool.SetMinThreads(Math.Max(threads, (4 * Environment.ProcessorCount) + 8), ports);

        var token = request.Host is null ? null : new AccessToken();
        await using var app = Build(request, token);
        await Start(app, request, cancel);
        request.Listening(Address(app, token));
        await Task.Delay(Timeout.Infinite, cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await app.StopAsync(CancellationToken.None);
    }

    internal static WebApplication Build(ServeRequest request, AccessToken? token)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(WebHost).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.Listen(request.Host ?? IPAddress.Loopback, request.Port);
        });
        Register(builder.Services, request);

        var app = builder.Build();
        Problems.Use(app, request.Note);
        new Guard(token).Use(app);
        app.UseRouting();
        WebAssets.Map(app);
        app.Services.GetRequiredService<ImageEndpoints>().Map(app);
        app.Services.GetRequiredService<TasteEndpoints>().Map(app);
        app.Services.GetRequiredService<LibraryEndpoints>().Map(app);
        app.Services.GetRequiredService<ScoreEndpoint>().Map(app);
        app.Services.GetRequiredService<PaintEndpoints>().Map(app);
        app.MapOpenApi("/api/openapi.json");
        Pages.Fragments.Map(app);
        app.MapRazorComponents<Pages.App>().DisableAntiforgery();
        return app;
    }

    private static void Register(IServiceCollection services, ServeRequest request)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Farewell);
        services.Configure<RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
            json.SerializerOptions.ReadCommentHandling = JsonCommentHandling.Disallow;
        });
        services.AddRoutingCore();
        services.AddRazorComponents();

        services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new PassingKeys());
        ApiDocument.Register(services);
        services.AddSingleton(request).AddSingleton<Studio>().AddSingleton<Intake>().AddSingleton<PaintWorker>();
        services.AddSingleton<ImageEndpoints>().AddSingleton<TasteEndpoints>().AddSingleton<LibraryEndpoints>().AddSingleton<ScoreEndpoint>().AddSingleton<PaintEndpoints>();
        services.AddHostedService(provider => provider.GetRequiredService<Intake>()).AddHostedService<Freshness>().AddHostedService(provider => provider.GetRequiredService<PaintWorker>());
    }

    private static async Task Start(WebApplication app, ServeRequest request, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new UserException($"port {request.Port} is in use by another program, which may be another 'taste serve'. Stop that one, or take another port with '--port'.");
        }
        catch (SocketException e)
        {
            throw new UserException($"nothing can listen on {request.Host ?? IPAddress.Loopback} port {request.Port}: {e.Message}. "
                + "Name an address of this machine with '--host', and a port that you may use.");
        }
    }

    /// <summary>What a browser has to open; where the program listens to every address, that is the machine's name.</summary>
    private static Uri Address(WebApplication app, AccessToken? token)
    {
        var address = new UriBuilder(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        if (token is not null)
        {
            address.Query = $"{AccessToken.Query}={token.Value}";
            address.Host = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
                ? Environment.MachineName : address.Host;
        }

        return address.Uri;
    }
}
