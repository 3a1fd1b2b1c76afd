using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Tastemaker.App;
using Tastemaker.App.Web;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Web;

public sealed class ApiDocumentTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task Every_route_is_documented_and_every_documented_one_answers()
    {
        await using var server = await TestServer.Over(_studio, 2);
        var document = await server.Get("/api/openapi.json");
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var documented = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Method: operation.Name.ToUpperInvariant(), Path: path.Name, Operation: operation.Value))).ToList();

        Assert.Equal(await Routes(), documented.Select(d => $"{d.Method} {d.Path}").Order(StringComparer.Ordinal));
        var image = (await server.Get("/api/images")).GetProperty("images")[0].GetProperty("image").GetString();
        foreach (var (method, path, operation) in documented)
        {
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            var body = method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
            var address = path.Replace("{taste}", "mine", StringComparison.Ordinal).Replace("{contentId}", image, StringComparison.Ordinal);
            var status = (int)(await server.Send(new(method), address, body)).Status;
            Assert.True(operation.GetProperty("responses").TryGetProperty($"{status}", out _), $"{method} {path} answers {status}, which is not documented.");
        }
    }

    [Fact]
    public async Task Schemas_and_errors_are_in_the_document()
    {
        await using var server = await TestServer.Start(_studio);
        var document = await server.Get("/api/openapi.json");

        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal(["pair", "winner"], schemas.GetProperty("ChoiceRequest").GetProperty("required").EnumerateArray().Select(r => r.GetString()));
        Assert.Contains("draw", $"{schemas.GetProperty("Winner")}", StringComparison.Ordinal);
        var choose = document.GetProperty("paths").GetProperty("/api/tastes/{taste}/choices").GetProperty("post").GetProperty("responses");
        foreach (var status in new[] { HttpStatusCode.BadRequest, HttpStatusCode.Conflict, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnprocessableEntity })
        {
            Assert.True(choose.GetProperty($"{(int)status}").GetProperty("content").TryGetProperty("application/problem+json", out _));
        }

        var score = document.GetProperty("paths").GetProperty("/api/score").GetProperty("post").GetProperty("requestBody").GetProperty("content");
        Assert.Contains("binary", $"{score.GetProperty("multipart/form-data")}", StringComparison.Ordinal);
    }

    /// <summary>As the program maps them, but the document's own.</summary>
    private static async Task<List<string>> Routes()
    {
        using var other = new TestStudio();
        using var workspace = new Workspace(other.Studio);
        using var encoder = new GistImageEncoder(Orientation.Apply);
        await using var app = WebHost.Build(new ServeRequest(workspace, [], encoder) { Port = 0 }, token: null);
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal) && route.RoutePattern.RawText != "/api/openapi.json")
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {route.RoutePattern.RawText}"))
            .Order(StringComparer.Ordinal)];
    }
}
