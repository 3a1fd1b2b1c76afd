using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Web;

/// <summary>Answers what goes wrong as <c>application/problem+json</c> (RFC 9457).</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    public static void Use(WebApplication app, Action<string> note) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentType: null })
            {
                await Write(http, http.Response.StatusCode, Explain(http));
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var (status, detail) = Of(e, http);
            if (status == StatusCodes.Status500InternalServerError)
            {
                note($"error: {http.Request.Method} {http.Request.Path}: {e}");
            }

            await Write(http, status, detail);
        }
    });

    private static (int Status, string Detail) Of(Exception e, HttpContext http) => e switch
    {
        HttpProblem problem => (problem.Status, problem.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, TooLong(http)),
        BadHttpRequestException { InnerException: JsonException json } => (StatusCodes.Status400BadRequest, $"the body is not the JSON that was wanted: {json.Message}"),
        BadHttpRequestException bad => (bad.StatusCode, $"{bad.Message} '/api/openapi.json' says what is wanted."),
        InvalidDataException form => (StatusCodes.Status400BadRequest, $"the form cannot be read: {form.Message}"),
        JudgingException judging => (Of(judging.Fault), e.Message),
        FileNotFoundException => (StatusCodes.Status410Gone, e.Message),
        UserException or PaintException => (StatusCodes.Status422UnprocessableEntity, e.Message),
        ImageException => (StatusCodes.Status422UnprocessableEntity, e.Message),
        LibraryException or EmbeddingException or ModelException => (StatusCodes.Status503ServiceUnavailable, e.Message),
        _ => (StatusCodes.Status500InternalServerError, "this is a fault of the program, not of the request. What was acknowledged before is kept; the terminal says more."),
    };

    private static int Of(JudgingFault fault) => fault switch
    {
        JudgingFault.UnknownImage => StatusCodes.Status404NotFound,
        JudgingFault.NotNow => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    /// <summary>What the framework answers with a bare status.</summary>
    private static string Explain(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"nothing is at '{http.Request.Path}'. '/api/openapi.json' lists what there is.",
        StatusCodes.Status405MethodNotAllowed =>
            $"{http.Request.Method} is not possible on '{http.Request.Path}'; {string.Join(", ", http.Response.Headers.Allow.ToArray())} is.",
        StatusCodes.Status413PayloadTooLarge => TooLong(http),
        StatusCodes.Status415UnsupportedMediaType =>
            $"a body of the type '{http.Request.ContentType}' is not understood here. Send 'application/json'; '/api/openapi.json' says where else is possible.",
        var status => $"{ReasonPhrases.GetReasonPhrase(status)}. '/api/openapi.json' says what is wanted.",
    };

    private static string TooLong(HttpContext http) =>
        $"the body is longer than the {http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize} bytes that are read here. Send less at once.";

    private static Task Write(HttpContext http, int status, string detail)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        var problem = new ProblemDetails { Status = status, Title = ReasonPhrases.GetReasonPhrase(status), Detail = detail };
        return http.Response.WriteAsJsonAsync(problem, options: null, ContentType);
    }
}
