using Tastemaker.Core.Models;

namespace Tastemaker.Core.Painting.Diffusion;

internal static class Numbers
{
    /// <summary>What a network made, if all of it are finite numbers.</summary>
    public static float[] Checked(float[] made, string network) =>
        Array.TrueForAll(made, float.IsFinite) ? made : throw new ModelException(
            $"the {network} made NaN or infinity: its weights are damaged, or it overflows in 16 bits. Try --precision float32, or another file of the checkpoint.");
}
