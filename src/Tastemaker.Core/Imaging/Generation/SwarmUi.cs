using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>SwarmUI's JSON (its docs, Image Metadata Format): values may be text or numbers, and any may be missing.</summary>
internal static class SwarmUi
{
    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["prompt"] = Field.Prompt,
        ["negativeprompt"] = Field.NegativePrompt,
        ["model"] = Field.Model,
        ["seed"] = Field.Seed,
        ["steps"] = Field.Steps,
        ["cfgscale"] = Field.CfgScale,
        ["width"] = Field.Width,
        ["height"] = Field.Height,
        ["sampler"] = Field.Sampler,
        ["scheduler"] = Field.Scheduler,
    };

    public static GenerationInfo? Read(JsonElement root)
    {
        if (root.Member("sui_image_params") is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return null;
        }

        var draft = new GenerationDraft(Names);
        parameters.AddTo(draft);
        if (ModelOf(root)?.TextOf("hash") is { } hash)
        {
            draft.Set(Field.ModelHash, hash.StartsWith("0x", StringComparison.Ordinal) ? hash[2..] : hash);
        }

        if (root.Member("sui_extra_data") is { ValueKind: JsonValueKind.Object } extra)
        {
            extra.AddTo(draft);
        }

        return draft.By(Generator.SwarmUI);
    }

    private static JsonElement? ModelOf(JsonElement root)
    {
        if (root.Member("sui_models") is { ValueKind: JsonValueKind.Array } models)
        {
            foreach (var model in models.EnumerateArray())
            {
                if (model.TextOf("param") == "model")
                {
                    return model;
                }
            }
        }

        return null;
    }
}
