using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// CLIP's text tower. Follows <c>CLIPTextTransformer</c> in huggingface/transformers, models/clip/modeling_clip.py.
/// </summary>
public static class ClipText
{
    /// <param name="Dims">Of the space shared with images; 0 where the checkpoint has no projection, as in Stable Diffusion's.</param>
    public sealed record Config(int Vocabulary, int Dims, ClipTransformer.Config Stack);

    /// <param name="Embedding">[N, dims], not normalised; absent without a projection.</param>
    /// <param name="Pooled">[N, width], the last state at the end-of-text token.</param>
    /// <param name="Last">[N, tokens, width], after the final norm.</param>
    /// <param name="Penultimate">[N, tokens, width], the last layer but one without a norm.</param>
    /// <param name="PenultimateNormed">The same after the final norm, which SD 2 conditions on.</param>
    public sealed record Output(Node? Embedding, Node Pooled, Node Last, Node Penultimate, Node PenultimateNormed, IReadOnlyList<Node> States);

    /// <param name="ids">[N, tokens], whole numbers.</param>
    public static Output Build(Scope s, Config c, Node ids)
    {
        var (text, width) = (s["text_model"], c.Stack.Width);
        var x = text["embeddings"]["token_embedding"].Weight("weight", c.Vocabulary, width).Rows(ids); // [N, tokens, width]
        x = x.Add(text["embeddings"]["position_embedding"].Weight("weight", c.Stack.Tokens, width));
        var states = ClipTransformer.Build(text["encoder"], c.Stack, x);
        var last = states[^1].LayerNorm(text["final_layer_norm"]);
        var pooled = last.Pick(ids.ArgMax()); // End-of-text has the largest id, and its first place counts.
        return new(
            c.Dims == 0 ? null : pooled.Project(s["text_projection"], c.Dims), pooled, last,
            states[^2], states[^2].LayerNorm(text["final_layer_norm"]), states);
    }
}
