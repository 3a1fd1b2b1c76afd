using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// The network that is asked what is noise in a picture. Follows <c>UNet2DConditionModel</c> of huggingface/diffusers 0.21.4, whose
/// weight names it has; the same as <c>UNetModel</c> in CompVis/stable-diffusion, ldm/modules/diffusionmodules/openaimodel.py.
/// </summary>
/// <remarks>
/// A projection to and from tokens is linear in either dialect of it: a convolution by 1 × 1 is the same matrix (<see cref="DiffusionNames"/>).
/// The feed-forward layer's gate and value are two layers here, so that nothing is taken apart when it runs.
/// </remarks>
public static class UNet
{
    private const float Epsilon = 1e-5f, AttentionEpsilon = 1e-6f;

    /// <param name="Channels">Of the latents; 4.</param>
    /// <param name="Levels">From the finest on.</param>
    /// <param name="MiddleHeads">Of attention between the way down and the way up.</param>
    /// <param name="Layers">Residual blocks of each level on the way down; one more on the way up.</param>
    /// <param name="Context">Width of a token of the text.</param>
    /// <param name="IsUpcast">Whether attention is computed in 32 bits where the rest has 16: SD 2's overflows otherwise.</param>
    public sealed record Config(int Channels, IReadOnlyList<Level> Levels, int MiddleHeads, int Layers, int Context, bool IsUpcast);

    /// <param name="Heads">Of attention; 0 where the level has none.</param>
    public sealed record Level(int Width, int Heads);

    /// <param name="sample">[N, 4, h, w], latents.</param>
    /// <param name="timestep">[N], of 0 to 999, fractions allowed.</param>
    /// <param name="context">[N, tokens, width], the text.</param>
    /// <param name="taps">Given what each module makes, under the module's name: to find where two implementations part.</param>
    /// <returns>[N, 4, h, w]: the noise, or the velocity, as the checkpoint was trained.</returns>
    public static Node Build(Scope s, Config c, Node sample, Node timestep, Node context, IDictionary<string, Node>? taps = null)
    {
        var waves = Tap("time_proj", Spatial.Waves(timestep, c.Levels[0].Width));
        var time = waves.Cast(s.Type).Linear(s["time_embedding"]["linear_1"], 4 * c.Levels[0].Width).Silu();
        time = Tap("time_embedding", time.Linear(s["time_embedding"]["linear_2"], 4 * c.Levels[0].Width)).Silu(); // [N, 4 · width]
        context = context.Cast(s.Type);

        var x = Tap("conv_in", sample.Cast(s.Type).Conv3(s["conv_in"], c.Levels[0].Width));
        var skips = new Stack<Node>([x]);
        for (var level = 0; level < c.Levels.Count; level++)
        {
            x = Down(s["down_blocks"][level], c, level, x);
        }

        var (widest, middle) = (c.Levels[^1].Width, s["mid_block"]);
        x = Residual(middle["resnets"][0], widest, x, time);
        x = Attend(middle["attentions"][0], c, c.MiddleHeads, x, context);
        x = Tap("mid_block", Residual(middle["resnets"][1], widest, x, time));
        for (var block = 0; block < c.Levels.Count; block++)
        {
            x = Up(s["up_blocks"][block], c, block, x);
        }

        x = Tap("conv_norm_out", x.GroupNorm(s["conv_norm_out"], Epsilon));
        return x.Silu().Conv3(s["conv_out"], c.Channels).Cast(ElementType.F32);

        Node Down(Scope block, Config c, int level, Node x)
        {
            var (width, heads) = c.Levels[level];
            for (var layer = 0; layer < c.Layers; layer++)
            {
                x = Tap($"down_blocks.{level}.resnets.{layer}", Residual(block["resnets"][layer], width, x, time));
                x = heads == 0 ? x : Tap($"down_blocks.{level}.attentions.{layer}", Attend(block["attentions"][layer], c, heads, x, context));
                skips.Push(x);
            }

            if (level < c.Levels.Count - 1)
            {
                x = x.Conv(block["downsamplers"][0]["conv"], width, kernel: 3, stride: 2, before: 1, after: 1);
                skips.Push(x);
            }

            return Tap($"down_blocks.{level}", x);
        }

        Node Up(Scope block, Config c, int index, Node x)
        {
            var (width, heads) = c.Levels[^(index + 1)];
            for (var layer = 0; layer <= c.Layers; layer++)
            {
                x = Tap($"up_blocks.{index}.resnets.{layer}", Residual(block["resnets"][layer], width, x.BesideChannels(skips.Pop()), time));
                x = heads == 0 ? x : Tap($"up_blocks.{index}.attentions.{layer}", Attend(block["attentions"][layer], c, heads, x, context));
            }

            return Tap($"up_blocks.{index}", skips.TryPeek(out var next) ? x.SizedLike(next).Conv3(block["upsamplers"][0]["conv"], width) : x);
        }

        Node Tap(string module, Node x)
        {
            taps?.Add(module, x);
            return x;
        }
    }

