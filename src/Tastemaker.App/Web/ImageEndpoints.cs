using Microsoft.Net.Http.Headers;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;

namespace Tastemaker.App.Web;

/// <summary>Pictures, named by their content: what an address shows never changes, so browsers may keep it forever.</summary>
internal sealed class ImageEndpoints(Studio studio) : IDisposable
{
    /// <summary>The side of the thumbnails that are made before anybody asks.</summary>
    public const int UsualSide = 512;

    private const string Forever = "private, max-age=31536000, immutable";

    private readonly Thumbnails _thumbnails = new(studio.Folder);

    // Decoding takes a processor and memory; one processor stays for answering.
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount - 1));

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/images/{contentId}", Original).ExcludeFromDescription();
        app.MapGet("/thumbnails/{contentId}", Thumbnail).ExcludeFromDescription();
    }

    public void Dispose() => _turns.Dispose();

    private IResult Original(string contentId, HttpContext http)
    {
        var image = Find(contentId);
        var file = Whereabouts(image);
        return Send(http, file, ContentType(image.Format), image.ContentId);
    }

    private async Task<IResult> Thumbnail(string contentId, HttpContext http, int side = UsualSide)
    {
        if (!Thumbnails.Sides.Contains(side))
        {
            throw HttpProblem.BadRequest($"thumbnails of side {side} are not made; {string.Join(", ", Thumbnails.Sides)} are.");
        }

        var image = Find(contentId);
        var path = _thumbnails.Find(image.ContentId, side) ?? await Make(image.ContentId, Whereabouts(image), side, http.RequestAborted);
        return Send(http, path, "image/webp", $"{image.ContentId}-{side}");
    }

    public bool IsPrepared(KnownImage image) => _thumbnails.Find(Convert.ToHexStringLower(image.ContentId), UsualSide) is not null;

    /// <summary>Makes the usual thumbnail of an image before anybody asks, in its turn.</summary>
    public Task<string> Prepare(KnownImage image, string file, CancellationToken cancel) =>
        Make(Convert.ToHexStringLower(image.ContentId), file, UsualSide, cancel);

    private async Task<string> Make(string contentId, string file, int side, CancellationToken cancel)
    {
        await _turns.WaitAsync(cancel);
        try
        {
            return _thumbnails.Make(contentId, file, side, cancel);
        }
        finally
        {
            _turns.Release();
        }
    }

    private StudioImage Find(string contentId) => studio.Image(contentId)
        ?? throw HttpProblem.NotFound("no image of that content id is in the studio. '/api/images' lists those that are.");

    private static string Whereabouts(StudioImage image) => image.Whereabouts() ?? throw HttpProblem.Gone(image.Path is null
        ? "the studio knows the image, and no file of it."
        : $"'{image.Path}' is gone, or no longer holds the image. Put it back, or name the folder that it is in to 'taste serve'.");

    private static IResult Send(HttpContext http, string path, string contentType, string tag)
    {
        http.Response.Headers.CacheControl = Forever;
        return Results.File(path, contentType, entityTag: new EntityTagHeaderValue($"\"{tag}\""), enableRangeProcessing: true);
    }

    private static string ContentType(string format) => format switch
    {
        "png" or "jpeg" or "webp" or "avif" or "gif" or "tiff" or "bmp" => $"image/{format}",
        _ => "application/octet-stream",
    };
}
