using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Web;

public sealed class ImagePageTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task A_picture_s_page_shows_how_it_was_made_and_trusts_none_of_it()
    {
        const string Written = "a <b>cat</b>\nNegative prompt: <script>alert(1)</script>\nSteps: 20, Sampler: Euler a, Seed: 7, Size: 512x768, Clip skip: 2";
        _studio.Folder.Write("pictures/made.png", InfoCommandTests.Texts(("parameters", Written)));
        await using var server = await TestServer.Start(_studio, host: null, _studio["pictures"]);
        await server.Until(health => TestServer.Described(health) == 1 && TestServer.Step(health) == "idle");
        var id = (await server.Get("/api/images")).GetProperty("images")[0].GetProperty("image").GetString();

        var page = await server.Client.GetStringAsync($"/library/{id}", TestContext.Current.CancellationToken);

        foreach (var part in (string[])["Made with AUTOMATIC1111", "a &lt;b&gt;cat&lt;/b&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;", ">512x768<", ">Euler a<", "1 more setting", ">Clip skip<"])
        {
            Assert.Contains(part, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_page_of_a_picture_that_nothing_is_written_into_or_whose_file_is_gone_is_shown_without()
    {
        await using var server = await TestServer.Over(_studio, 2);
        var images = (await server.Get("/api/images")).GetProperty("images");
        File.Delete(images[0].GetProperty("path").GetString()!);

        foreach (var image in images.EnumerateArray())
        {
            var page = await server.Client.GetStringAsync($"/library/{image.GetProperty("image").GetString()}", TestContext.Current.CancellationToken);
            Assert.DoesNotContain("data-made", page, StringComparison.Ordinal);
        }
    }
}
