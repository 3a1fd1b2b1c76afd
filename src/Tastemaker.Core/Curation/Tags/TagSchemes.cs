using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tastemaker.Core.Curation.Tags;

/// <summary>The ladders that known models were trained with, and ladders of one's own from JSON.</summary>
public static class TagSchemes
{
    private const int MostBytes = 1 << 20, MostTiers = 1000, MostTags = 100, LongestTag = 200;

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>
    /// <c>pony-v5</c> and <c>pony-v6</c> as AstraliteHeart's article describes them (tier k is the percentiles 10k to 10k + 10, the lowest is 4);
    /// <c>pony-full</c>, which goes down to 1 and shuffles; <c>animagine</c> and <c>noobai</c> as their model cards do.
    /// </summary>
    public static IReadOnlyList<TagScheme> Known { get; } =
    [
        new("pony-v5", ByPercentile: true, Pony(lowest: 4, k => [$"score_{k}"])) { Advice = "keep_tokens = 1" },
        new("pony-v6", ByPercentile: true, Pony(lowest: 4, Cumulative))
        {
            Advice = "keep_tokens = 6, as many as the longest string has; images of lower tiers then keep a few of their own tags in front, too",
        },
        new("pony-full", ByPercentile: true, [.. Pony(lowest: 2, k => Cumulative(k, lowest: 1)), new(0, HoldsEdge: true, ["score_1"])])
        {
            IsShuffled = true,
            Advice = "keep_tokens = 0 and shuffle_caption, so that every tag is learned by itself",
        },
        new("animagine", ByPercentile: true,
        [
            Over(95, "masterpiece"), Over(85, "best quality"), Over(75, "great quality"), Over(50, "good quality"),
            Over(25, "normal quality"), Over(10, "low quality"), new(0, HoldsEdge: true, ["worst quality"]),
        ]) { Advice = "keep_tokens = 1" },
        new("noobai", ByPercentile: true,
        [
            Over(95, "very awa", "masterpiece"), Over(85, "best quality"), Over(60, "good quality"), Over(30, "normal quality"),
            Over(5, "worst quality"), new(0, HoldsEdge: true, ["worst aesthetic", "worst quality"]),
        ]) { Advice = "keep_tokens = 2" },
    ];

    /// <summary>A known scheme by name, else the one in a file of that name.</summary>
    /// <exception cref="CurationException">There is neither, or the file holds no scheme.</exception>
    public static TagScheme Find(string nameOrFile) =>
        Known.FirstOrDefault(scheme => scheme.Name.Equals(nameOrFile, StringComparison.OrdinalIgnoreCase))
        ?? (File.Exists(nameOrFile)
            ? Read(nameOrFile)
            : throw new CurationException($"'{nameOrFile}' is no scheme ({string.Join(", ", Known.Select(scheme => scheme.Name))}) and no file with one."));

    /// <summary>
    /// A ladder from JSON: <c>{"name": "mine", "by": "percentile", "shuffle": false, "tiers": [{"from": 90, "tags": ["best"]}, …]}</c>;
    /// <c>by</c> is <c>percentile</c> or <c>score</c>; a tier begins at <c>from</c>, or just above <c>above</c>.
    /// </summary>
    /// <exception cref="CurationException">It is not one; the message says why.</exception>
    public static TagScheme Parse(string json)
    {
        Ladder ladder;
        try
        {
            ladder = JsonSerializer.Deserialize<Ladder>(json, Strict) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new CurationException($"is no tag scheme: {e.Message}");
        }

        var tiers = ladder.Tiers is { Count: > 0 and <= MostTiers } some
            ? some.Select(Tier).ToList()
            : throw new CurationException($"has {ladder.Tiers?.Count ?? 0} tiers; 1 to {MostTiers} were wanted.");
        for (var i = 1; i < tiers.Count; i++)
        {
            if (tiers[i].Edge >= tiers[i - 1].Edge)
            {
                throw new CurationException($"has tier {i + 1} at {tiers[i].Edge}, not below {tiers[i - 1].Edge}, the one before it. Name the best tier first.");
            }
        }

        var most = tiers.Max(tier => tier.Tags.Count);
        return new(ladder.Name ?? "own", ladder.By switch
        {
            "percentile" => true,
            "score" => false,
            _ => throw new CurationException($"is by '{ladder.By}'; 'percentile' or 'score' was wanted."),
        }, tiers) { IsShuffled = ladder.Shuffle, Advice = ladder.Shuffle ? "keep_tokens = 0 and shuffle_caption" : $"keep_tokens = {most}" };
    }

    private static TagScheme Read(string path)
    {
        var size = new FileInfo(path).Length;
        try
        {
            return size <= MostBytes ? Parse(File.ReadAllText(path)) : throw new CurationException($"has {size} bytes; a scheme of at most {MostBytes} was wanted.");
        }
        catch (CurationException e)
        {
            throw new CurationException($"'{path}' {e.Message}");
        }
    }

    private static Tier Tier(Step step)
    {
        if (step.From is null == step.Above is null)
        {
            throw new CurationException("has a tier with not exactly one of 'from' and 'above'.");
        }

        var edge = (step.From ?? step.Above)!.Value;
        var tags = step.Tags ?? [];
        return tags.Count <= MostTags && tags.All(IsTag)
            ? new(edge, step.From is not null, tags)
            : throw new CurationException($"has a tag in the tier at {edge} that is empty, longer than {LongestTag} characters, or has a comma or a new line in it.");
    }

    private static bool IsTag(string? tag) => tag is { Length: > 0 and <= LongestTag } && tag.Trim() == tag && !tag.Contains(',', StringComparison.Ordinal) && !tag.Any(char.IsControl);

    private static Tier Over(double edge, params string[] tags) => new(edge, HoldsEdge: false, tags);

    private static List<Tier> Pony(int lowest, Func<int, IReadOnlyList<string>> tags) =>
        [.. Enumerable.Range(lowest, 10 - lowest).Reverse().Select(k => new Tier(10 * k, HoldsEdge: true, tags(k)))];

    private static IReadOnlyList<string> Cumulative(int k) => Cumulative(k, lowest: 4);

    private static IReadOnlyList<string> Cumulative(int k, int lowest) =>
        [$"score_{k}", .. Enumerable.Range(lowest, k - lowest).Reverse().Select(lower => $"score_{lower}_up")];

    private sealed record Ladder(string? Name, string? By, bool Shuffle, IReadOnlyList<Step>? Tiers);

    private sealed record Step(double? From, double? Above, IReadOnlyList<string>? Tags);
}
