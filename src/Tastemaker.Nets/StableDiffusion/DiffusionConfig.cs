using System.Text.Json;
using System.Text.RegularExpressions;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>Which Stable Diffusion a checkpoint is of.</summary>
public enum DiffusionKind
{
    /// <summary>1.x: reads the last state of OpenAI's CLIP.</summary>
    Sd1,

    /// <summary>2.x: reads the last state but one of open_clip's ViT-H/14.</summary>
    Sd2,
}

/// <summary>What the networks of a checkpoint are, read off the shapes of their weights; files beside them add what shapes do not tell.</summary>
/// <remarks>
/// Shapes do not tell the heads of attention. They are those that a <c>config.json</c> (diffusers) or a yaml of CompVis' trainer says, else
/// SD 1's 8 on every level or SD 2's heads of 64 numbers each.
/// </remarks>
public sealed partial record DiffusionConfig(DiffusionKind Kind, UNet.Config UNet, Vae.Config Vae, TextEncoder.Config Text)
{
    private const int Sd1Heads = 8, Sd2HeadWidth = 64, NarrowHeadWidth = 8, OpenClipLayers = 24;

    /// <summary>Widths of text tokens: CLIP ViT-L/14's and ViT-H/14's.</summary>
    private const int Sd1Context = 768, Sd2Context = 1024;

    /// <param name="unet">By canonical names (<see cref="DiffusionNames"/>), as the other two.</param>
    /// <param name="isLinear">Whether the UNet's weights were stored with linear projections, as SD 2's are.</param>
    /// <param name="isFull">Whether the text tower is stored as it was trained, with layers that the UNet of SD 2 does not read: single files do, folders of diffusers do not.</param>
    /// <param name="unetSays">A <c>config.json</c> of diffusers, or the yaml of a single file; null where there is none.</param>
    /// <param name="textSays">A <c>config.json</c> of Hugging Face.</param>
    /// <exception cref="WeightException">A weight that decides is missing, or contradicts.</exception>
    public static DiffusionConfig From(
        IReadOnlyDictionary<string, StoredTensor> unet, IReadOnlyDictionary<string, StoredTensor> vae, IReadOnlyDictionary<string, StoredTensor> text,
        bool isLinear, bool isFull, string? unetSays = null, string? textSays = null)
    {
        var context = Context(unet);
        var kind = context switch { Sd1Context => DiffusionKind.Sd1, Sd2Context => DiffusionKind.Sd2, _ => isLinear ? DiffusionKind.Sd2 : DiffusionKind.Sd1 };
        var encoder = TextFrom(text, kind, isFull, textSays);
        return encoder.Tower.Stack.Width == context
            ? new(kind, UNetFrom(unet, kind, unetSays), VaeFrom(vae), encoder)
            : throw new WeightException($"the text encoder makes tokens of {encoder.Tower.Stack.Width} numbers, the UNet reads tokens of {context}; they do not belong together.");
    }

    internal static UNet.Config UNetFrom(IReadOnlyDictionary<string, StoredTensor> unet, DiffusionKind kind, string? says)
    {
        var context = Context(unet);
        var input = Axes(unet, "conv_in.weight", 4);
        var channels = Axes(unet, "conv_out.weight", 4)[0];
        if (input[1] != channels)
        {
            throw new WeightException($"the UNet reads {input[1]} channels and makes {channels}; "
                + "those for inpainting, depth or editing read a picture besides the latents, and cannot paint from a text alone.");
        }

        var levels = Count(unet, "down_blocks.{0}.resnets.0.conv1.weight");
        var said = HeadsSaid(says);
        var widths = Enumerable.Range(0, levels).Select(level => Width(unet, $"down_blocks.{level}.resnets.0.conv1.weight")).ToArray();
        return new(
            channels,
            [.. widths.Select((width, level) => new UNet.Level(width, unet.ContainsKey($"down_blocks.{level}.attentions.0.norm.weight") ? Heads(width, level) : 0))],
            Heads(widths[^1], levels - 1), Count(unet, "down_blocks.0.resnets.{0}.conv1.weight"), context, kind == DiffusionKind.Sd2);

        int Heads(int width, int level)
        {
            var heads = said(level, width) ?? (kind == DiffusionKind.Sd1 ? Sd1Heads : Math.Max(1, width / Sd2HeadWidth));
            return width % heads == 0 ? heads : throw new WeightException($"{heads} heads do not divide the UNet's width {width} on level {level}; "
                + "a config.json of diffusers or a yaml beside the checkpoint would say how many there are.");
        }
    }

