using System.Globalization;

namespace Tastemaker.Core.Taste;

/// <summary>Which of the scored things are wanted, and in which order.</summary>
public sealed record Selection
{
    /// <summary>The head that ranks and that the limits are on, by its place among the heads.</summary>
    public int Head { get; init; }

    /// <summary>Ordered by path rather than best first.</summary>
    public bool ByPath { get; init; }

    /// <summary>At least this raw score.</summary>
    public double? Above { get; init; }

    /// <summary>Less than this raw score.</summary>
    public double? Below { get; init; }

    /// <summary>The best so many, after the limits.</summary>
    public Top? Top { get; init; }

    /// <summary>Python's rounding to a tenth comes before the limits, as in SD-Chad.</summary>
    public Func<double, double> Rounded { get; init; } = raw => raw;

    public IReadOnlyList<Scored> Of(IReadOnlyList<Scored> all)
    {
        var ranked = all.OrderByDescending(s => s.Scores[Head].Raw).ThenBy(s => s.Name, StringComparer.Ordinal)
            .Where(s => !(Rounded(s.Scores[Head].Raw) < Above) && !(Rounded(s.Scores[Head].Raw) >= Below));
        var kept = Top is null ? ranked : ranked.Take(Top.Of(all.Count));
        return [.. ByPath ? kept.OrderBy(s => s.Name, StringComparer.Ordinal) : kept];
    }
}

/// <param name="Name">Its path, or its place in a file of vectors.</param>
/// <param name="ContentId">In hex; null for what has no picture.</param>
public sealed record Scored(string Name, string? ContentId, IReadOnlyList<Score> Scores);

/// <summary><c>20</c> or <c>5%</c>.</summary>
public sealed record Top(double Value, bool IsShare)
{
    /// <exception cref="FormatException">The text is neither a count nor a percentage.</exception>
    public static Top Parse(string text)
    {
        var isShare = text.EndsWith('%');
        return double.TryParse(text.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= 0 && (isShare ? value <= 100 : value == Math.Floor(value) && value <= int.MaxValue)
            ? new(value, isShare)
            : throw new FormatException($"'{text}' is neither a number of images, such as 20, nor a share of them, such as 5%.");
    }

    /// <summary>A share is rounded up, so that some of few remain.</summary>
    public int Of(int count) => IsShare ? (int)Math.Ceiling(count * Value / 100) : (int)Value;
}
