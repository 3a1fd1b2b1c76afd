using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;

namespace Tastemaker.App.Web.Pages;

/// <summary>A stretch of a wall, with all that its tiles show.</summary>
/// <param name="Offset">Of the first tile.</param>
/// <param name="Total">Images on the whole wall.</param>
public sealed record Wall(int Offset, int Total, IReadOnlyList<Tile> Tiles)
{
    /// <summary>Tiles loaded at once; the style sheet reserves their room, a multiple of every number of columns.</summary>
    public const int Chunk = 120;

    internal static Wall Of(Studio studio, Visit visit, WallQuery query, int offset, int limit)
    {
        var tally = studio.Tally(visit.Taste);
        var page = studio.Wall.Page(studio.Session(visit.Taste).Ranking, tally, query.Request(offset, limit));
        long[] ids = [.. page.Items.Select(item => item.Image)];
        return new(offset, page.Total, [.. studio.Images(ids).Zip(page.Items, tally.Of(ids)).Index().Where(row => row.Item.First is not null)
            .Select(row => new Tile(offset + row.Index, row.Item.First!, row.Item.Second.Ranked, row.Item.Third))]);
    }
}

/// <param name="Index">On the whole wall, from 0.</param>
public sealed record Tile(int Index, StudioImage Image, RankedImage? Ranked, ImageTally Tally)
{
    /// <summary>As the style sheet calls it; null for an image that was neither kept nor rejected.</summary>
    public string? Verdict => Tally.IsKept switch { true => "keep", false => "reject", _ => null };

    /// <summary>What the tile shows, in words.</summary>
    public string Words => Named.Of(Image) + (Ranked is { } ranked ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", above {ranked.Percentile:F0} %") : "");
}
