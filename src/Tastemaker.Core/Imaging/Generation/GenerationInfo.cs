using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>How a picture was made, as its generator wrote it down; numbers are null where it did not say.</summary>
public sealed partial record GenerationInfo
{
    private const int ImageDescription = 0x010E, Make = 0x010F, CameraModel = 0x0110, Software = 0x0131;

    /// <summary>A longer text file is no sidecar.</summary>
    private const int MostSidecarBytes = 1 << 20;

    public Generator Generator { get; init; }

    public GenerationPlace Place { get; init; }

    public string Prompt { get; init; } = "";

    public string NegativePrompt { get; init; } = "";

    public ulong? Seed { get; init; }

    public int? Steps { get; init; }

    public string? Sampler { get; init; }

    public string? Scheduler { get; init; }

    public double? CfgScale { get; init; }

    /// <summary>As it was asked for, which need not be the picture's.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    public string? Model { get; init; }

    public string? ModelHash { get; init; }

    /// <summary>Everything else by the generator's own names, in its order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>Scores that other programs wrote beside it.</summary>
    public IReadOnlyList<WrittenScore> Scores { get; init; } = [];

    /// <summary>
    /// Looks into the picture's metadata, then into the lowest bits of its pixels, then into a text file of its name.
    /// Null where nobody wrote anything.
    /// </summary>
    /// <exception cref="ImageException">It cannot be read, is no image, or is damaged where the metadata stands.</exception>
    public static GenerationInfo? Of(string path) => Of(path, EmbeddedMetadata.Read(path), CancellationToken.None);

    /// <summary>The fields that are known, as text by the webui's names for them; prompts and further settings are not among them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Named()
    {
        (string Name, IFormattable? Number, string? Text)[] fields =
        [
            ("Seed", Seed, null), ("Steps", Steps, null), ("Sampler", null, Sampler), ("Scheduler", null, Scheduler), ("CFG scale", CfgScale, null),
            ("Size", null, Width is { } width && Height is { } height ? string.Create(CultureInfo.InvariantCulture, $"{width}x{height}") : null),
            ("Model", null, Model), ("Model hash", null, ModelHash),
        ];
        return [.. fields
            .Select(f => (f.Name, Text: f.Number?.ToString(null, CultureInfo.InvariantCulture) ?? f.Text))
            .Where(f => f.Text is not null)
            .Select(f => new KeyValuePair<string, string>(f.Name, f.Text!))];
    }

    /// <summary>The same of a file whose metadata was read.</summary>
    internal static GenerationInfo? Of(string path, EmbeddedMetadata metadata, CancellationToken cancel)
    {
        var info = Of(metadata);
        if (info is null or { Generator: Generator.Unknown } && (OfPixels(path, cancel) ?? OfSidecar(path)) is { } elsewhere)
        {
            info = elsewhere with { Scores = [.. elsewhere.Scores, .. info?.Scores ?? []] };
        }

        return ChadName().Match(Path.GetFileNameWithoutExtension(path)) is { Success: true } name
            ? (info ?? new()).Scored("file name", name.Groups["score"].Value)
            : info;
    }

