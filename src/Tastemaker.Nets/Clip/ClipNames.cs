using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// The dialects in which CLIP is published, all turned into Hugging Face's names. OpenAI and open_clip share theirs: attention's
/// three projections stand in one matrix there, and the last projections are transposed. Nothing is read: a part of
/// a tensor is the same file at another offset.
/// </summary>
public static class ClipNames
{
    private static readonly (string From, string To)[] Renames =
    [
        ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
        ("visual.conv1.", "vision_model.embeddings.patch_embedding."),
        ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
        ("visual.ln_pre.", "vision_model.pre_layrnorm."), // Spelt so in every published file.
        ("visual.ln_post.", "vision_model.post_layernorm."),
        ("visual.transformer.resblocks.", "vision_model.encoder.layers."),
        ("token_embedding.", "text_model.embeddings.token_embedding."),
        ("positional_embedding", "text_model.embeddings.position_embedding.weight"),
        ("ln_final.", "text_model.final_layer_norm."),
        ("transformer.resblocks.", "text_model.encoder.layers."),
    ];

    private static readonly (string From, string To)[] InLayer =
    [
        (".ln_1.", ".layer_norm1."), (".ln_2.", ".layer_norm2."), (".mlp.c_fc.", ".mlp.fc1."), (".mlp.c_proj.", ".mlp.fc2."), (".attn.out_proj.", ".self_attn.out_proj."),
    ];

    /// <summary>Not weights of either tower: settings that were saved beside them, and the scale of the contrastive loss.</summary>
    private static readonly string[] NotNetwork =
        ["logit_scale", "logit_bias", "input_resolution", "context_length", "vocab_size", "attn_mask", "text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"];

    /// <summary>Whether the names are OpenAI's, which open_clip shares.</summary>
    public static bool IsOpenAi(IReadOnlyDictionary<string, StoredTensor> tensors) =>
        tensors.ContainsKey("visual.conv1.weight") || tensors.ContainsKey("transformer.resblocks.0.attn.in_proj_weight");

    public static IReadOnlyDictionary<string, StoredTensor> Canonical(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var network = tensors.Where(t => !NotNetwork.Contains(t.Key));
        if (!IsOpenAi(tensors))
        {
            return network.ToDictionary();
        }

        var canonical = new Dictionary<string, StoredTensor>();
        foreach (var (name, tensor) in network)
        {
            foreach (var (to, part) in Translate(name, tensor))
            {
                canonical[to] = part;
            }
        }

        return canonical;
    }

    private static IEnumerable<(string Name, StoredTensor Tensor)> Translate(string name, StoredTensor tensor)
    {
        if (name is "visual.proj" or "text_projection" && tensor.Shape.Rank == 2)
        {
            return [(name == "visual.proj" ? "visual_projection.weight" : "text_projection.weight", Transposed(tensor))];
        }

        var to = Renames.Where(r => name.StartsWith(r.From, StringComparison.Ordinal)).Select(r => r.To + name[r.From.Length..]).FirstOrDefault(name);
        var (fused, kind) = (to.IndexOf(".attn.in_proj_", StringComparison.Ordinal), to[(to.LastIndexOf('_') + 1)..]);
        return fused >= 0 && tensor.Shape[0] % 3 == 0
            ? "qkv".Select((letter, i) => ($"{to[..fused]}.self_attn.{letter}_proj.{kind}", Third(tensor, i)))
            : [(InLayer.Aggregate(to, (n, r) => n.Replace(r.From, r.To, StringComparison.Ordinal)), tensor)];
    }

    private static StoredTensor Transposed(StoredTensor t)
    {
        var strides = t.Strides ?? [t.Shape[1], 1];
        return t with { Shape = new(t.Shape[1], t.Shape[0]), Strides = [strides[1], strides[0]] };
    }

    private static StoredTensor Third(StoredTensor t, int index)
    {
        var rows = t.Shape[0] / 3;
        var rowStride = t.Strides?[0] ?? t.Count / t.Shape[0];
        return t with { Shape = new([rows, .. t.Shape.Axes[1..]]), Offset = t.Offset + (index * rows * rowStride * t.Type.Size) };
    }
}
