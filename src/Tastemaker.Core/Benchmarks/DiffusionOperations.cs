using System.Text.RegularExpressions;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Benchmarks;

/// <summary>
/// Multiplications and additions of a checkpoint's networks: each weight of a layer is used once at every place that the layer looks at, and attention
/// compares every token with every other.
/// </summary>
internal static partial class DiffusionOperations
{
    /// <summary>Of one row at latents of <paramref name="side"/>².</summary>
    public static double UNet(DiffusionCheckpoint checkpoint, int side)
    {
        var (levels, tokens) = (checkpoint.Config.UNet.Levels.Count, (double)checkpoint.Window.Length);
        return checkpoint.UNetWeights.Weights.Sum(weight => Layer(weight.Key, weight.Value));

        double Layer(string name, StoredTensor weight)
        {
            var place = Block().Match(name);
            var number = place.Groups["number"].Success ? int.Parse(place.Groups["number"].ValueSpan, null) : 0;
            var level = place.Groups["part"].Value switch { "down" => number, "up" => levels - 1 - number, "mid" => levels - 1, _ => 0 };
            level += name.Contains("downsamplers", StringComparison.Ordinal) ? 1 : name.Contains("upsamplers", StringComparison.Ordinal) ? -1 : 0;
            var places = Places(side, level);
            var rows = name.Contains("time_emb", StringComparison.Ordinal) ? 1
                : name.Contains("attn2.to_k", StringComparison.Ordinal) || name.Contains("attn2.to_v", StringComparison.Ordinal) ? tokens : places;
            var compared = name.EndsWith("attn1.to_q.weight", StringComparison.Ordinal) ? places : name.EndsWith("attn2.to_q.weight", StringComparison.Ordinal) ? tokens : 0;
            return Product(weight, rows) + (4 * places * compared * weight.Shape[0]);
        }
    }

    /// <summary>Of the autoencoder's second half, for one picture of latents of <paramref name="side"/>².</summary>
    public static double Decoder(DiffusionCheckpoint checkpoint, int side)
    {
        return checkpoint.VaeWeights.Weights.Sum(weight => Layer(weight.Key, weight.Value));

        double Layer(string name, StoredTensor weight)
        {
            if (!name.StartsWith("decoder.", StringComparison.Ordinal))
            {
                return name.StartsWith("post_quant", StringComparison.Ordinal) ? Product(weight, Places(side, 0)) : 0;
            }

            var place = Block().Match(name);
            var finer = place.Groups["part"].Value == "up" ? int.Parse(place.Groups["number"].ValueSpan, null) : name.Contains("conv_out", StringComparison.Ordinal) ? checkpoint.Config.Vae.Widths.Count - 1 : 0;
            finer += name.Contains("upsamplers", StringComparison.Ordinal) ? 1 : 0;
            var places = Places(side, -finer);
            return Product(weight, places) + (name.EndsWith("to_q.weight", StringComparison.Ordinal) ? 4 * places * places * weight.Shape[0] : 0);
        }
    }

    /// <summary>Of the text encoder, for one row of tokens; all layers, of which SD 2 leaves out the last.</summary>
    public static double Text(DiffusionCheckpoint checkpoint)
    {
        double tokens = checkpoint.Window.Length;
        return checkpoint.TextWeights.Weights.Where(weight => weight.Key.Contains(".layers.", StringComparison.Ordinal)).Sum(weight =>
            Product(weight.Value, tokens) + (weight.Key.EndsWith("q_proj.weight", StringComparison.Ordinal) ? 4 * tokens * tokens * weight.Value.Shape[0] : 0));
    }

    /// <summary>Norms and biases are nothing beside products.</summary>
    private static double Product(StoredTensor weight, double rows) => weight.Shape.Rank < 2 ? 0 : 2 * weight.Count * rows;

    private static double Places(int side, int coarser) => Math.Pow(coarser > 0 ? side >> coarser : side << -coarser, 2);

    [GeneratedRegex(@"(?<part>down|mid|up)_blocks?\.(?<number>\d+)?", RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
