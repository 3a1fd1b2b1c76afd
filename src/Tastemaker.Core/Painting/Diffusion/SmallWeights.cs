using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>Looks for damage where it costs little to look: at norms and biases, which a broken merge or training run spoils with the rest.</summary>
internal static class SmallWeights
{
    private const long MostNumbers = 16 * 1024;

    /// <exception cref="WeightException">A weight has NaN or infinity.</exception>
    public static void Check(params ReadOnlySpan<StoredNetwork> networks)
    {
        foreach (var (file, weights) in networks)
        {
            var source = new ByteSource(file.Length, file.Read);
            var bad = weights.Values.Where(IsSmall).OrderBy(t => t.Offset).FirstOrDefault(t => !t.Floats(source).All(float.IsFinite));
            if (bad is not null)
            {
                throw new WeightException($"'{bad.Name}' has NaN or infinity in it; every weight is a number. The file is damaged, or its training or merging failed.");
            }
        }
    }

    private static bool IsSmall(StoredTensor tensor) => tensor.Count <= MostNumbers && tensor.Type is ElementType.F32 or ElementType.F16 or ElementType.BF16 or ElementType.F64;
}
