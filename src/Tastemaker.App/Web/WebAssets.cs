using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Tastemaker.App.Web;

/// <summary>
/// Styles, scripts and pictures of the pages: <c>wwwroot/</c>, inside the program. An address that names the content
/// (<see cref="Url"/>) may be kept forever.
/// </summary>
internal static class WebAssets
{
    private const string Folder = "wwwroot/";

    private static readonly FrozenDictionary<string, Asset> All = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Folder.Length..].Replace('\\', '/'), Asset.Load);

    /// <param name="name">Its path under <c>wwwroot/</c>, such as <c>app.css</c>.</param>
    public static string Url(string name) => $"/assets/{name}?v={All[name].Version}";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/assets/{**name}", (string name, HttpContext http) =>
    {
        if (!All.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = http.Request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(asset.Content, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Version}\""));
    }).ExcludeFromDescription();

    private sealed record Asset(byte[] Content, string ContentType, string Version)
    {
        public static Asset Load(string name)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new(content, TypeOf(name), Convert.ToHexStringLower(SHA256.HashData(content))[..16]);
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".woff2" => "font/woff2",
            ".json" or ".webmanifest" => "application/json",
            _ => "application/octet-stream",
        };
    }
}
