using System.Globalization;
using System.Text.RegularExpressions;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// The dialects in which Stable Diffusion is published, all turned into the names of diffusers: CompVis' single file (LDM), whose
/// blocks are numbered through, and diffusers before 0.18, which called the autoencoder's attention otherwise. Nothing is read: what is
/// renamed, cut in halves or has axes of size 1 too many is the same bytes of the same file.
/// </summary>
public static partial class DiffusionNames
{
    private const string UNetPrefix = "model.diffusion_model.", VaePrefix = "first_stage_model.", TextPrefix = "cond_stage_model.";

    private static readonly (string From, string To)[] UNetEnds =
    [
        ("time_embed.0.", "time_embedding.linear_1."), ("time_embed.2.", "time_embedding.linear_2."), ("out.0.", "conv_norm_out."), ("out.2.", "conv_out."),
        ("input_blocks.0.0.", "conv_in."), ("middle_block.0.", "mid_block.resnets.0."), ("middle_block.1.", "mid_block.attentions.0."), ("middle_block.2.", "mid_block.resnets.1."),
    ];

    private static readonly (string From, string To)[] InResidual =
    [
        (".in_layers.0.", ".norm1."), (".in_layers.2.", ".conv1."), (".emb_layers.1.", ".time_emb_proj."), (".out_layers.0.", ".norm2."), (".out_layers.3.", ".conv2."),
        (".skip_connection.", ".conv_shortcut."),
    ];

    private static readonly (string From, string To)[] InVae =
    [
        (".mid.block_1.", ".mid_block.resnets.0."), (".mid.block_2.", ".mid_block.resnets.1."), (".mid.attn_1.norm.", ".mid_block.attentions.0.group_norm."),
        (".mid.attn_1.proj_out.", ".mid_block.attentions.0.to_out.0."), (".mid.attn_1.", ".mid_block.attentions.0.to_"), (".norm_out.", ".conv_norm_out."),
        (".nin_shortcut.", ".conv_shortcut."), (".attentions.0.query.", ".attentions.0.to_q."), (".attentions.0.key.", ".attentions.0.to_k."),
        (".attentions.0.value.", ".attentions.0.to_v."), (".attentions.0.proj_attn.", ".attentions.0.to_out.0."),
    ];

    /// <summary>Saved beside the networks and not of them: the noise schedule as numbers, averages of training, what the trainer kept.</summary>
    private static readonly string[] NotNetwork =
    [
        "betas", "alphas_cumprod", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod", "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod",
        "sqrt_recipm1_alphas_cumprod", "posterior_", "logvar", "lvlb_weights", "scale_factor", "v_pred", "ztsnr", "model_ema.", "first_stage_model.loss.",
        "cond_stage_model.logit_scale", "cond_stage_model.model.logit_scale", "cond_stage_model.model.attn_mask",
    ];

    /// <summary>The networks of a single file, each under its own names, and what belongs to none of them.</summary>
    public sealed record Parts(
        IReadOnlyDictionary<string, StoredTensor> UNet, IReadOnlyDictionary<string, StoredTensor> Vae, IReadOnlyDictionary<string, StoredTensor> Text,
        IReadOnlyList<string> Strangers);

    /// <summary>Whether a file holds several networks under the prefixes of CompVis' trainer.</summary>
    public static bool IsSingleFile(IEnumerable<string> names) => names.Any(name => name.StartsWith(UNetPrefix, StringComparison.Ordinal));

