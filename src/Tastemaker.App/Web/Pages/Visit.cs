using Tastemaker.Core.Judging;

namespace Tastemaker.App.Web.Pages;

/// <summary>Who looks at which taste, as the page's address and the browser's cookies say.</summary>
/// <param name="Theme"><c>light</c> or <c>dark</c>; null for what the system prefers.</param>
public sealed record Visit(string Taste, string Rater, string? Theme)
{
    private const int LongestAddress = 2048;

    /// <exception cref="JudgingException">The taste's or the rater's name cannot be one.</exception>
    public static Visit Of(HttpContext http) => new(
        TasteName.Demand(Given(http, "taste") ?? TasteName.Default),
        TasteName.Demand(Given(http, "rater") ?? TasteName.DefaultRater, "rater"),
        http.Request.Cookies["theme"] is ("light" or "dark") and var theme ? theme : null);

    /// <summary>A page of the same taste and rater.</summary>
    /// <param name="parameters">Those that are null or empty are left out.</param>
    public string To(string page, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var query = QueryString.Empty;
        if (Taste != TasteName.Default)
        {
            query = query.Add("taste", Taste);
        }

        if (Rater != TasteName.DefaultRater)
        {
            query = query.Add("rater", Rater);
        }

        foreach (var (name, value) in parameters)
        {
            if (FormattableString.Invariant($"{value}") is { Length: > 0 and < LongestAddress } text)
            {
                query = query.Add(name, text);
            }
        }

        return page + query;
    }

    private static string? Given(HttpContext http, string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
}
