using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// Fooocus' own scheme (lllyasviel/Fooocus, modules/meta_parser.py) and RuinedFooocus', both flat JSON. Its other scheme is infotext.
/// </summary>
internal static class Fooocus
{
    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["prompt"] = Field.Prompt,
        ["Prompt"] = Field.Prompt,
        ["negative_prompt"] = Field.NegativePrompt,
        ["Negative"] = Field.NegativePrompt,
        ["seed"] = Field.Seed,
        ["steps"] = Field.Steps,
        ["sampler"] = Field.Sampler,
        ["sampler_name"] = Field.Sampler,
        ["scheduler"] = Field.Scheduler,
        ["guidance_scale"] = Field.CfgScale,
        ["cfg"] = Field.CfgScale,
        ["resolution"] = Field.Size,
        ["width"] = Field.Width,
        ["height"] = Field.Height,
        ["base_model"] = Field.Model,
        ["base_model_name"] = Field.Model,
        ["base_model_hash"] = Field.ModelHash,
    };

    public static GenerationInfo? Read(JsonElement root)
    {
        if (root.Member("base_model") is null && root.Member("base_model_name") is null)
        {
            return null;
        }

        var draft = new GenerationDraft(Names);
        root.AddTo(draft);
        return draft.By(Generator.Fooocus);
    }
}
