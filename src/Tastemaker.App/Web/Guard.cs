using System.Net;
using Microsoft.AspNetCore.Http.Extensions;

namespace Tastemaker.App.Web;

/// <summary>
/// Stands before everything else: turns away pages of other sites that reach for this machine through its browser, names
/// that were made to point here, and, where other machines may come, whoever has no token.
/// </summary>
/// <param name="token">Null where only this machine can come.</param>
internal sealed class Guard(AccessToken? token)
{
    /// <summary>Everything comes from here; what runs or shows in a page as well.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        Harden(http.Response.Headers);
        DemandHost(http.Request);
        DemandSameSite(http.Request);
        if (token is null || token.IsIn(http.Request))
        {
            if (token is not null && token.IsInAddress(http.Request) && HttpMethods.IsGet(http.Request.Method))
            {
                token.Remember(http.Response);
                http.Response.Redirect(WithoutToken(http.Request));
                return;
            }

            await next(http);
            return;
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        throw new HttpProblem(StatusCodes.Status401Unauthorized,
            $"this address needs the token that 'taste serve' printed. Open the printed address, or send 'Authorization: Bearer TOKEN'.");
    });

    private static void Harden(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    /// <summary>A name that an attacker's DNS points here would make their pages "the same site"; addresses and this machine's own names cannot be pointed.</summary>
    private void DemandHost(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        var isOurs = host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && (token is not null || IPAddress.IsLoopback(address)))
            || (token is not null && host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase));
        if (!isOurs)
        {
            throw HttpProblem.Forbidden($"this is no server for '{Shown(request.Host.Value)}'. Use "
                + (token is null ? "'localhost' or '127.0.0.1'; --host lets other machines in." : "the machine's IP address or name."));
        }
    }

    /// <summary>Programs that are no browsers send neither header and pass.</summary>
    private static void DemandSameSite(HttpRequest request)
    {
        var (site, origin) = (request.Headers["Sec-Fetch-Site"].ToString(), request.Headers.Origin.ToString());
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var isFollowedLink = isSafe && request.Headers["Sec-Fetch-Mode"] == "navigate" && !request.Path.StartsWithSegments("/api");
        if (site is not ("" or "same-origin" or "none") && !isFollowedLink)
        {
            throw HttpProblem.Forbidden($"a page of another site ({(origin.Length > 0 ? Shown(origin) : site)}) sent this {request.Method}, and only pages of this server may. "
                + "Programs that are no browsers leave out 'Sec-Fetch-Site' and 'Origin'.");
        }

        if (!isSafe && origin.Length > 0 && origin != $"{request.Scheme}://{request.Host.Value}")
        {
            throw HttpProblem.Forbidden($"a page of '{Shown(origin)}' sent this {request.Method}, and only pages of this server may. "
                + "Programs that are no browsers leave out 'Origin'.");
        }
    }

    private static string WithoutToken(HttpRequest request)
    {
        var rest = new QueryBuilder(request.Query.Where(pair => pair.Key != AccessToken.Query));
        return $"{request.PathBase}{request.Path}{rest}";
    }

    private static string Shown(string? text)
    {
        const int Longest = 100;
        return text is null ? "" : text.Length <= Longest ? text : $"{text[..Longest]}…";
    }
}