    /// <summary>
    /// What a file's metadata says. Places are asked in the order of the webui's reader, which are NovelAI's own, UserComment,
    /// <c>parameters</c>, the comment of a GIF; then those that it does not know. Null where nobody wrote anything.
    /// </summary>
    public static GenerationInfo? Of(EmbeddedMetadata metadata)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (keyword, text) in metadata.Texts)
        {
            texts.TryAdd(keyword, text);
        }

        var software = texts.GetValueOrDefault("Software") ?? metadata.Exif.GetValueOrDefault(Software);
        var maker = Maker(texts, metadata);
        var info = NovelAi.Read(texts, software)
            ?? Comment(metadata.UserComment, maker)
            ?? Parameters(texts.GetValueOrDefault("parameters"), maker)
            ?? Comment(texts.GetValueOrDefault("comment"), maker)
            ?? InvokeAi.Read(texts)
            ?? ComfyGraphs(texts, metadata).Select(Comfy.Read).FirstOrDefault(read => read is not null)
            ?? EasyDiffusion.Read(texts);
        foreach (var keyword in WebUi.Afterwards)
        {
            if (texts.TryGetValue(keyword, out var text))
            {
                info ??= new() { Generator = Generator.A1111 };
                info = info with { Settings = [.. info.Settings, new(keyword, text)] };
            }
        }

        return ScoreTexts(metadata).Aggregate(info, (known, score) => (known ?? new()).Scored(score.Place, score.Value)) is { } scored
            && (scored.Generator != Generator.Unknown || scored.Scores.Count > 0) ? scored : null;
    }

    /// <summary>A text where others write too: what has a negative prompt or a setting that generators have.</summary>
    private static GenerationInfo? Comment(string? text, Generator maker)
    {
        var info = Parameters(text, maker);
        return info is null || (info.NegativePrompt.Length == 0 && info.Named().Count == 0) ? null : info;
    }

    /// <summary>Text where only generators write: JSON, else infotext, which may be a prompt alone.</summary>
    private static GenerationInfo? Parameters(string? text, Generator maker)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        using var json = GeneratorJson.Object(text);
        return json is not null
            ? SwarmUi.Read(json.RootElement) ?? Fooocus.Read(json.RootElement) ?? InvokeAi.ReadMetadata(json.RootElement)
                ?? EasyDiffusion.ReadJson(json.RootElement) ?? Comfy.Read(json.RootElement)
            : text.Length <= InfotextDialects.MostCharacters ? WebUi.Read(InfotextDialects.Read(text), maker) : null;
    }

    /// <summary>Infotext or JSON, or the texts of a PNG as one object.</summary>
    private static GenerationInfo? OfPixels(string path, CancellationToken cancel)
    {
        if (StealthText.Read(path, cancel) is not { } text)
        {
            return null;
        }

        using var json = GeneratorJson.Object(text);
        var texts = json?.RootElement.EnumerateObject().Select(member => new TextEntry(member.Name, member.Value.AsText() ?? "")).ToList();
        var info = Parameters(text, Generator.A1111) ?? (texts is null ? null : Of(new EmbeddedMetadata { Texts = texts }));
        return info is null ? null : info with { Place = GenerationPlace.Pixels };
    }

    private static GenerationInfo? OfSidecar(string path) =>
        Sidecar(path) is { } text && (Comment(text, Generator.A1111) ?? EasyDiffusion.ReadLines(text)) is { } info ? info with { Place = GenerationPlace.Sidecar } : null;

    /// <summary>Who writes infotext here, where the text itself does not say.</summary>
    private static Generator Maker(Dictionary<string, string> texts, EmbeddedMetadata metadata) =>
        texts.ContainsKey("fooocus_scheme") || metadata.Exif.GetValueOrDefault(Software)?.StartsWith("Fooocus", StringComparison.Ordinal) == true ? Generator.Fooocus
        : ComfyGraphs(texts, metadata).Any(graph => graph.AsSpan().TrimStart().StartsWith('{')) ? Generator.ComfyUI
        : Generator.A1111;

    /// <summary>
    /// The graph that ran, then the one that the page shows: PNG's chunks, or EXIF strings that begin with the keyword.
    /// </summary>
    private static IEnumerable<string> ComfyGraphs(Dictionary<string, string> texts, EmbeddedMetadata metadata)
    {
        foreach (var keyword in (string[])["prompt", "workflow"])
        {
            if (texts.TryGetValue(keyword, out var chunk))
            {
                yield return chunk;
            }

            foreach (var tag in (int[])[Make, CameraModel, ImageDescription])
            {
                if (metadata.Exif.TryGetValue(tag, out var text) && text.StartsWith($"{keyword}:", StringComparison.OrdinalIgnoreCase))
                {
                    yield return text[(keyword.Length + 1)..];
                }
            }
        }
    }

    /// <summary>
    /// Scores outside of settings: text chunks of that name, and the UserComment that ends in a score alone.
    /// </summary>
    private static IEnumerable<(string Place, string Value)> ScoreTexts(EmbeddedMetadata metadata)
    {
        foreach (var (keyword, text) in metadata.Texts.Where(t => WebUi.Scores.Contains(t.Keyword)))
        {
            yield return (keyword, text);
        }

        if (metadata.UserComment is { Length: <= InfotextDialects.MostCharacters } comment && InfotextDialects.Read(comment).Settings.Count == 0
            && AppendedScore().Match(comment) is { Success: true } score)
        {
            yield return ("Score", score.Groups["score"].Value);
        }
    }

    /// <summary>Text of the picture's name; null where there is none.</summary>
    private static string? Sidecar(string path)
    {
        var file = new FileInfo(Path.ChangeExtension(path, ".txt"));
        try
        {
            return file.Exists && file.Length is > 0 and <= MostSidecarBytes ? File.ReadAllText(file.FullName, Encoding.UTF8) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>With one more score, where the text is a number.</summary>
    private GenerationInfo Scored(string place, string value) =>
        GenerationDraft.Number(value) is { } score ? this with { Scores = [.. Scores, new(place, score)] } : this;

    [GeneratedRegex(@"(?:^|, )Score: (?<score>\d+\.\d+)\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex AppendedScore();

    /// <summary>SD-Chad's mark at the end of a name: <c>00012-1234--Chad--6.9</c>.</summary>
    [GeneratedRegex(@"-Chad--(?<score>[0-9]+\.[0-9]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ChadName();
}
