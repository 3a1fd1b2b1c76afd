using System.Globalization;
using Tastemaker.Core.Judging;

namespace Tastemaker.App.Web.Pages;

/// <summary>Which images a wall shows and in which order, as its address says; the same words as <c>/api/images</c> takes.</summary>
public sealed record WallQuery
{
    public string Sort { get; init; } = WallRequest.ByTaste;

    /// <summary>Such as <c>kept</c>; null for all.</summary>
    public WallVerdict? Filter { get; init; }

    /// <summary>That the images bear in the studio.</summary>
    public string? Tag { get; init; }

    public string? Folder { get; init; }

    /// <summary>The experiment that the images were painted for.</summary>
    public string? Experiment { get; init; }

    /// <summary>What a path has in it.</summary>
    public string? Text { get; init; }

    /// <summary>The band of percentiles, 0 to 100.</summary>
    public double From { get; init; }

    /// <summary>The end of the band.</summary>
    public double To { get; init; } = 100;

    public bool IsReversed { get; init; }

    public bool IsNarrowed => this with { Sort = WallRequest.ByTaste, IsReversed = false } != new WallQuery();

    public static WallQuery Of(HttpRequest request)
    {
        return new()
        {
            Sort = Given("sort") ?? WallRequest.ByTaste,
            Filter = Enum.TryParse<WallVerdict>(Given("filter"), ignoreCase: true, out var verdict) && Enum.IsDefined(verdict) ? verdict : null,
            Tag = Given("tag"),
            Folder = Given("folder"),
            Experiment = Given("experiment"),
            Text = Given("text"),
            From = Percentile("from", 0),
            To = Percentile("to", 100),
            IsReversed = Given("order") == "asc",
        };

        string? Given(string name) => request.Query[name].ToString() is { Length: > 0 } value ? value : null;

        double Percentile(string name, double otherwise) =>
            double.TryParse(Given(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 100 ? value : otherwise;
    }

    public WallRequest Request(int offset, int limit) => new(offset, limit)
    {
        Sort = Sort,
        IsReversed = IsReversed,
        Tag = Tag,
        Folder = Folder,
        Experiment = Experiment,
        Text = Text,
        Verdict = Filter,
        FromPercentile = From,
        ToPercentile = To,
    };

    /// <summary>All that the server painted, best first.</summary>
    internal static WallQuery Painted(ServedPainting painting) => new() { Folder = painting.Plan.Folder };

    /// <summary>Whether it is the wall of what the server painted.</summary>
    internal bool IsPainted(ServeRequest request) => request.Painting is { } painting && this == Painted(painting);

    /// <summary>What an address needs to say all this, the usual left out.</summary>
    public (string Name, object? Value)[] Parameters =>
    [
        ("sort", Sort == WallRequest.ByTaste ? null : Sort),
        ("order", IsReversed ? "asc" : null),
        ("filter", Filter?.ToString().ToLowerInvariant()),
        ("tag", Tag),
        ("folder", Folder),
        ("experiment", Experiment),
        ("text", Text),
        ("from", From > 0 ? From : null),
        ("to", To < 100 ? To : null),
    ];
}
