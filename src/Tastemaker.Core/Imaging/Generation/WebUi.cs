namespace Tastemaker.Core.Imaging.Generation;

/// <summary>The settings of an infotext, whoever wrote it.</summary>
internal static class WebUi
{
    /// <summary>The version that pictures painted here name.</summary>
    public const string Own = "Tastemaker";

    /// <summary>Names under which scorers write: tsngo's and vladmandic's.</summary>
    public static readonly string[] Scores = ["aesthetic_score", "Score"];

    /// <summary>Chunks of a PNG in which the webui says what it did to a picture later, such as making it larger.</summary>
    public static readonly string[] Afterwards = ["extras", "postprocessing"];

    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["Steps"] = Field.Steps,
        ["Sampler"] = Field.Sampler,
        ["Schedule type"] = Field.Scheduler,
        ["Scheduler"] = Field.Scheduler,
        ["CFG scale"] = Field.CfgScale,
        ["Seed"] = Field.Seed,
        ["Size"] = Field.Size,
        ["Model"] = Field.Model,
        ["Model hash"] = Field.ModelHash,
        [Scores[0]] = Field.Score,
        [Scores[1]] = Field.Score,
    };

    /// <param name="maker">Who wrote it, where its <c>Version</c> does not say.</param>
    public static GenerationInfo Read(Infotext infotext, Generator maker)
    {
        var draft = new GenerationDraft(Names);
        draft.Set(Field.Prompt, infotext.Prompt);
        draft.Set(Field.NegativePrompt, infotext.NegativePrompt);
        foreach (var (key, value) in infotext.Settings)
        {
            draft.Add(key, value);
        }

        var version = infotext.Settings.LastOrDefault(s => s.Key == "Version").Value ?? "";
        return version.StartsWith("stable-diffusion.cpp", StringComparison.Ordinal) ? SplitSampler(draft.By(Generator.StableDiffusionCpp))
            : draft.By(version.Contains("Fooocus", StringComparison.Ordinal) ? Generator.Fooocus : version == "ComfyUI" ? Generator.ComfyUI : version == Own ? Generator.Tastemaker : maker);
    }

    /// <summary>stable-diffusion.cpp writes sampler and scheduler in one: <c>euler_a karras</c>.</summary>
    private static GenerationInfo SplitSampler(GenerationInfo info) =>
        info is { Scheduler: null, Sampler: { } both } && both.Split(' ', 2) is [var sampler, var scheduler]
            ? info with { Sampler = sampler, Scheduler = scheduler }
            : info;
}
