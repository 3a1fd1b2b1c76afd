using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// CLIP's image tower. Follows <c>CLIPVisionTransformer</c> in huggingface/transformers, models/clip/modeling_clip.py.
/// </summary>
public static class ClipVision
{
    /// <param name="Size">Side of the square picture in pixels.</param>
    /// <param name="Dims">Of the space shared with texts.</param>
    public sealed record Config(int Size, int Patch, int Dims, ClipTransformer.Config Stack);

    /// <param name="Embedding">[N, dims], not normalised.</param>
    /// <param name="Pooled">[N, width], the class token after its norm.</param>
    /// <param name="States">Input of the first layer and output of each, [N, tokens, width]; the last but one is the penultimate.</param>
    public sealed record Output(Node Embedding, Node Pooled, IReadOnlyList<Node> States);

    /// <param name="pixels">[N, 3, size, size], prepared as <c>ClipPixels</c> does.</param>
    public static Output Build(Scope s, Config c, Node pixels)
    {
        var (vision, width, grid) = (s["vision_model"], c.Stack.Width, c.Size / c.Patch);
        var x = pixels.Cast(s.Type).Patches(vision["embeddings"]["patch_embedding"], width, c.Patch); // [N, width, grid, grid]
        x = x.Reshape(-1, width, grid * grid).Transpose(0, 2, 1); // [N, grid², width]
        x = x.Pad(before: [0, 1, 0], after: [0, 0, 0]).Add(Positions(vision["embeddings"], c.Stack)); // [N, tokens, width]
        var states = ClipTransformer.Build(vision["encoder"], c.Stack, x.LayerNorm(vision["pre_layrnorm"]));
        var pooled = states[^1].At(axis: 1, index: 0).LayerNorm(vision["post_layernorm"]); // [N, width]
        return new(pooled.Project(s["visual_projection"], c.Dims), pooled, states);
    }

    /// <summary>What is added to the padded patches: positions, and the class token where its row is zero.</summary>
    private static Node Positions(Scope s, ClipTransformer.Config c)
    {
        var token = s.Weight("class_embedding", c.Width).Reshape(1, c.Width).Pad(before: [0, 0], after: [c.Tokens - 1, 0]);
        return s["position_embedding"].Weight("weight", c.Tokens, c.Width).Add(token); // [tokens, width]
    }
}
