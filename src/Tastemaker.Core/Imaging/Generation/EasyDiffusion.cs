using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// Easy Diffusion (easydiffusion/easydiffusion, ui/easydiffusion/utils/save_utils.py): one PNG text chunk a setting, the same as JSON in
/// a UserComment, or a text file with a line <c>Label: value</c> each.
/// </summary>
internal static class EasyDiffusion
{
    /// <summary>Fewer lines with labels are an accident.</summary>
    private const int FewestLines = 3;

    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["prompt"] = Field.Prompt,
        ["negative_prompt"] = Field.NegativePrompt,
        ["seed"] = Field.Seed,
        ["num_inference_steps"] = Field.Steps,
        ["sampler_name"] = Field.Sampler,
        ["scheduler_name"] = Field.Scheduler,
        ["guidance_scale"] = Field.CfgScale,
        ["width"] = Field.Width,
        ["height"] = Field.Height,
        ["use_stable_diffusion_model"] = Field.Model,
    };

    private static readonly Dictionary<string, Field> Labels = new(StringComparer.Ordinal)
    {
        ["Prompt"] = Field.Prompt,
        ["Negative Prompt"] = Field.NegativePrompt,
        ["Seed"] = Field.Seed,
        ["Steps"] = Field.Steps,
        ["Sampler"] = Field.Sampler,
        ["Scheduler"] = Field.Scheduler,
        ["Guidance Scale"] = Field.CfgScale,
        ["Width"] = Field.Width,
        ["Height"] = Field.Height,
        ["Stable Diffusion model"] = Field.Model,
    };

    /// <summary>Chunks, of which <c>prompt</c> is ComfyUI's where it is no plain text.</summary>
    public static GenerationInfo? Read(IReadOnlyDictionary<string, string> texts) =>
        texts.ContainsKey("prompt") && (texts.ContainsKey("num_inference_steps") || texts.ContainsKey("use_stable_diffusion_model"))
            ? Of(Names, texts)
            : null;

    public static GenerationInfo? ReadJson(JsonElement root)
    {
        if (root.Member("prompt") is not { ValueKind: JsonValueKind.String } || (root.Member("num_inference_steps") ?? root.Member("use_stable_diffusion_model")) is null)
        {
            return null;
        }

        var draft = new GenerationDraft(Names);
        root.AddTo(draft);
        return draft.By(Generator.EasyDiffusion);
    }

    public static GenerationInfo? ReadLines(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)).ToList();
        return lines.Count(line => Labels.ContainsKey(line[0])) >= FewestLines && lines.Any(line => line[0] is "Prompt")
            ? Of(Labels, lines.Where(line => line.Length == 2).Select(line => new KeyValuePair<string, string>(line[0], line[1])))
            : null;
    }

    private static GenerationInfo Of(Dictionary<string, Field> names, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var draft = new GenerationDraft(names);
        foreach (var (name, value) in settings)
        {
            draft.Add(name, value);
        }

        return draft.By(Generator.EasyDiffusion);
    }
}
