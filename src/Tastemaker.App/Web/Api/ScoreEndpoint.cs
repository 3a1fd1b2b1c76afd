using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Web.Api;

/// <summary>Scores pictures by every head that takes the encoder's vectors, and by a taste: uploads, which are not kept, or files on this machine, which enter the studio.</summary>
internal sealed class ScoreEndpoint(Studio studio, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json) : IDisposable
{
    public const string Name = "score", FormType = "multipart/form-data";

    /// <summary>Of one request.</summary>
    private const long MostBytes = 256L << 20;

    private const int MostFiles = 64, MostPaths = 1000;

    // One request at a time has its uploads in memory and its pictures in the encoder, which uses every processor itself.
    private readonly SemaphoreSlim _turn = new(1);

    public void Map(IEndpointRouteBuilder app) => app.MapPost("/api/score", (Delegate)Score)
        .WithSummary("Scores uploaded files (multipart/form-data), which are not kept, or paths (JSON), whose images enter the studio.").WithName(Name)
        .Accepts<ScoreRequest>("application/json", FormType).Produces<ScoredAnswer>()
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    public static IReadOnlyList<ScoreAnswer> Answers(IReadOnlyList<ScoringHead> heads, IReadOnlyList<Score> scores) =>
        [.. heads.Zip(scores, (head, score) => new ScoreAnswer(head.Name, score.Raw, score.Z, score.Percentile))];

    public void Dispose() => _turn.Dispose();

    private async Task<IResult> Score(HttpContext http)
    {
        var cancel = http.RequestAborted;
        if (!http.Request.HasFormContentType && !http.Request.HasJsonContentType())
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        await _turn.WaitAsync(cancel);
        try
        {
            return http.Request.HasFormContentType ? Results.Ok(await Uploads(http, cancel)) : Results.Ok(await Paths(http, cancel));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ScoredAnswer> Uploads(HttpContext http, CancellationToken cancel)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes;
        }

        // The form gives way before the server does, and says that it is the length.
        var form = await http.Request.ReadFormAsync(new() { MultipartBodyLengthLimit = MostBytes, ValueCountLimit = MostFiles }, cancel);
        if (form.Files.Count is 0 or > MostFiles)
        {
            throw HttpProblem.Unprocessable($"{form.Files.Count} files were sent; 1 to {MostFiles} were wanted, each a part of the form with a file name.");
        }

        var session = studio.Session(Require.Taste(form["taste"].ToString() is { Length: > 0 } taste ? taste : TasteName.Default));
        var (scored, failures) = (new List<ScoredImage>(), new List<FailedAnswer>());
        foreach (var file in form.Files)
        {
            using var bytes = new MemoryStream((int)file.Length);
            await file.CopyToAsync(bytes, cancel);
            try
            {
                var vector = studio.Encoder.Encode(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancel);
                var contentId = Convert.ToHexStringLower(ContentId.Of(bytes, cancel));
                scored.Add(new(file.FileName, contentId, Answers(studio.Heads, studio.Wall.Score(vector)), Under(session, studio.Image(contentId)?.Id, vector)));
            }
            catch (ImageException e)
            {
                failures.Add(new(file.FileName, e.Message));
            }
        }

        return new(scored, failures);
    }

    private async Task<ScoredAnswer> Paths(HttpContext http, CancellationToken cancel)
    {
        var request = await Read(http.Request, cancel);
        if (request.Paths.Count is 0 or > MostPaths)
        {
            throw HttpProblem.Unprocessable($"{request.Paths.Count} paths were named; 1 to {MostPaths} were wanted.");
        }

        foreach (var path in request.Paths)
        {
            Demand(path);
        }

        var session = studio.Session(Require.Taste(request.Taste ?? TasteName.Default));
        var found = FolderScan.Run(request.Paths, TextReader.Null, studio.Folder, cancel);
        var brought = new Embedder(studio.Library, studio.Vectors, studio.Encoder, TimeProvider.System).Bring(found.Done, null, cancel);
        session.Refresh();
        if (session.Ranking.Count == 0)
        {
            session.Settle(); // Nothing can be placed among none; the first images are few.
        }

        var vectors = studio.Vectors.Read([.. brought.Done.Select(file => file.Image.Id)]);
        return new(
            [.. brought.Done.Zip(vectors).Where(pair => pair.Second is not null).Select(pair => new ScoredImage(
                pair.First.File.Path, Convert.ToHexStringLower(pair.First.Image.ContentId), Answers(studio.Heads, studio.Wall.Score(pair.Second)), Under(session, pair.First.Image.Id, pair.Second)))],
            [.. found.Failures.Concat(brought.Failures).Select(failure => new FailedAnswer(failure.Path, failure.Reason))]);
    }

    private async Task<ScoreRequest> Read(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            return await request.ReadFromJsonAsync<ScoreRequest>(json.Value.SerializerOptions, cancel)
                ?? throw new JsonException("null came, and an object with 'paths' was wanted.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException(e.Message, e);
        }
    }

    /// <summary>Whoever comes from another machine sees no more of this one than was named to the program.</summary>
    private void Demand(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            throw HttpProblem.Unprocessable($"'{Require.Shown(path)}' is no absolute path, and the server's working folder is not the caller's.");
        }

        var full = Path.GetFullPath(path);
        if (studio.Request.Host is not null && !studio.Request.Paths.Select(Path.GetFullPath).Any(served =>
            full == served || full.StartsWith(Path.TrimEndingDirectorySeparator(served) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
        {
            throw HttpProblem.Forbidden($"'{Require.Shown(path)}' is not in a folder that was named to 'taste serve', and with --host only those are read. Upload the file instead.");
        }
    }

    /// <param name="image">Its number, if the studio has it: what was judged of an image itself counts as well.</param>
    private static TasteScore? Under(TasteSession session, long? image, ReadOnlySpan<float> vector)
    {
        var ranking = session.Ranking;
        if (image is { } id && ranking.PlaceOf(id) is { } place)
        {
            return new(ranking[place].Mean, ranking[place].Deviation, ranking[place].Percentile);
        }

        return session.Predict(vector) is { } expected ? new(expected.Mean, expected.Deviation, expected.Percentile) : null;
    }
}
