using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tastemaker.App.Web.Pages;

/// <summary>Pieces of pages that htmx asks for, and the lists that pages offer to download.</summary>
internal static class Fragments
{
    private const int Neighbours = 12;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/progress", Working).ExcludeFromDescription();
        app.MapGet("/library/tiles", Tiles).ExcludeFromDescription();
        app.MapGet("/library/export", Export).ExcludeFromDescription();
        app.MapGet("/library/{id}/near", Near).ExcludeFromDescription();
        app.MapGet("/paint/now", Now).ExcludeFromDescription();
        app.MapGet("/paint/results", Painted).ExcludeFromDescription();
    }

    private static RazorComponentResult<Working> Working(Intake intake) => new(new { intake.State.Step, intake.State.Done, intake.State.Total });

    private static RazorComponentResult<Tiles> Tiles(HttpContext http, Studio studio, int offset)
    {
        var (visit, query) = (Visit.Of(http), WallQuery.Of(http.Request));
        return new(new { Wall = Wall.Of(studio, visit, query, Math.Max(0, offset), Wall.Chunk), Visit = visit, IsPainted = query.IsPainted(studio.Request) });
    }

    private static RazorComponentResult<PaintNow> Now(HttpContext http) => new(new { Visit = Visit.Of(http) });

    private static RazorComponentResult<PaintResults> Painted(HttpContext http) => new(new { Visit = Visit.Of(http) });

    private static async Task Export(HttpContext http, Studio studio, string? form, CancellationToken cancel)
    {
        const int Most = 1000;
        var (visit, query, isTable) = (Visit.Of(http), WallQuery.Of(http.Request), form == "csv");
        http.Response.ContentType = isTable ? "text/csv; charset=utf-8" : "text/plain; charset=utf-8";
        await http.Response.WriteAsync(isTable ? "content_id,path,mean,deviation,percentile\n" : "", cancel);
        for (var offset = 0; Wall.Of(studio, visit, query, offset, Most) is { Tiles.Count: > 0 } wall; offset += Most)
        {
            var lines = new StringBuilder();
            foreach (var tile in wall.Tiles)
            {
                lines.Append(isTable ? Row(tile) : tile.Image.Path).Append('\n');
            }

            await http.Response.WriteAsync(lines.ToString(), cancel);
        }
    }

    private static string Row(Tile tile) => FormattableString.Invariant(
        $"{tile.Image.ContentId},\"{tile.Image.Path?.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{tile.Ranked?.Mean},{tile.Ranked?.Deviation},{tile.Ranked?.Percentile}");

    private static IResult Near(HttpContext http, Studio studio, string id, CancellationToken cancel)
    {
        if (studio.Image(id) is not { } image)
        {
            return Results.NotFound();
        }

        var near = Core.Embedding.Neighbours.Of(studio.Vectors, image.Id, Neighbours, cancel);
        var images = studio.Images([.. near.Select(n => n.ImageId)]).Zip(near, (found, n) => (Image: found, n.Similarity)).Where(pair => pair.Image is not null)
            .Select(pair => (pair.Image!, pair.Similarity)).ToList();
        return new RazorComponentResult<Near>(new { Images = images, Visit = Visit.Of(http) });
    }
}
