using System.Text.Json;
using System.Text.RegularExpressions;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// What a CLIP checkpoint is, read off the shapes of its weights; a <c>config.json</c> adds what shapes do not tell
/// (heads, activation) and must agree with them in the rest.
/// </summary>
/// <param name="Vision">Null where the checkpoint has texts only.</param>
/// <param name="Text">Null where it has images only.</param>
public sealed partial record ClipConfig(ClipVision.Config? Vision, ClipText.Config? Text)
{
    /// <summary>Every CLIP by OpenAI has heads of this width.</summary>
    private const int HeadWidth = 64;

    /// <param name="weights">By their canonical names (<see cref="ClipNames"/>).</param>
    /// <param name="json">A <c>config.json</c> of Hugging Face or an <c>open_clip_config.json</c>; null or another JSON tells nothing.</param>
    /// <exception cref="WeightException">The weights are no CLIP, or the file contradicts them.</exception>
    public static ClipConfig From(IReadOnlyDictionary<string, StoredTensor> weights, string? json = null)
    {
        var said = Said.Parse(json);
        var config = new ClipConfig(
            weights.ContainsKey("vision_model.embeddings.patch_embedding.weight") ? VisionFrom(weights, said) : null,
            weights.ContainsKey("text_model.embeddings.token_embedding.weight") ? TextFrom(weights, said) : null);
        return config is { Vision: null, Text: null }
            ? throw new WeightException("neither 'vision_model.embeddings.patch_embedding.weight' nor 'text_model.embeddings.token_embedding.weight' is in the checkpoint; it is no CLIP in the layout of OpenAI, Hugging Face or open_clip.")
            : config;
    }

    private static ClipVision.Config VisionFrom(IReadOnlyDictionary<string, StoredTensor> weights, Said said)
    {
        var kernel = Shape(weights, "vision_model.embeddings.patch_embedding.weight", 4);
        var (width, patch) = (kernel[0], kernel[2]);
        var tokens = Shape(weights, "vision_model.embeddings.position_embedding.weight", 2)[0];
        var grid = (int)Math.Sqrt(tokens - 1);
        if (patch < 1 || grid < 1 || (grid * grid) + 1 != tokens)
        {
            throw new WeightException($"'vision_model.embeddings.position_embedding.weight' has {tokens} positions; "
                + "an image tower has a square number and one more.");
        }

        var dims = Shape(weights, "visual_projection.weight", 2)[0];
        var stack = Stack(weights, "vision_model", width, tokens, said.VisionHeads, said.VisionActivation, isCausal: false);
        Said.Check("vision width", said.VisionWidth, width);
        Said.Check("vision layers", said.VisionLayers, stack.Layers);
        Said.Check("patch size", said.Patch, patch);
        Said.Check("image size", said.Size, grid * patch);
        Said.Check("projection", said.Dims, dims);
        return new(grid * patch, patch, dims, stack);
    }

    private static ClipText.Config TextFrom(IReadOnlyDictionary<string, StoredTensor> weights, Said said)
    {
        var table = Shape(weights, "text_model.embeddings.token_embedding.weight", 2);
        var tokens = Shape(weights, "text_model.embeddings.position_embedding.weight", 2)[0];
        var stack = Stack(weights, "text_model", table[1], tokens, said.TextHeads, said.TextActivation, isCausal: true);
        Said.Check("text width", said.TextWidth, table[1]);
        Said.Check("text layers", said.TextLayers, stack.Layers);
        Said.Check("vocabulary", said.Vocabulary, table[0]);
        return new(table[0], weights.ContainsKey("text_projection.weight") ? Shape(weights, "text_projection.weight", 2)[0] : 0, stack);
    }

    private static ClipTransformer.Config Stack(
        IReadOnlyDictionary<string, StoredTensor> weights, string tower, int width, int tokens, int? heads, Activation? activation, bool isCausal)
    {
        var layers = weights.Keys.Select(name => LayerNumber().Match(name)).Where(m => m.Success && m.Groups[1].Value == tower)
            .Select(m => int.Parse(m.Groups[2].ValueSpan, null) + 1).DefaultIfEmpty().Max();
        var inner = Shape(weights, $"{tower}.encoder.layers.0.mlp.fc1.weight", 2)[0];
        var count = heads ?? Math.Max(1, width / HeadWidth);
        return width % count == 0
            ? new(width, layers, count, inner, tokens, activation ?? Activation.QuickGelu, isCausal)
            : throw new WeightException($"{count} heads do not divide the {tower}'s width {width}; "
                + "a config.json beside the checkpoint would say how many there are.");
    }