    /// <summary>Takes a single file apart; the parts keep their dialect.</summary>
    public static Parts Split(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var strangers = tensors.Keys.Where(name => !name.StartsWith(UNetPrefix, StringComparison.Ordinal) && !name.StartsWith(VaePrefix, StringComparison.Ordinal)
            && !name.StartsWith(TextPrefix, StringComparison.Ordinal) && !IsKnown(name));
        return new(Under(UNetPrefix), Under(VaePrefix), Under(TextPrefix), [.. strangers.Order(StringComparer.Ordinal)]);

        Dictionary<string, StoredTensor> Under(string prefix) => tensors
            .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal) && !IsKnown(t.Key)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value);
    }

    /// <exception cref="WeightException">Two names mean the same weight.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> UNet(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var layers = LayersOf(tensors.Keys);
        var canonical = new Dictionary<string, StoredTensor>();
        foreach (var (name, tensor) in tensors)
        {
            var to = UNetName(name, layers);
            var gated = to.IndexOf(".ff.net.0.proj.", StringComparison.Ordinal);
            if (gated >= 0 && tensor.Shape is { Rank: > 0 } && tensor.Shape[0] % 2 == 0)
            {
                var (layer, kind) = (to[..gated], to[(to.LastIndexOf('.') + 1)..]);
                Add(canonical, $"{layer}.ff.net.0.value.{kind}", Half(tensor, 0));
                Add(canonical, $"{layer}.ff.net.0.gate.{kind}", Half(tensor, 1));
            }
            else
            {
                Add(canonical, to, to.EndsWith(".proj_in.weight", StringComparison.Ordinal) || to.EndsWith(".proj_out.weight", StringComparison.Ordinal) ? Matrix(tensor) : tensor);
            }
        }

        return canonical;
    }

    /// <exception cref="WeightException">Two names mean the same weight.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Vae(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var levels = tensors.Keys.Select(name => VaeUp().Match(name)).Where(m => m.Success).Select(m => Number(m, 1) + 1).DefaultIfEmpty().Max();
        var canonical = new Dictionary<string, StoredTensor>();
        foreach (var (name, tensor) in tensors)
        {
            var to = VaeUp().Replace(name, m => $"decoder.up_blocks.{levels - 1 - Number(m, 1)}.{VaePart(m.Groups[2].Value)}");
            to = VaeDown().Replace(to, m => $"encoder.down_blocks.{Number(m, 1)}.{VaePart(m.Groups[2].Value)}");
            to = InVae.Aggregate(to, (n, r) => n.Replace(r.From, r.To, StringComparison.Ordinal));
            var isMatrix = to.Contains(".attentions.0.to_", StringComparison.Ordinal) && to.EndsWith(".weight", StringComparison.Ordinal);
            Add(canonical, to, isMatrix ? Matrix(tensor) : tensor);
        }

        return canonical;
    }

    /// <summary>A text tower, in any dialect of a checkpoint of Stable Diffusion or of CLIP.</summary>
    public static IReadOnlyDictionary<string, StoredTensor> Text(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        string[] wrappers = ["transformer.text_model.", "model."];
        var inner = tensors.ToDictionary(t => Unwrapped(t.Key), t => t.Value);
        return ClipNames.Canonical(inner).Where(t => !t.Key.StartsWith("vision_model.", StringComparison.Ordinal) && t.Key != "visual_projection.weight").ToDictionary();

        string Unwrapped(string name) =>
            name.StartsWith(wrappers[0], StringComparison.Ordinal) ? name["transformer.".Length..]
            : name.StartsWith(wrappers[1], StringComparison.Ordinal) ? name[wrappers[1].Length..]
            : OldTower().IsMatch(name) ? OldTower().Replace(name, "text_model.") : name;
    }

    private static string UNetName(string name, int layers)
    {
        if (UNetBlock().Match(name) is { Success: true } m && !name.StartsWith("input_blocks.0.", StringComparison.Ordinal))
        {
            var isDown = m.Groups[1].Value == "input";
            var number = Number(m, 2) - (isDown ? 1 : 0);
            var (level, layer, part, rest) = (number / (layers + 1), number % (layers + 1), m.Groups[3].Value, m.Groups[4].Value);
            var block = isDown ? $"down_blocks.{level}" : $"up_blocks.{level}";
            name = rest switch
            {
                _ when rest.StartsWith("op.", StringComparison.Ordinal) => $"{block}.downsamplers.0.conv.{rest[3..]}",
                _ when rest.StartsWith("conv.", StringComparison.Ordinal) => $"{block}.upsamplers.0.{rest}",
                _ => $"{block}.{(part == "0" ? "resnets" : "attentions")}.{layer}.{rest}",
            };
        }
        else
        {
            name = UNetEnds.Where(r => name.StartsWith(r.From, StringComparison.Ordinal)).Select(r => r.To + name[r.From.Length..]).FirstOrDefault(name);
        }

        return InResidual.Aggregate(name, (n, r) => n.Replace(r.From, r.To, StringComparison.Ordinal));
    }

    /// <summary>Residual blocks of a level: the first that makes the picture smaller comes after them.</summary>
    private static int LayersOf(IEnumerable<string> names)
    {
        var blocks = names.Select(name => UNetBlock().Match(name)).Where(m => m.Success && m.Groups[1].Value == "input").ToList();
        var smaller = blocks.Where(m => m.Groups[4].Value.StartsWith("op.", StringComparison.Ordinal)).Select(m => Number(m, 2) - 1).ToList();
        return smaller.Count > 0 ? smaller.Min() : blocks.Select(m => Number(m, 2)).DefaultIfEmpty().Max();
    }

    private static string VaePart(string part) => part.StartsWith("block.", StringComparison.Ordinal) ? $"resnets.{part["block.".Length..]}"
        : part.Replace("upsample.", "upsamplers.0.", StringComparison.Ordinal).Replace("downsample.", "downsamplers.0.", StringComparison.Ordinal);

    /// <summary>A convolution by 1 × 1 as the matrix that it is; anything else as it comes.</summary>
    private static StoredTensor Matrix(StoredTensor t) => t.Shape is { Rank: 4 } && t.Shape[2] == 1 && t.Shape[3] == 1
        ? t with { Shape = new(t.Shape[0], t.Shape[1]), Strides = t.Strides?[..2] } : t;

    private static StoredTensor Half(StoredTensor t, int index)
    {
        var rows = t.Shape[0] / 2;
        var rowStride = t.Strides?[0] ?? (rows == 0 ? 0 : t.Count / t.Shape[0]);
        return t with { Shape = new([rows, .. t.Shape.Axes[1..]]), Offset = t.Offset + (index * rows * rowStride * t.Type.Size) };
    }

    private static void Add(Dictionary<string, StoredTensor> canonical, string name, StoredTensor tensor)
    {
        if (!canonical.TryAdd(name, tensor))
        {
            throw new WeightException($"'{tensor.Name}' and '{canonical[name].Name}' are the same weight, '{name}', in two dialects.");
        }
    }

    private static bool IsKnown(string name) => Array.Exists(NotNetwork, known => known[^1] is '.' or '_'
        ? name.StartsWith(known, StringComparison.Ordinal) : name == known || name.StartsWith($"{known}_prev", StringComparison.Ordinal));

    private static int Number(Match m, int group) => int.Parse(m.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(input|output)_blocks\.(\d{1,3})\.(\d)\.(.+)$")]
    private static partial Regex UNetBlock();

    [GeneratedRegex(@"^decoder\.up\.(\d{1,3})\.(.+)$")]
    private static partial Regex VaeUp();

    [GeneratedRegex(@"^encoder\.down\.(\d{1,3})\.(.+)$")]
    private static partial Regex VaeDown();

    /// <summary>A tower as transformers before 4.0 saved it, without the name of its model.</summary>
    [GeneratedRegex(@"^transformer\.(?=(embeddings|encoder|final_layer_norm)\.)")]
    private static partial Regex OldTower();
}
