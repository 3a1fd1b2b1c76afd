using System.Text.Json;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Reads the JSON files that chrisgoringe's trainer and image_comparison keep their scores in.</summary>
internal static class ScoreFiles
{
    /// <summary>What the trainer keeps of itself among the images.</summary>
    public const string Meta = "#meta#";

    private static readonly string[] PathNames = ["relative_path", "relative_filepath"];

    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 8, AllowTrailingCommas = true };

    /// <summary>A score of 0 is none: the trainer gives it to images that were never compared. Of a path that is there twice the last counts.</summary>
    public static Statements ScoreJson(string text) => Scores(text, root => root.EnumerateObject()
        .Where(entry => entry.Name != Meta)
        .Select(entry => (entry.Name, Score: entry.Value.ValueKind switch
        {
            JsonValueKind.Array when entry.Value.GetArrayLength() is 1 or 2 => Number(entry.Value[0], entry.Name),
            _ => Number(entry.Value, entry.Name),
        })));

    public static Statements ImageRecords(string text) => Scores(text, root =>
        root.TryGetProperty("ImageRecords", out var records) && records.ValueKind == JsonValueKind.Object
            ? records.EnumerateObject().Select(entry => (PathOf(entry), Score: entry.Value.TryGetProperty("score", out var score) ? Number(score, entry.Name) : 0))
            : throw new JudgingException("it has no object 'ImageRecords'."));

    /// <summary>Which of the two a JSON text is.</summary>
    public static ExchangeFormat Recognise(string text)
    {
        using var document = Parse(text);
        return document.RootElement.TryGetProperty("ImageRecords", out var records) && records.ValueKind == JsonValueKind.Object
            ? ExchangeFormat.ImageRecords
            : ExchangeFormat.ScoreJson;
    }

    private static Statements Scores(string text, Func<JsonElement, IEnumerable<(string Path, double Score)>> read)
    {
        using var document = Parse(text);
        var scores = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (path, score) in read(document.RootElement))
        {
            scores[path] = score;
        }

        var scored = scores.Where(s => s.Value != 0).Select(s => Statement.Rating(new(s.Key), s.Value, EloReplay.Scale)).ToList();
        return new(scored, scores.Count - scored.Count, HasComparisons: true);
    }

    private static JsonDocument Parse(string text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Shallow);
        }
        catch (JsonException e)
        {
            throw new JudgingException($"it is no JSON of scores: {e.Message} Is the file whole?");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new JudgingException("it holds JSON, but no object of paths with their scores.");
    }

    private static string PathOf(JsonProperty entry)
    {
        if (entry.Value.ValueKind != JsonValueKind.Object)
        {
            throw new JudgingException($"the record '{Text.Shown(entry.Name)}' is no object.");
        }

        return PathNames
            .Select(name => entry.Value.TryGetProperty(name, out var path) && path.ValueKind == JsonValueKind.String ? path.GetString() : null)
            .FirstOrDefault(path => path is not null) ?? entry.Name;
    }

    private static double Number(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Null => 0,
        JsonValueKind.Number when element.TryGetDouble(out var value) && double.IsFinite(value) => value,
        _ => throw new JudgingException($"the score of '{Text.Shown(path)}' is '{Text.Shown(element.ToString())}'; a number was wanted."),
    };
}
