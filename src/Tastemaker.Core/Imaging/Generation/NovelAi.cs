using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>NovelAI's text chunks: the prompt as Description, the model as Source, the settings as JSON in Comment.</summary>
internal static class NovelAi
{
    private const int HashDigits = 8;

    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["prompt"] = Field.Prompt,
        ["uc"] = Field.NegativePrompt,
        ["seed"] = Field.Seed,
        ["steps"] = Field.Steps,
        ["sampler"] = Field.Sampler,
        ["noise_schedule"] = Field.Scheduler,
        ["scale"] = Field.CfgScale,
        ["width"] = Field.Width,
        ["height"] = Field.Height,
    };

    public static GenerationInfo? Read(IReadOnlyDictionary<string, string> texts, string? software)
    {
        if (software != "NovelAI" || !texts.TryGetValue("Comment", out var comment) || GeneratorJson.Object(comment) is not { } json)
        {
            return null;
        }

        using (json)
        {
            var draft = new GenerationDraft(Names);
            draft.Set(Field.Prompt, texts.GetValueOrDefault("Description") ?? CaptionOf(json.RootElement, "v4_prompt") ?? "");
            draft.Set(Field.NegativePrompt, CaptionOf(json.RootElement, "v4_negative_prompt") ?? "");
            if (texts.TryGetValue("Source", out var source))
            {
                draft.Set(Field.Model, source);
                if (source.Split(' ')[^1] is { Length: HashDigits } hash && hash.All(char.IsAsciiHexDigit))
                {
                    draft.Set(Field.ModelHash, hash);
                }
            }

            json.RootElement.AddTo(draft);
            return draft.By(Generator.NovelAI);
        }
    }

    /// <summary>Where the fourth model's prompts stand.</summary>
    private static string? CaptionOf(JsonElement root, string name) => root.Member(name)?.Member("caption")?.TextOf("base_caption");
}