    internal static Vae.Config VaeFrom(IReadOnlyDictionary<string, StoredTensor> vae)
    {
        var levels = Count(vae, "encoder.down_blocks.{0}.resnets.0.conv1.weight");
        return new(
            Axes(vae, "post_quant_conv.weight", 4)[0],
            [.. Enumerable.Range(0, levels).Select(level => Width(vae, $"encoder.down_blocks.{level}.resnets.0.conv1.weight"))],
            Count(vae, "encoder.down_blocks.0.resnets.{0}.conv1.weight"));
    }

    internal static TextEncoder.Config TextFrom(IReadOnlyDictionary<string, StoredTensor> text, DiffusionKind kind, bool isFull, string? says)
    {
        var tower = ClipConfig.From(text, says).Text ?? throw new WeightException("'text_model.embeddings.token_embedding.weight' is not in the checkpoint; a text encoder has it.");
        var stack = tower.Stack;
        if (says is null)
        {
            // Towers narrower than a head of CLIP's are made for trials only.
            var heads = stack.Width % Sd2HeadWidth == 0 ? stack.Heads : Math.Max(1, stack.Width / NarrowHeadWidth);
            stack = stack with { Activation = kind == DiffusionKind.Sd2 ? Activation.Gelu : Activation.QuickGelu, Heads = heads };
        }

        // A single file that was made of a folder of diffusers has no last layer either.
        var isCut = stack is { Width: Sd2Context, Layers: < OpenClipLayers };
        return new(tower with { Stack = stack }, kind == DiffusionKind.Sd2 && isFull && !isCut ? 1 : 0);
    }

    /// <summary>Heads for a level of a width, where a file says them; <c>attention_head_dim</c> of diffusers has always been their number.</summary>
    private static Func<int, int, int?> HeadsSaid(string? says)
    {
        if (says is null)
        {
            return (_, _) => null;
        }

        if (JsonOf(says) is { } json && (Found(json, "num_attention_heads") ?? Found(json, "attention_head_dim")) is { } heads)
        {
            return (level, _) => heads.ValueKind == JsonValueKind.Number ? Positive(heads)
                : heads.ValueKind == JsonValueKind.Array && level < heads.GetArrayLength() ? Positive(heads[level]) : null;
        }

        // Enough of the trainer's yaml, and of JSON with its content: 'num_heads: 8' or 'num_head_channels: 64'.
        int? count = Setting("num_heads"), each = Setting("num_head_channels");
        return (_, width) => each is { } channels ? Math.Max(1, width / channels) : count;

        int? Setting(string name) => YamlNumber().Matches(says).Where(m => m.Groups[1].Value == name)
            .Select(m => int.TryParse(m.Groups[2].ValueSpan, out var value) && value > 0 ? value : (int?)null).FirstOrDefault();

        static int? Positive(JsonElement e) => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var value) && value > 0 ? value : null;

        static JsonElement? Found(JsonElement json, string name) =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number or JsonValueKind.Array ? value : null;
    }

    private static int Context(IReadOnlyDictionary<string, StoredTensor> unet) => Axes(unet, "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", 2)[1];

    private static JsonElement? JsonOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null; // A yaml.
        }
    }

    private static int Count(IReadOnlyDictionary<string, StoredTensor> weights, string pattern)
    {
        const int Most = 64;
        var format = System.Text.CompositeFormat.Parse(pattern);
        var count = Enumerable.Range(0, Most).TakeWhile(i => weights.ContainsKey(string.Format(null, format, i))).Count();
        return count > 0 ? count : throw new WeightException($"'{string.Format(null, format, 0)}' is not in the checkpoint; Stable Diffusion has it.");
    }

    private static int Width(IReadOnlyDictionary<string, StoredTensor> weights, string name)
    {
        var width = Axes(weights, name, 4)[0];
        return width > 0 && width % 32 == 0 ? width : throw new WeightException($"'{name}' has {width} outputs; Stable Diffusion has multiples of 32, for its group norms.");
    }

    private static Shape Axes(IReadOnlyDictionary<string, StoredTensor> weights, string name, int rank)
    {
        var shape = weights.TryGetValue(name, out var tensor) ? tensor.Shape : throw new WeightException($"'{name}' is not in the checkpoint; Stable Diffusion has it.");
        return shape.Rank == rank ? shape : throw new WeightException($"'{name}' has shape {shape}; Stable Diffusion has {rank} axes there.");
    }

    [GeneratedRegex(@"""?\b(num_heads|num_head_channels)""?\s*:\s*(\d{1,4})\b")]
    private static partial Regex YamlNumber();
}