    private static Shape Shape(IReadOnlyDictionary<string, StoredTensor> weights, string name, int rank)
    {
        var shape = weights.TryGetValue(name, out var tensor) ? tensor.Shape : throw new WeightException($"'{name}' is not in the checkpoint; a CLIP has it.");
        return shape.Rank == rank ? shape : throw new WeightException($"'{name}' has shape {shape}; a CLIP has {rank} axes there.");
    }

    [GeneratedRegex(@"^(vision_model|text_model)\.encoder\.layers\.(\d{1,4})\.")]
    private static partial Regex LayerNumber();

    /// <summary>What a config file says, in either dialect; null where it is silent.</summary>
    private sealed record Said
    {
        public int? VisionHeads, VisionWidth, VisionLayers, Patch, Size, Dims, TextHeads, TextWidth, TextLayers, Vocabulary;
        public Activation? VisionActivation, TextActivation;

        public static void Check(string what, int? said, int found)
        {
            if (said is { } value && value != found)
            {
                throw new WeightException($"config.json says {what} {value}, the weights have {found}; they do not belong together.");
            }
        }

        public static Said Parse(string? json)
        {
            try
            {
                using var document = JsonDocument.Parse(json ?? "{}");
                var root = document.RootElement;
                root = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("model_cfg", out var inner) ? inner : root;
                return root.ValueKind != JsonValueKind.Object ? new() : root.TryGetProperty("vision_cfg", out _) ? OpenClip(root) : HuggingFace(root);
            }
            catch (JsonException e)
            {
                throw new WeightException($"config.json is no JSON: {e.Message}");
            }
        }

        private static Said HuggingFace(JsonElement root)
        {
            var vision = Child(root, "vision_config");
            var text = Child(root, "text_config") ?? (Number(root, "vocab_size") is null ? null : root); // A text encoder alone says it at the top.
            return new()
            {
                VisionHeads = Number(vision, "num_attention_heads"),
                VisionWidth = Number(vision, "hidden_size"),
                VisionLayers = Number(vision, "num_hidden_layers"),
                Patch = Number(vision, "patch_size"),
                Size = Number(vision, "image_size"),
                Dims = Number(root, "projection_dim"),
                VisionActivation = Act(vision),
                TextHeads = Number(text, "num_attention_heads"),
                TextWidth = Number(text, "hidden_size"),
                TextLayers = Number(text, "num_hidden_layers"),
                Vocabulary = Number(text, "vocab_size"),
                TextActivation = Act(text),
            };

            static Activation? Act(JsonElement? tower) => !Has(tower, "hidden_act", out var name) ? null : name.ToString() switch
            {
                "quick_gelu" => Activation.QuickGelu,
                "gelu" => Activation.Gelu,
                var other => throw new WeightException($"config.json says hidden_act '{other}'; CLIP towers have quick_gelu or gelu."),
            };
        }

        private static Said OpenClip(JsonElement root)
        {
            var (vision, text) = (Child(root, "vision_cfg"), Child(root, "text_cfg"));
            var activation = Has(root, "quick_gelu", out var quick) && quick.ValueKind == JsonValueKind.True ? Activation.QuickGelu : Activation.Gelu;
            var width = Number(vision, "width");
            return new()
            {
                VisionHeads = width / (Number(vision, "head_width") ?? HeadWidth),
                VisionWidth = width,
                VisionLayers = Number(vision, "layers"),
                Patch = Number(vision, "patch_size"),
                Size = Number(vision, "image_size"),
                Dims = Number(root, "embed_dim"),
                VisionActivation = activation,
                TextHeads = Number(text, "heads"),
                TextWidth = Number(text, "width"),
                TextLayers = Number(text, "layers"),
                Vocabulary = Number(text, "vocab_size"),
                TextActivation = activation,
            };
        }

        private static JsonElement? Child(JsonElement root, string name) => Has(root, name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

        private static int? Number(JsonElement? element, string name) =>
            Has(element, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0 ? number : null;

        private static bool Has(JsonElement? element, string name, out JsonElement value)
        {
            value = default;
            return element is { ValueKind: JsonValueKind.Object } e && e.TryGetProperty(name, out value);
        }
    }
}