    private static Node Residual(Scope s, int width, Node x, Node time)
    {
        var h = x.GroupNorm(s["norm1"], Epsilon).Silu().Conv3(s["conv1"], width);
        h = h.Add(time.Linear(s["time_emb_proj"], width).Reshape(-1, width, 1, 1));
        h = h.GroupNorm(s["norm2"], Epsilon).Silu().Conv3(s["conv2"], width);
        return h.Add(x.Shape[1] == width ? x : x.Conv1(s["conv_shortcut"], width));
    }

    /// <summary><c>Transformer2DModel</c>: each place of the picture looks at all others, then at the text.</summary>
    private static Node Attend(Scope s, Config c, int heads, Node x, Node context)
    {
        var width = x.Shape[1];
        var tokens = x.GroupNorm(s["norm"], AttentionEpsilon).Tokens(); // [N, h · w, width]
        var rows = tokens.TokenRows().Linear(s["proj_in"], width); // [N · h · w, width]
        var block = s["transformer_blocks"][0];
        var normed = rows.LayerNorm(block["norm1"]);
        rows = rows.Add(Attention(block["attn1"], c, heads, normed, tokens, normed, tokens));
        rows = rows.Add(Attention(block["attn2"], c, heads, rows.LayerNorm(block["norm2"]), tokens, context.TokenRows(), context));
        rows = rows.Add(FeedForward(block["ff"]["net"], rows.LayerNorm(block["norm3"])));
        return rows.Linear(s["proj_out"], width).AsTokens(tokens).Picture(x).Add(x);
    }

    /// <param name="x">Rows that ask, of <paramref name="like"/>'s tokens.</param>
    /// <param name="y">Rows that are asked, of <paramref name="others"/>' tokens.</param>
    private static Node Attention(Scope s, Config c, int heads, Node x, Node like, Node y, Node others)
    {
        var width = x.Shape[1];
        var q = x.Project(s["to_q"], width).AsTokens(like);
        var k = y.Project(s["to_k"], width).AsTokens(others);
        var v = y.Project(s["to_v"], width).AsTokens(others);
        var attended = c.IsUpcast
            ? q.Cast(ElementType.F32).Attention(k.Cast(ElementType.F32), v.Cast(ElementType.F32), heads, causal: false).Cast(x.Type)
            : q.Attention(k, v, heads, causal: false);
        return attended.TokenRows().Linear(s["to_out"][0], width);
    }

    /// <summary>A gated layer (<c>GEGLU</c>), four times as wide inside.</summary>
    private static Node FeedForward(Scope s, Node x)
    {
        var width = x.Shape[1];
        var inner = x.Linears([s[0]["value"], s[0]["gate"]], 4 * width);
        return inner[0].Mul(inner[1].Gelu()).Linear(s[2], width);
    }
}
