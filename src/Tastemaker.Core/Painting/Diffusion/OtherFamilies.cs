using System.Text.RegularExpressions;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>What users have in folders of checkpoints besides Stable Diffusion 1.x and 2.x, told by the names of its weights.</summary>
internal static partial class OtherFamilies
{
    private const string Wanted = "Stable Diffusion 1.x and 2.x, with UNet, autoencoder and text encoder, can be used.";

    /// <summary>How a name of a weight begins, and what has such a name. The first that fits.</summary>
    private static readonly (string Beginning, string What)[] Signs =
    [
        ("conditioner.embedders.", "Stable Diffusion XL"),
        ("model.diffusion_model.label_emb.", "Stable Diffusion XL"),
        ("model.diffusion_model.joint_blocks.", "Stable Diffusion 3"),
        ("joint_blocks.", "Stable Diffusion 3"),
        ("model.diffusion_model.double_blocks.", "Flux"),
        ("double_blocks.", "Flux"),
        ("single_transformer_blocks.", "Flux"),
        ("transformer_blocks.", "a diffusion transformer"),
        ("model.diffusion_model.down_blocks.", "Stable Cascade"),
        ("control_model.", "a ControlNet"),
        ("controlnet_", "a ControlNet"),
        ("lora_unet_", "a LoRA, which changes a checkpoint and is none"),
        ("lora_te", "a LoRA, which changes a checkpoint and is none"),
        ("unet.", "a LoRA, which changes a checkpoint and is none"),
    ];

    /// <summary>The same for parts of Stable Diffusion, told only where there is no UNet.</summary>
    private static readonly (string Beginning, string What)[] Parts =
    [
        ("down_blocks.", "a UNet alone"),
        ("first_stage_model.", "an autoencoder (VAE) alone"),
        ("encoder.down", "an autoencoder (VAE) alone"),
        ("decoder.", "an autoencoder (VAE) alone"),
        ("cond_stage_model.", "a text encoder alone"),
        ("text_model.", "a text encoder, or CLIP"),
        ("visual.", "CLIP"),
    ];

    /// <exception cref="WeightException">The weights are of something else.</exception>
    public static void Refuse(IEnumerable<string> names)
    {
        var all = names.ToList();
        var isWhole = DiffusionNames.IsSingleFile(all);
        if (Among(Signs) is { } family)
        {
            throw new WeightException($"it is {family}; {Wanted}");
        }

        if (!isWhole)
        {
            throw new WeightException(Among(Parts) is { } part ? $"it is {part}; {Wanted}"
                : $"it is no Stable Diffusion: its {all.Count} weights begin with {string.Join(", ", all.Order(StringComparer.Ordinal).Take(3).Select(name => $"'{name}'"))}; {Wanted}");
        }

        string? Among((string Beginning, string What)[] signs) =>
            signs.Where(sign => all.Any(name => name.StartsWith(sign.Beginning, StringComparison.Ordinal))).Select(sign => sign.What).FirstOrDefault();
    }

    /// <param name="index">The <c>model_index.json</c> of a folder; null where it has none.</param>
    /// <exception cref="WeightException">The folder's pipeline is another.</exception>
    public static void RefusePipeline(string? index)
    {
        if (index is not null && ClassName().Match(index) is { Success: true } m && !Known().IsMatch(m.Groups[1].Value))
        {
            throw new WeightException($"model_index.json says '{m.Groups[1].Value}'; {Wanted}");
        }
    }

    [GeneratedRegex(@"""_class_name""\s*:\s*""(\w{1,100})""")]
    private static partial Regex ClassName();

    [GeneratedRegex("^(StableDiffusion(?!XL|3|Upscale|Inpaint|InstructPix2Pix|Depth2Img|LatentUpscale|ControlNet)|LatentConsistencyModel)")]
    private static partial Regex Known();
}
