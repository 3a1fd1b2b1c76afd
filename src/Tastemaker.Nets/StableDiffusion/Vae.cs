using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// Between pictures and latents. Follows <c>AutoencoderKL</c> of huggingface/diffusers 0.21.4, whose weight names it has (those since
/// 0.18); the same as <c>AutoencoderKL</c> in CompVis/stable-diffusion, ldm/models/autoencoder.py.
/// </summary>
public static class Vae
{
    /// <summary>What makes latents of unit variance: <c>scale_factor</c> of v1-inference.yaml in CompVis/stable-diffusion, the same for SD 2.</summary>
    public const double Scale = 0.18215;

    private const float Epsilon = 1e-6f;

    /// <param name="Latents">Channels of the latents; 4.</param>
    /// <param name="Widths">Of the levels, from the finest on.</param>
    /// <param name="Layers">Residual blocks of each level of the encoder; the decoder has one more.</param>
    public sealed record Config(int Latents, IReadOnlyList<int> Widths, int Layers)
    {
        /// <summary>Pixels of a side for each latent: 8.</summary>
        public int Downscaling => 1 << (Widths.Count - 1);
    }

    /// <param name="latents">[N, 4, h, w], as the UNet has them.</param>
    /// <param name="taps">Given what some modules make, under their names.</param>
    /// <returns>[N, 3, 8 h, 8 w], red, green and blue of about -1 to 1.</returns>
    public static Node Decoder(Scope s, Config c, Node latents, IDictionary<string, Node>? taps = null)
    {
        var x = latents.Cast(s.Type).Div(Arithmetic.Scalar(ElementType.F32, Scale).Cast(s.Type)).Conv1(s["post_quant_conv"], c.Latents);
        s = s["decoder"];
        x = x.Conv3(s["conv_in"], c.Widths[^1]);
        taps?.Add("decoder.conv_in", x);
        x = Middle(s["mid_block"], x);
        taps?.Add("decoder.mid_block", x);
        for (var block = 0; block < c.Widths.Count; block++)
        {
            var (up, width) = (s["up_blocks"][block], c.Widths[^(block + 1)]);
            for (var layer = 0; layer <= c.Layers; layer++)
            {
                x = Residual(up["resnets"][layer], width, x);
            }

            x = block == c.Widths.Count - 1 ? x : x.Doubled().Conv3(up["upsamplers"][0]["conv"], width);
        }

        return x.GroupNorm(s["conv_norm_out"], Epsilon).Silu().Conv3(s["conv_out"], 3).Cast(ElementType.F32);
    }

    /// <param name="image">[N, 3, 8 h, 8 w], red, green and blue of -1 to 1.</param>
    /// <param name="taps">Given what some modules make, under their names.</param>
    /// <returns>[N, 8, h, w]: the means of the latents and then the logarithms of their variances, not scaled.</returns>
    public static Node Encoder(Scope s, Config c, Node image, IDictionary<string, Node>? taps = null)
    {
        var (encoder, both) = (s["encoder"], 2 * c.Latents);
        var x = image.Cast(s.Type).Conv3(encoder["conv_in"], c.Widths[0]);
        taps?.Add("encoder.conv_in", x);
        for (var block = 0; block < c.Widths.Count; block++)
        {
            var (down, width) = (encoder["down_blocks"][block], c.Widths[block]);
            for (var layer = 0; layer < c.Layers; layer++)
            {
                x = Residual(down["resnets"][layer], width, x);
            }

            x = block == c.Widths.Count - 1 ? x : x.Conv(down["downsamplers"][0]["conv"], width, kernel: 3, stride: 2, before: 0, after: 1);
        }

        x = Middle(encoder["mid_block"], x);
        taps?.Add("encoder.mid_block", x);
        x = x.GroupNorm(encoder["conv_norm_out"], Epsilon).Silu().Conv3(encoder["conv_out"], both);
        return x.Conv1(s["quant_conv"], both).Cast(ElementType.F32);
    }

    private static Node Middle(Scope s, Node x)
    {
        x = Residual(s["resnets"][0], x.Shape[1], x);
        x = Attention(s["attentions"][0], x);
        return Residual(s["resnets"][1], x.Shape[1], x);
    }

    private static Node Residual(Scope s, int width, Node x)
    {
        var h = x.GroupNorm(s["norm1"], Epsilon).Silu().Conv3(s["conv1"], width);
        h = h.GroupNorm(s["norm2"], Epsilon).Silu().Conv3(s["conv2"], width);
        return h.Add(x.Shape[1] == width ? x : x.Conv1(s["conv_shortcut"], width));
    }

    private static Node Attention(Scope s, Node x)
    {
        var width = x.Shape[1];
        var tokens = x.GroupNorm(s["group_norm"], Epsilon).Tokens(); // [N, h · w, width]
        var qkv = tokens.TokenRows().Linears([s["to_q"], s["to_k"], s["to_v"]], width).Select(part => part.AsTokens(tokens)).ToList();
        var attended = qkv[0].Attention(qkv[1], qkv[2], heads: 1, causal: false);
        return attended.TokenRows().Linear(s["to_out"][0], width).AsTokens(tokens).Picture(x).Add(x);
    }
}
