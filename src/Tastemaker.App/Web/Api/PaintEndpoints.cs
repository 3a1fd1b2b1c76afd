using System.Security.Cryptography;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.App.Web.Api;

/// <summary>Painting over HTTP. What cannot be painted is refused before it is queued.</summary>
internal sealed class PaintEndpoints(Studio studio, PaintWorker worker)
{
    public const int MostPictures = 100, MostShown = 100;

    private const int MostRuns = 1000;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/api/paint", Ask).WithSummary("Queues pictures to be painted by the server's checkpoint.").WithName("paint")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status410Gone)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        app.MapGet("/api/paint", Progress).WithSummary("What is being painted, and what waits.").WithName("painting");
        app.MapGet("/api/paint/preview", Preview).WithSummary("A small PNG of what is being painted, as it will be as far as the last step can tell.").WithName("paintPreview")
            .Produces(StatusCodes.Status200OK, contentType: "image/png").ProducesProblem(StatusCodes.Status404NotFound);
        app.MapDelete("/api/paint/{run}", Cancel).WithSummary("Paints nothing more of a run; finished pictures stay.").WithName("cancelPaint")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        app.MapPost("/api/paint/{run}/retry", Retry).WithSummary("Tries a run again that failed.").WithName("retryPaint").Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>The address of the newest preview, another one after each step; null before the first.</summary>
    public static string? PreviewOf(PaintMoment now) => now.Step == 0 ? null : $"/api/paint/preview?run={now.Run}&picture={now.Picture}&step={now.Step}";

    /// <summary>What a picture of the studio was painted by.</summary>
    /// <exception cref="HttpProblem">Its file is gone, or does not say.</exception>
    /// <exception cref="PaintException">It names what is not here.</exception>
    public static PaintedAs Described(StudioImage image)
    {
        var file = image.Whereabouts() ?? throw HttpProblem.Gone($"'{image.Path}' is gone, or no longer holds the image, so that its settings are not known.");
        try
        {
            return PaintInfotext.OfFile(file) ?? throw HttpProblem.Unprocessable($"'{file}' does not say how it was made.");
        }
        catch (ImageException e)
        {
            throw HttpProblem.Unprocessable(e.Message);
        }
    }

    private PaintAsked Ask(PaintBody body)
    {
        var painting = studio.Request.Painting ?? throw HttpProblem.Conflict("nothing can be painted: 'taste serve' was started without '--checkpoint PATH', a Stable Diffusion 1.x or 2.x.");
        if (body.Count is < 1 or > MostPictures)
        {
            throw HttpProblem.Unprocessable($"'count' {body.Count} pictures are asked for; 1 to {MostPictures} can be at once.");
        }

        var like = body.Like is not { } id ? null
            : Described(studio.Image(id) ?? throw HttpProblem.NotFound($"no image '{Require.Shown(id)}' is in the studio. '/api/images' lists those that are."));
        var first = Request(body, like?.Request, painting.Rules);
        painting.Rules.Demand(first);
        var plan = painting.Plan with { Aesthetic = Aesthetic(body, like?.Aesthetic) };
        if (worker.Count() >= MostRuns)
        {
            throw HttpProblem.Conflict($"{MostRuns} runs wait already. Let some be painted, or cancel them.");
        }

        var requests = Enumerable.Range(0, body.Count).Select(i => first with { Seed = first.Seed + (ulong)i }).ToList();
        return new(worker.Ask(plan, requests), requests.Count, first.Seed);
    }

    private PaintAnswer Progress()
    {
        var (now, waiting) = worker.Look(MostShown);
        return new(
            studio.Request.Painting?.Rules.Name,
            worker.Finished,
            now is null ? null : new(now.Run, now.Request.Prompt, now.Request.Seed, now.Picture, now.Pictures, now.Step, now.Steps, now.SecondsPerStep, now.SecondsLeft, PreviewOf(now)),
            [.. waiting.Select(row => new PaintRunAnswer(row.Run.Number, row.Run.Pictures, row.Run.Prompt, row.Trouble))]);
    }

    private IResult Preview(HttpContext http)
    {
        var png = worker.Preview ?? throw HttpProblem.NotFound("nothing was painted yet. '/api/paint' says what is.");
        http.Response.Headers.CacheControl = "no-store";
        return Results.Bytes(png, "image/png");
    }

    private PaintCancelled Cancel(long run) => new(worker.Cancel(run));

    private IResult Retry(long run)
    {
        worker.Retry(run);
        return Results.NoContent();
    }

    private AestheticPlan? Aesthetic(PaintBody body, AestheticPlan? like)
    {
        var name = body.Aesthetic ?? like?.Name;
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var known = studio.Aesthetics.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw HttpProblem.Unprocessable($"no aesthetic '{Require.Shown(name)}' is in the studio. 'taste aesthetic' makes, imports and lists them.");
        var settings = like?.Settings ?? AestheticSettings.Default;
        try
        {
            var plan = new AestheticPlan(known, IsFile: false, (settings with { Steps = body.AestheticSteps ?? settings.Steps }).Checked()) { Hash = body.Aesthetic is null ? like?.Hash : null };
            plan.Target(studio.Request.Workspace.Models);
            return plan;
        }
        catch (ModelException e)
        {
            throw HttpProblem.Unprocessable(e.Message);
        }
    }

    private static PaintRequest Request(PaintBody body, PaintRequest? like, PaintRules rules)
    {
        var prompt = body.Prompt ?? like?.Prompt ?? throw HttpProblem.Unprocessable("there is no 'prompt'; say what to paint, or name an image with 'like'.");
        var made = like ?? new PaintRequest { Prompt = prompt, Width = rules.NaturalSide, Height = rules.NaturalSide };
        var sampler = body.Sampler is { } name ? SamplerNames.Parse(Require.Shown(name)) with { Steps = made.Sampler.Steps } : made.Sampler;
        return made with
        {
            Prompt = prompt,
            Negative = body.Negative ?? made.Negative,
            Seed = Seed(body.Seed),
            Width = body.Width ?? made.Width,
            Height = body.Height ?? made.Height,
            Guidance = body.Cfg ?? made.Guidance,
            ClipSkip = body.ClipSkip ?? made.ClipSkip,
            Noise = body.Noise switch
            {
                null => made.Noise,
                "gpu" => NoiseSource.Gpu,
                "cpu" => NoiseSource.Cpu,
                _ => throw HttpProblem.Unprocessable($"'noise' is 'gpu' or 'cpu', not '{Require.Shown(body.Noise)}'."),
            },
            Sampler = sampler with { Steps = body.Steps ?? sampler.Steps, Eta = body.Eta ?? sampler.Eta },
        };
    }

    /// <summary>Any is one of 31 bits, which every generator tells apart.</summary>
    private static ulong Seed(long? asked) => asked switch
    {
        null or -1 => (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
        >= 0 => (ulong)asked,
        _ => throw HttpProblem.Unprocessable($"'seed' {asked} is none; a whole number from 0 on is wanted, or -1 for any."),
    };
}
