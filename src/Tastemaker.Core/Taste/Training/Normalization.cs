using System.Runtime.InteropServices;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Taste.Training;

/// <summary>
/// Features moved to mean 0 and scaled by one factor to a mean square of 1, targets likewise, as optimisers want them. Unit vectors of one
/// encoder share most of their direction, which would hide the little that tells images apart. Undone in the weights afterwards.
/// </summary>
internal sealed record Normalization(double[] Mean, double Scale, double TargetMean, double TargetDeviation)
{
    public static Normalization Of(IReadOnlyList<float[]> features, IReadOnlyList<(int Image, double Value)> ratings)
    {
        var mean = new double[features[0].Length];
        foreach (var row in features)
        {
            for (var d = 0; d < mean.Length; d++)
            {
                mean[d] += (double)row[d] / features.Count;
            }
        }

        var square = features.Average(row => row.Select((x, d) => (x - mean[d]) * (x - mean[d])).Average());
        if (square < 1e-12)
        {
            throw new TrainingException($"the features of all {features.Count} images are the same, so nothing tells them apart. Are they copies of one picture?");
        }

        var target = ratings.Count == 0 ? 0 : ratings.Average(r => r.Value);
        var deviation = ratings.Count == 0 ? 1 : Math.Sqrt(ratings.Average(r => (r.Value - target) * (r.Value - target)));
        return new(mean, 1 / Math.Sqrt(square), target, deviation);
    }

    public float[] Apply(float[] row) => [.. row.Select((x, d) => (float)((x - Mean[d]) * Scale))];

    public float Target(double value) => (float)((value - TargetMean) / TargetDeviation);

    /// <summary>The head that gives for plain features, on the targets' own scale, what the trained one gives for normalised ones.</summary>
    /// <param name="tensors">By layer weight, then bias.</param>
    public HeadWeights Undo(IReadOnlyList<TensorData> tensors, bool hasRelu)
    {
        var all = tensors.Select(t => MemoryMarshal.Cast<byte, float>(t.Bytes.Span).ToArray().Select(x => (double)x).ToArray()).ToList();
        var (weight, bias) = (all[0], all[1]);
        for (var o = 0; o < bias.Length; o++)
        {
            for (var d = 0; d < Mean.Length; d++)
            {
                var scaled = weight[(o * Mean.Length) + d] * Scale;
                weight[(o * Mean.Length) + d] = scaled;
                bias[o] -= scaled * Mean[d];
            }
        }

        for (var i = 0; i < all[^2].Length; i++)
        {
            all[^2][i] *= TargetDeviation;
        }

        all[^1][0] = (all[^1][0] * TargetDeviation) + TargetMean;
        return new([.. tensors.Zip(all, (t, numbers) => TensorData.Of(t.Name, t.Shape, [.. numbers.Select(x => (float)x)]))], hasRelu);
    }
}
