using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// What the UNet reads of a text: a state of CLIP's text tower, [N, tokens, width], after the final norm. SD 1 takes the last state, SD 2 the
/// last but one (<c>FrozenCLIPEmbedder</c> and <c>FrozenOpenCLIPEmbedder</c> in Stability-AI/stablediffusion, ldm/modules/encoders/modules.py).
/// </summary>
public static class TextEncoder
{
    /// <param name="Dropped">
    /// Layers at the end that the UNet was not trained with: 1 for SD 2's tower in full, 0 where its last layer was left out of the checkpoint, and for SD 1.
    /// </param>
    public sealed record Config(ClipText.Config Tower, int Dropped)
    {
        /// <summary>The deepest clip skip there is.</summary>
        public int MostSkip => Tower.Stack.Layers - Dropped;
    }

    /// <param name="ids">[N, tokens], whole numbers.</param>
    /// <param name="clipSkip">1 for the state that the UNet was trained with, 2 for the one before, as other painters count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tower has not so many layers.</exception>
    public static Node Build(Scope s, Config c, Node ids, int clipSkip = 1) => Of(ClipText.Build(s, c.Tower, ids), s, c, clipSkip);

    /// <summary>The same of a tower that is built already.</summary>
    internal static Node Of(ClipText.Output tower, Scope s, Config c, int clipSkip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clipSkip, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clipSkip, c.MostSkip);
        var back = c.Dropped + clipSkip; // From the end: 1 is the last state.
        return tower.States[^back].LayerNorm(s["text_model"]["final_layer_norm"]).Cast(ElementType.F32);
    }
}
