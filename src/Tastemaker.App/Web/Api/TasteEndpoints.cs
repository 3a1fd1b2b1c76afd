using System.ComponentModel;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;

namespace Tastemaker.App.Web.Api;

/// <summary>Judging over HTTP: everything that a person can do with a taste.</summary>
internal sealed class TasteEndpoints(Studio studio)
{
    private const int MostPicked = 10_000, MostRanked = 1000;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/tastes", Tastes).WithSummary("Every taste that has a judgement.").WithName("listTastes");
        var taste = app.MapGroup("/api/tastes/{taste}").ProducesProblem(StatusCodes.Status400BadRequest);
        taste.MapGet("/pair", Pair).WithSummary("The images to choose among next.").WithName("nextPair").ProducesProblem(StatusCodes.Status409Conflict);
        taste.MapPost("/choices", Choose).WithSummary("Keeps what was made of a pair, and learns from it.").WithName("choose")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        taste.MapDelete("/choices/last", Undo).WithSummary("Takes back the rater's last judgement that stands.").WithName("undo").ProducesProblem(StatusCodes.Status409Conflict);
        taste.MapPost("/ratings", Rate).WithSummary("Keeps a rating, and learns from it.").WithName("rate")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        taste.MapPost("/picks", Pick).WithSummary("Keeps or rejects images, and learns from it.").WithName("pick")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        taste.MapGet("/ranking", Ranking).WithSummary("All images, best first.").WithName("ranking");
        taste.MapGet("/stats", Stats).WithSummary("How much was judged, and how far to trust what was learned.").WithName("stats");
    }

    private List<TasteAnswer> Tastes() => [.. studio.Log.Tastes().Select(t => new TasteAnswer(t.Name, t.Judgements, t.CreatedAt))];

    private PairAnswer Pair(
        string taste,
        [Description("Shown at once, 2 to 4.")] int images = 2,
        [Description("Only images with a file in this folder, at any depth.")] string? folder = null,
        [Description("Only images of this experiment: of a folder of that name which holds an experiment's log.")] string? experiment = null,
        [Description("Only images ranked from this percentile on, 0 to 100.")] double from = 0,
        [Description("Only images ranked up to this percentile, 0 to 100.")] double to = 100,
        [Description("Share of the pairs that are drawn at random, 0 to 1.")] double explore = 0)
    {
        Require.Within(images, 2, 4, "images");
        Require.Within(explore, 0, 1, "explore");
        Require.Within(from, 0, 100, "from");
        Require.Within(to, from, 100, "to");
        var session = studio.Session(Require.Taste(taste));
        return Shown(session.Offer(new(images) { Folder = folder, Experiment = experiment, FromPercentile = from, ToPercentile = to, Explore = explore }));
    }

    private PairAnswer Shown(Offer offer)
    {
        ShownImage[] all = [.. studio.Images(offer.Images).Select(image => Shown(image!))];
        return new(offer.Id, all[0], all[1], all);
    }

    private StandingAnswer Choose(string taste, ChoiceRequest choice, HttpContext http) => StandingAnswer.Of(
        studio.Session(Require.Taste(taste)).Answer(choice.Pair, choice.Winner.Answer, Origin(http, choice.Rater, Require.Duration(choice.Milliseconds))));

    private UndoAnswer Undo(string taste, HttpContext http, [Description("Whose judgement; 'me' where nobody says.")] string? rater = null)
    {
        var session = studio.Session(Require.Taste(taste));
        var origin = Origin(http, rater);
        var undone = session.Undo(origin.Rater, origin.Source);
        if (undone.Count == 0)
        {
            throw HttpProblem.Conflict($"nothing that '{origin.Rater}' judged in '{taste}' is left to take back.");
        }

        var standing = StandingAnswer.Of(session.Standing());
        return new(undone.Count, standing.Choices, standing.Agreement, standing.AgreementInterval, standing.Ceiling, standing.CeilingInterval,
            session.OfferAgain(undone) is { } again ? Shown(again) : null);
    }

    private StandingAnswer Rate(string taste, RatingRequest rating, HttpContext http)
    {
        var session = studio.Session(Require.Taste(taste));
        Require.Name(rating.Scale, "scale");
        if (!double.IsFinite(rating.Value))
        {
            throw HttpProblem.Unprocessable($"'value' {rating.Value} is no rating; a finite number is.");
        }

        return StandingAnswer.Of(session.Rate(Find(rating.Image), rating.Value, rating.Scale, Origin(http, rating.Rater, Require.Duration(rating.Milliseconds))));
    }

    private StandingAnswer Pick(string taste, PickRequest pick, HttpContext http)
    {
        var session = studio.Session(Require.Taste(taste));
        if (pick.Verdict is not ("keep" or "reject"))
        {
            throw HttpProblem.Unprocessable($"'verdict' is 'keep' or 'reject', not '{Require.Shown(pick.Verdict)}'.");
        }

        var images = pick.Images ?? (pick.Image is { } one ? [one] : []);
        if (images.Count is 0 or > MostPicked || (pick.Image is not null && pick.Images is not null))
        {
            throw HttpProblem.Unprocessable($"{images.Count} images were named; one as 'image', or 1 to {MostPicked} as 'images', were wanted.");
        }

        return StandingAnswer.Of(session.Pick([.. images.Distinct().Select(Find)], pick.Verdict == "keep", Origin(http, pick.Rater)));
    }

    private List<RankedAnswer> Ranking(
        string taste, HttpContext http,
        [Description("Places that are left out, from the best on.")] int offset = 0,
        [Description("Images in the answer, 1 to 1000.")] int limit = 100)
    {
        Require.Within(offset, 0, int.MaxValue, "offset");
        Require.Within(limit, 1, MostRanked, "limit");
        var ranking = studio.Session(Require.Taste(taste)).Ranking;
        http.Response.Headers["X-Total-Count"] = $"{ranking.Count}";
        var ranked = ranking.Slice(offset, limit).ToArray();
        var images = studio.Images([.. ranked.Select(r => r.Image)]);
        return [.. ranked.Zip(images).Where(pair => pair.Second is not null).Select(pair => new RankedAnswer(
            pair.Second!.ContentId, pair.Second.Path ?? "", Urls.Image(pair.Second), pair.First.Mean, pair.First.Deviation, pair.First.Percentile, pair.First.Choices))];
    }

    private StatsAnswer Stats(string taste)
    {
        var session = studio.Session(Require.Taste(taste));
        var tally = studio.Tally(taste);
        var (kinds, standing) = (tally.Kinds(), StandingAnswer.Of(session.Standing()));
        return new(
            taste, session.Ranking.Count, tally.Images().Values.Count(image => image.IsJudged),
            Count(JudgementKind.Choice), Count(JudgementKind.Draw), Count(JudgementKind.Skip), Count(JudgementKind.Rating), Count(JudgementKind.Keep), Count(JudgementKind.Reject),
            standing.Agreement, standing.AgreementInterval, standing.Ceiling, standing.CeilingInterval,
            [.. tally.Raters().Where(r => r.Value > 0).OrderByDescending(r => r.Value).Select(r => new RaterAnswer(r.Key, r.Value))]);

        long Count(JudgementKind kind) => kinds.GetValueOrDefault(kind);
    }

    private long Find(string contentId) => studio.Image(contentId)?.Id
        ?? throw HttpProblem.NotFound($"no image '{Require.Shown(contentId)}' is in the studio. '/api/images' lists those that are.");

    private static ShownImage Shown(StudioImage image) =>
        new(image.ContentId, Urls.Image(image), Urls.Thumbnail(image, 1024), image.Path ?? "", image.Width, image.Height);

    /// <summary>Browsers say where a request comes from; other programs do not.</summary>
    private static Origin Origin(HttpContext http, string? rater, int? milliseconds = null) =>
        new(Require.Name(rater ?? TasteName.DefaultRater, "rater"), http.Request.Headers.ContainsKey("Sec-Fetch-Site") ? "web" : "api", milliseconds);
}
