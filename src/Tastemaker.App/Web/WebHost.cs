using System.Net;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Tastemaker.App.Web;

/// <summary>The web face of the program: pages for people, endpoints for programs, one process, one studio.</summary>
internal static class WebHost
{
    /// <summary>Shorter than the two seconds after which an interrupted command line is ended.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="App.Serve"/>
    public static async Task Serve(ServeRequest request, CancellationToken cancel)
    {
        await using var app = Build(request);
        await Start(app, request, cancel);
        request.Listening(new(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.First()));
        await Task.Delay(Timeout.Infinite, cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await app.StopAsync(CancellationToken.None);
    }

    private static WebApplication Build(ServeRequest request)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(WebHost).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(request.Host ?? IPAddress.Loopback, request.Port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Farewell);
        builder.Services.AddRoutingCore();
        builder.Services.AddRazorComponents();
        builder.Services.AddSingleton(request).AddSingleton<Studio>();

        var app = builder.Build();
        app.UseRouting();
        WebAssets.Map(app);
        app.MapRazorComponents<Pages.App>().DisableAntiforgery();
        return app;
    }

    private static async Task Start(WebApplication app, ServeRequest request, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new UserException($"port {request.Port} is in use by another program, which may be another 'taste serve'. Stop that one, or take another port with '--port'.");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new UserException($"nothing can listen on {request.Host} port {request.Port}: {e.Message} Name an address of this machine with '--host', and a port that you may use.");
        }
    }
}
