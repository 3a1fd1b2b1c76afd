using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>The log as JSON, a judgement a line; images are named by content and by path.</summary>
internal static class LogLines
{
    private const int LongestLine = 1 << 16;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 4,
    };

    /// <summary>Whether the first line is one of a log.</summary>
    public static bool IsFirst(string text)
    {
        try
        {
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            var first = end < 0 ? text : text[..end];
            return first.Length <= LongestLine && JsonSerializer.Deserialize<Line>(first, Json) is { Kind: not null, Image: not null };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static Statements Read(string text)
    {
        var statements = new List<Statement>();
        foreach (var (index, line) in text.Split('\n').Index())
        {
            if (line.AsSpan().Trim().Length > 0)
            {
                statements.Add(Stated(line, index + 1));
            }
        }

        return new(statements);
    }

    /// <param name="name">Content id and path of an image; the path may be empty.</param>
    public static string Write(Judgement judgement, Func<long, ImageName> name)
    {
        var (verdict, origin) = (judgement.Verdict, judgement.Origin);
        var (image, other) = (name(verdict.Image), verdict.Other is { } o ? name(o) : null);
        return JsonSerializer.Serialize(
            new Line
            {
                Act = judgement.Act,
                Kind = $"{verdict.Kind}".ToLowerInvariant(),
                Image = image.ContentId,
                ImagePath = image.Path.Length > 0 ? image.Path : null,
                Other = other?.ContentId,
                OtherPath = other is { Path.Length: > 0 } ? other.Path : null,
                Value = verdict.Value,
                Scale = verdict.Scale,
                Purpose = verdict.Purpose == Purpose.Train ? null : $"{verdict.Purpose}",
                Expected = verdict.Expected,
                Rater = origin.Rater,
                Source = origin.Source,
                Milliseconds = origin.Milliseconds,
                At = judgement.At,
            }, Json);
    }

    private static Statement Stated(string text, int number)
    {
        var line = Parse(text, number);
        var kind = Enum.TryParse<JudgementKind>(line.Kind, ignoreCase: true, out var k) && Enum.IsDefined(k) ? k : throw Wrong(number, "kind", line.Kind);
        var purpose = Enum.TryParse<Purpose>(line.Purpose ?? $"{Purpose.Train}", ignoreCase: true, out var p) && Enum.IsDefined(p) ? p : throw Wrong(number, "purpose", line.Purpose);
        var at = DateTimeOffset.TryParse(line.At, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw Wrong(number, "at", line.At);
        var isPair = kind is JudgementKind.Choice or JudgementKind.Draw or JudgementKind.Skip;
        if (isPair == line.Other is null)
        {
            throw Wrong(number, "other", line.Other);
        }

        if ((kind == JudgementKind.Rating) != (line.Value is not null && line.Scale is not null))
        {
            throw Wrong(number, "value", $"{line.Value}");
        }

        if (line.Expected is < 0 or > 1 || line.Milliseconds < 0)
        {
            throw Wrong(number, line.Milliseconds < 0 ? "milliseconds" : "expected", $"{line.Expected ?? line.Milliseconds}");
        }

        return new(kind, Name(line.Image, line.ImagePath, number), isPair ? Name(line.Other, line.OtherPath, number) : null, line.Value, line.Scale)
        {
            Logged = new(line.Act, purpose, line.Expected, new(TasteName.Demand(line.Rater ?? TasteName.DefaultRater, "rater"), TasteName.Demand(line.Source ?? "log", "source"), line.Milliseconds),
                at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        };
    }

    private static Line Parse(string text, int number)
    {
        try
        {
            return text.Length <= LongestLine
                ? JsonSerializer.Deserialize<Line>(text, Json) ?? throw new JudgingException($"line {number} is no judgement.")
                : throw new JudgingException($"line {number} has {text.Length} characters; a judgement of at most {LongestLine} was wanted.");
        }
        catch (JsonException e)
        {
            throw new JudgingException($"line {number} is no judgement: {e.Message} Is the file whole?");
        }
    }

    private static ImageName Name(string? contentId, string? path, int number) =>
        contentId is { Length: 64 } && contentId.All(char.IsAsciiHexDigit) ? new(path ?? "", contentId.ToLowerInvariant()) : throw Wrong(number, "image", contentId);

    private static JudgingException Wrong(int line, string field, string? value) =>
        new($"line {line}: '{field}' is '{Text.Shown(value ?? "")}', which no judgement of its kind has.");

    private sealed record Line
    {
        public long Act { get; init; }

        public string? Kind { get; init; }

        public string? Image { get; init; }

        public string? ImagePath { get; init; }

        public string? Other { get; init; }

        public string? OtherPath { get; init; }

        public double? Value { get; init; }

        public string? Scale { get; init; }

        public string? Purpose { get; init; }

        public double? Expected { get; init; }

        public string? Rater { get; init; }

        public string? Source { get; init; }

        public int? Milliseconds { get; init; }

        public string? At { get; init; }
    }
}
