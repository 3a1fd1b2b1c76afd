using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Web;

public sealed class ImageEndpointsTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Theory]
    [InlineData("jpeg_420_317x411.jpg", "image/jpeg")]
    [InlineData("gif_250x240.gif", "image/gif")]
    [InlineData("webp_lossy_333x287.webp", "image/webp")]
    public async Task An_image_is_its_file_byte_for_byte_and_may_be_kept_forever(string name, string type)
    {
        var folder = _studio.Pictures(name);
        await using var server = await Serve(folder, 1);
        var url = (await Only(server)).GetProperty("url").GetString()!;
        var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);

        using var answer = await server.Client.GetAsync(url, TestContext.Current.CancellationToken);

        Assert.Equal(type, $"{answer.Content.Headers.ContentType}");
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["immutable", "max-age=31536000", "private"], $"{answer.Headers.CacheControl}".Split(", ").Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotModified, (await server.Send(HttpMethod.Get, url, null, ("If-None-Match", $"{answer.Headers.ETag}"))).Status);
        var (status, _, part) = await server.Send(HttpMethod.Get, url, null, ("Range", "bytes=2-5"));
        Assert.Equal(HttpStatusCode.PartialContent, status);
        Assert.Equal(bytes[2..6], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Thumbnails_are_made_beforehand_and_on_demand_and_once()
    {
        var folder = _studio.Pictures("grad_640x480.png");
        await using var server = await Serve(folder, 1);
        var image = await Only(server);
        var id = image.GetProperty("image").GetString()!;

        Assert.Equal([Made(512, id)], ThumbnailFiles());
        foreach (var (side, width, height) in new[] { (256, 256, 192), (512, 512, 384), (1024, 640, 480) })
        {
            using var answer = await server.Client.GetAsync($"/thumbnails/{id}?side={side}", TestContext.Current.CancellationToken);
            Assert.Equal("image/webp", $"{answer.Content.Headers.ContentType}");
            var picture = ImageDecoder.Decode(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), cancel: TestContext.Current.CancellationToken);
            Assert.Equal((width, height), (picture.Width, picture.Height));
        }

        Assert.Equal([Made(1024, id), Made(256, id), Made(512, id)], ThumbnailFiles());
        var before = File.GetLastWriteTimeUtc(Made(256, id));
        using var again = await server.Client.GetAsync($"/thumbnails/{id}?side=256", TestContext.Current.CancellationToken);
        Assert.True(again.IsSuccessStatusCode);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Made(256, id)));

        var (status, problem, _) = await server.Send(HttpMethod.Get, $"/thumbnails/{id}?side=100000");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("256, 512, 1024 are", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_known_images_as_they_were_is_shown()
    {
        var folder = _studio.Pictures("grad_640x480.png", "tiny_10x10.png");
        await using var server = await Serve(folder, 2);
        var images = (await server.Get("/api/images?sort=name")).GetProperty("images").EnumerateArray().Select(i => i.GetProperty("url").GetString()!).ToList();

        foreach (var unknown in new[] { $"/images/{new string('0', 64)}", "/images/..%2F..%2Fstudio%2Fstudio.db", "/images/x", $"/thumbnails/{new string('z', 64)}" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await server.Send(HttpMethod.Get, unknown)).Status);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "grad_640x480.png"), "a secret", TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(folder, "tiny_10x10.png"));
        foreach (var url in images)
        {
            var (status, problem, _) = await server.Send(HttpMethod.Get, url);
            Assert.Equal(HttpStatusCode.Gone, status);
            Assert.Contains("is gone, or no longer holds the image", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Images_that_come_later_are_taken_in_also_those_that_are_written_slowly()
    {
        var folder = _studio.Folder.Folder("pictures");
        await using var server = await TestServer.Start(_studio, host: null, folder);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Goldens.Own, "preprocess/images/grad_640x480.png"), TestContext.Current.CancellationToken);
        await server.Until(health => TestServer.Step(health) == "idle");

        _studio.Folder.Write("pictures/new/whole.png", TestServer.Picture(1));
        _studio.Folder.Write("pictures/.hidden.png", TestServer.Picture(2));
        await using (var slow = File.Create(Path.Combine(folder, "slow.png")))
        {
            await slow.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), TestContext.Current.CancellationToken);
            await slow.FlushAsync(TestContext.Current.CancellationToken);
            await server.Until(health => TestServer.Described(health) == 1);
            await slow.WriteAsync(bytes.AsMemory(bytes.Length / 2), TestContext.Current.CancellationToken);
        }

        await server.Until(health => TestServer.Described(health) == 2 && TestServer.Step(health) == "idle");
        var paths = (await server.Get("/api/images?sort=name")).GetProperty("images").EnumerateArray().Select(i => Path.GetFileName(i.GetProperty("path").GetString()));
        Assert.Equal(["slow.png", "whole.png"], paths);
    }

    [Fact]
    public async Task Uploads_are_scored_and_not_kept_and_paths_enter_the_studio()
    {
        var folder = _studio.Pictures("grad_640x480.png", "jpeg_420_317x411.jpg");
        await using var server = await TestServer.Start(_studio);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(folder, "grad_640x480.png"), TestContext.Current.CancellationToken)), "files", "grad.png" },
            { new StringContent("no image"), "files", "text.png" },
        };

        using var uploaded = await server.Client.PostAsync("/api/score", form, TestContext.Current.CancellationToken);
        var answer = JsonDocument.Parse(await uploaded.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.True(uploaded.IsSuccessStatusCode, $"{answer}");
        var scored = Assert.Single(answer.GetProperty("images").EnumerateArray());
        Assert.Equal("grad.png", scored.GetProperty("name").GetString());
        Assert.Equal("text.png", Assert.Single(answer.GetProperty("failures").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(0, _studio.Count().Images);

        var named = await server.Post("/api/score", new { paths = new[] { folder } });
        Assert.Equal(2, named.GetProperty("images").GetArrayLength());
        Assert.Equal(2, _studio.Count().Images);
        Assert.All(named.GetProperty("images").EnumerateArray(), image => Assert.Equal(JsonValueKind.Object, image.GetProperty("taste").ValueKind));
        var same = named.GetProperty("images").EnumerateArray().Single(i => i.GetProperty("image").GetString() == scored.GetProperty("image").GetString());
        Assert.Equal(Raw(scored), Raw(same), 1e-3); // The studio keeps float16.

        static double Raw(JsonElement image) => image.GetProperty("scores")[0].GetProperty("raw").GetDouble();
    }

    [Fact]
    public async Task Scoring_refuses_what_it_cannot_read()
    {
        await using var server = await TestServer.Start(_studio, IPAddress.Loopback, _studio.Folder.Folder("served"));
        var token = ("Authorization", $"Bearer {server.Address.Query.Split('=')[1]}");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await server.Send(HttpMethod.Post, "/api/score", new StringContent("x"), token)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.Send(HttpMethod.Post, "/api/score", Paths("relative.png"), token)).Status);
        var (status, problem, _) = await server.Send(HttpMethod.Post, "/api/score", Paths(_studio["elsewhere.png"]), token);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("Upload the file instead", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        static StringContent Paths(string path) => new(JsonSerializer.Serialize(new { paths = new[] { path } }), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
    }

    private async Task<TestServer> Serve(string folder, int count)
    {
        var server = await TestServer.Start(_studio, host: null, folder);
        await server.Until(health => TestServer.Described(health) == count && TestServer.Step(health) == "idle");
        return server;
    }

    private static async Task<JsonElement> Only(TestServer server) => Assert.Single((await server.Get("/api/images")).GetProperty("images").EnumerateArray());

    private string Made(int side, string id) => Path.Combine(_studio.Studio.Thumbnails, $"{side}", id[..2], $"{id}.webp");

    private string[] ThumbnailFiles() => [.. Directory.EnumerateFiles(_studio.Studio.Thumbnails, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
