using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Web;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Web;

public sealed class GuardTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")] // Another port of this machine.
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Origin", "null")]
    public async Task A_write_from_a_page_of_another_site_is_refused(string header, string value)
    {
        await using var server = await TestServer.Start(_studio);

        var (status, problem, _) = await server.Send(HttpMethod.Post, "/api/tastes/mine/choices", Choice(), (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("only pages of this server may", Detail(problem), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_from_an_own_page_or_from_a_program_is_let_through()
    {
        await using var server = await TestServer.Start(_studio);
        var own = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        var (fromPage, _, _) = await server.Send(HttpMethod.Post, "/api/tastes/mine/choices", Choice(), ("Sec-Fetch-Site", "same-origin"), ("Origin", own));
        var (fromProgram, _, _) = await server.Send(HttpMethod.Post, "/api/tastes/mine/choices", Choice());

        // Both reach the endpoint, which does not know the pair.
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (fromPage, fromProgram));
    }

    [Fact]
    public async Task Another_site_may_link_here_but_read_and_show_nothing()
    {
        await using var server = await TestServer.Start(_studio);

        var (followed, _, page) = await server.Send(HttpMethod.Get, "/", null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"));
        var (read, _, _) = await server.Send(HttpMethod.Get, "/api/tastes", null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors"));
        var (shown, _, _) = await server.Send(HttpMethod.Get, $"/images/{new string('a', 64)}", null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (followed, read, shown));
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("default-src 'self'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.168.1.20", false)]
    [InlineData("localhost:7117", true)]
    [InlineData("[::1]:7117", true)]
    [InlineData("127.0.0.1", true)]
    public async Task Only_names_of_this_machine_are_answered_to(string host, bool isOurs)
    {
        await using var server = await TestServer.Start(_studio);

        var (status, problem, _) = await server.Send(HttpMethod.Get, "/api/health", null, ("Host", host));

        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.Forbidden, status);
        Assert.True(isOurs || Detail(problem).Contains($"no server for '{host}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_host_nobody_comes_in_without_the_token()
    {
        await using var server = await TestServer.Start(_studio, IPAddress.Loopback);
        var token = HttpUtility.ParseQueryString(server.Address.Query)["token"]!;
        Assert.Matches("^[0-9a-f]{32}$", token);

        var (without, problem, _) = await server.Send(HttpMethod.Get, "/api/health");
        Assert.Equal(HttpStatusCode.Unauthorized, without);
        Assert.Contains("needs the token", Detail(problem), StringComparison.Ordinal);
        foreach (var wrong in new[] { "", "x", token[..^1], token + "0" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send(HttpMethod.Get, $"/api/health?token={wrong}")).Status);
        }

        var (first, _, welcome) = await server.Send(HttpMethod.Get, $"/?taste=mine&token={token}");
        Assert.Equal((HttpStatusCode.Redirect, "/?taste=mine"), (first, $"{welcome.Headers.Location}"));
        var cookie = Assert.Single(welcome.Headers.GetValues("Set-Cookie"));
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await server.Send(HttpMethod.Get, "/", null, ("Cookie", cookie.Split(';')[0]))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Send(HttpMethod.Get, "/api/health", null, ("Authorization", $"Bearer {token}"))).Status);
    }

    [Fact]
    public async Task Without_a_host_only_this_machine_is_listened_to()
    {
        await using var server = await TestServer.Start(_studio);

        Assert.Equal("127.0.0.1", server.Address.Host);
        Assert.Empty(server.Address.Query);
        var others = Dns.GetHostAddresses(Dns.GetHostName()).Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)).ToList();
        foreach (var address in others)
        {
            using var socket = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address, server.Address.Port, TestContext.Current.CancellationToken).AsTask());
        }
    }

    private static StringContent Choice() => new("{\"pair\":\"x\",\"winner\":\"left\"}", Encoding.UTF8, "application/json");

    private static string Detail(System.Text.Json.JsonElement problem) => problem.GetProperty("detail").GetString()!;
}
