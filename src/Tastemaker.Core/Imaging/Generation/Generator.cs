namespace Tastemaker.Core.Imaging.Generation;

/// <summary>Programs that make pictures and write down how.</summary>
public enum Generator
{
    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>AUTOMATIC1111's webui, and those that write as it does: Forge, SD.Next, and many more.</summary>
    A1111,

    ComfyUI,
    SwarmUI,
    InvokeAI,
    NovelAI,
    StableDiffusionCpp,
    Fooocus,
    EasyDiffusion,
    Tastemaker,
}

/// <summary>What a generator is called by those who make it.</summary>
public static class Generators
{
    public static string Title(this Generator generator) => generator switch
    {
        Generator.A1111 => "AUTOMATIC1111",
        Generator.StableDiffusionCpp => "stable-diffusion.cpp",
        Generator.EasyDiffusion => "Easy Diffusion",
        Generator.Unknown => "unknown",
        _ => $"{generator}",
    };
}
