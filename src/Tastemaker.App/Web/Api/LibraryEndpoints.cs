using System.ComponentModel;
using System.Reflection;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;

namespace Tastemaker.App.Web.Api;

/// <summary>The studio's images, and how the program is.</summary>
internal sealed class LibraryEndpoints(Studio studio, Intake intake)
{
    private const int MostListed = 1000, MostTagged = 10_000;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/images", Images).WithSummary("The studio's images, sorted and filtered.").WithName("listImages")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        app.MapGet("/api/images/{contentId}", Image).WithSummary("One image.").WithName("image")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        app.MapGet("/api/tags", Tags).WithSummary("Every tag that an image of the studio bears.").WithName("listTags");
        app.MapPost("/api/tags", Tag).WithSummary("Puts a tag on images of the studio, or takes it off; their files are left as they are.").WithName("tag")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        app.MapGet("/api/health", Health).WithSummary("Whether all is well, and how far the images are.").WithName("health");
    }

    private ImagesAnswer Images(
        [Description("'taste', 'unsure', 'disagreement', 'date', 'name', or a head's name.")] string sort = WallRequest.ByTaste,
        [Description("'kept', 'rejected', 'unjudged', 'unrated' or 'unpicked'; all images without it.")] string? filter = null,
        [Description("Images that are left out, from the first on.")] int offset = 0,
        [Description("Images in the answer, 1 to 1000.")] int limit = 100,
        [Description("Whose judgements.")] string taste = TasteName.Default,
        [Description("'desc' for best, most disputed, newest or first by file name; 'asc' for the reverse.")] string order = "desc",
        [Description("Only images that bear this tag in the studio.")] string? tag = null,
        [Description("Only images with their first file in this folder, at any depth.")] string? folder = null,
        [Description("Only images of this experiment: of a folder of that name which holds an experiment's log.")] string? experiment = null,
        [Description("Only images whose path has this in it.")] string? text = null,
        [Description("Only from this percentile on, of the head that sorts, else of the taste.")] double from = 0,
        [Description("Only up to this percentile.")] double to = 100)
    {
        Require.Within(offset, 0, int.MaxValue, "offset");
        Require.Within(limit, 1, MostListed, "limit");
        Require.Within(from, 0, 100, "from");
        Require.Within(to, from, 100, "to");
        var request = new WallRequest(offset, limit)
        {
            Sort = Sort(sort),
            IsReversed = order switch { "desc" => false, "asc" => true, _ => throw HttpProblem.BadRequest($"'order' is 'desc' or 'asc', not '{Require.Shown(order)}'.") },
            Verdict = filter switch
            {
                null => null,
                "kept" => WallVerdict.Kept,
                "rejected" => WallVerdict.Rejected,
                "unjudged" => WallVerdict.Unjudged,
                "unrated" => WallVerdict.Unrated,
                "unpicked" => WallVerdict.Unpicked,
                _ => throw HttpProblem.BadRequest($"'filter' is 'kept', 'rejected', 'unjudged', 'unrated' or 'unpicked', not '{Require.Shown(filter)}'."),
            },
            Tag = tag,
            Folder = folder,
            Experiment = experiment,
            Text = text,
            FromPercentile = from,
            ToPercentile = to,
        };
        var (session, tally) = (studio.Session(Require.Taste(taste)), studio.Tally(taste));
        var page = studio.Wall.Page(session.Ranking, tally, request);
        return new(page.Total, Listed(page.Items, tally));
    }

    private ListedAnswer Image(string contentId, [Description("Whose judgements.")] string taste = TasteName.Default)
    {
        var (session, tally) = (studio.Session(Require.Taste(taste)), studio.Tally(taste));
        var image = studio.Image(contentId) ?? throw HttpProblem.NotFound("no image of that content id is in the studio. '/api/images' lists those that are.");
        return Listed([studio.Wall.Item(session.Ranking, image.Id) ?? new(image.Id, null, null, null)], tally)[0];
    }

    private List<TagAnswer> Tags() => [.. studio.Tags.All().Select(count => new TagAnswer(count.Tag, count.Images))];

    private TaggedAnswer Tag(TagRequest request)
    {
        if (request.Images.Count is 0 or > MostTagged)
        {
            throw HttpProblem.Unprocessable($"{request.Images.Count} images were named; 1 to {MostTagged} were wanted.");
        }

        long[] images = [.. request.Images.Distinct().Select(id => studio.Image(id)?.Id
            ?? throw HttpProblem.NotFound($"no image '{Require.Shown(id)}' is in the studio. '/api/images' lists those that are."))];
        try
        {
            return new(request.Remove ? studio.Tags.Remove(images, request.Tag) : studio.Tags.Add(images, request.Tag));
        }
        catch (LibraryException e)
        {
            throw HttpProblem.Unprocessable(e.Message);
        }
    }

    private HealthAnswer Health() => new(
        "ok", Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "", studio.Library.Count().Images, studio.Vectors.Count(), studio.Encoder.Name, intake.State);

    private string Sort(string sort) => WallRequest.Words.Contains(sort) || studio.Heads.Any(head => head.Name.Equals(sort, StringComparison.OrdinalIgnoreCase))
        ? sort
        : throw HttpProblem.BadRequest($"'{Require.Shown(sort)}' is nothing to sort by; {string.Join(", ", WallRequest.Words.Concat(studio.Heads.Select(h => h.Name)))} are.");

    private List<ListedAnswer> Listed(IReadOnlyList<WallItem> items, JudgementTally tally)
    {
        long[] ids = [.. items.Select(item => item.Image)];
        var tags = studio.Tags.Of(ids);
        return [.. items.Zip(studio.Images(ids), tally.Of(ids)).Where(row => row.Second is not null).Select(row => Listed(row.First, row.Second!, row.Third, tags[row.First.Image]))];
    }

    private ListedAnswer Listed(WallItem item, StudioImage image, ImageTally tally, IEnumerable<string> tags) => new(
        image.ContentId, image.Path ?? "", Urls.Image(image), Urls.Thumbnail(image, ImageEndpoints.UsualSide), image.Width, image.Height, image.Format, image.AddedAt,
        item.Ranked?.Mean, item.Ranked?.Deviation, item.Ranked?.Percentile, item.Ranked?.Choices,
        tally.IsKept switch { true => "keep", false => "reject", null => null },
        item.Disagreement, ScoreEndpoint.Answers(studio.Heads, item.Scores ?? []), [.. tags]);
}
