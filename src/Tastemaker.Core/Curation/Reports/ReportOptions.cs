using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Curation.Reports;

public sealed record ReportOptions
{
    public BucketKind Buckets { get; init; }

    /// <summary>None for SD-Chad's own, on the heads that it has one for.</summary>
    public IReadOnlyList<Threshold> Thresholds { get; init; } = [];

    internal IEnumerable<Threshold> Of(ScoringHead head) => Thresholds.Count > 0
        ? Thresholds.Where(t => t.Head is null || t.IsFor(head)).DistinctBy(t => t.At)
        : (head.KnownAs ?? head.Name) switch
        {
            "asv2" => [new Threshold(null, Chad.Threshold) { IsRounded = true }],
            "csv1" => [new Threshold(null, Chad.Csv1Threshold) { IsRounded = true }],
            _ => [],
        };

    internal void Demand(IReadOnlyList<ScoringHead> heads)
    {
        foreach (var threshold in Thresholds.Where(t => t.Head is not null && !heads.Any(t.IsFor)))
        {
            throw new CurationException($"the threshold is for the head '{threshold.Head}', which is not in use; in use are {string.Join(", ", heads.Select(h => h.Name))}.");
        }
    }
}

/// <param name="Head">Null for every head.</param>
/// <param name="At">On the head's own scale; reached from there on.</param>
public sealed record Threshold(string? Head, double At)
{
    /// <summary>Whether SD-Chad's rounding to a tenth comes first.</summary>
    public bool IsRounded { get; init; }

    /// <summary>Reads <c>6.9</c>, for every head, or <c>asv2=6.9</c>.</summary>
    /// <exception cref="CurationException">It is something else.</exception>
    public static Threshold Parse(string text)
    {
        var cut = text.LastIndexOf('=');
        return double.TryParse(text.AsSpan(cut + 1), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var at)
            && double.IsFinite(at) && cut != 0
            ? new(cut < 0 ? null : text[..cut], at)
            : throw new CurationException($"the threshold '{text}' is neither a score, such as 6.9, nor a head with one, such as asv2=6.9.");
    }

    internal bool IsFor(ScoringHead head) => head.Name.Equals(Head, StringComparison.OrdinalIgnoreCase);

    internal bool IsReachedBy(double score) => (IsRounded ? Chad.Round(score) : score) >= At;
}
