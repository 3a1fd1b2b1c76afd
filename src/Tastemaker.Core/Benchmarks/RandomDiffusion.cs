using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Benchmarks;

/// <summary>
/// A single file in CompVis' layout with random weights, of any size: the very names and shapes of the published ones. Written
/// tensor by tensor, so that gigabytes of it need no memory.
/// </summary>
internal sealed class RandomDiffusion
{
    private const int Tokens = 77;

    private RandomDiffusion() { }

    /// <param name="Fill">What every number of it is; null for random ones.</param>
    public sealed record Entry(string Name, int[] Axes, float? Fill = null, ElementType? Type = null)
    {
        public long Count => Axes.Aggregate(1L, (count, axis) => count * axis);
    }

    private sealed record Layout(int Width, int[] Multiples, int Layers, int Attending, int VaeWidth, int Context, int TextLayers, int Vocabulary, bool IsSd2);

    /// <summary>In the order of the file; to be changed before it is written.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>The full size: v1-5-pruned-emaonly, with its noise schedule.</summary>
    public static RandomDiffusion Sd15() => Of(new(320, [1, 2, 4, 4], 2, 3, 128, 768, 12, 49408, IsSd2: false));

    /// <summary>The full size: v2-1_768-ema-pruned, with its noise schedule.</summary>
    public static RandomDiffusion Sd21() => Of(new(320, [1, 2, 4, 4], 2, 3, 128, 1024, 24, 49408, IsSd2: true));

    public static RandomDiffusion Tiny(bool isSd2) => Of(new(32, [1, 2], 1, 1, 32, isSd2 ? 64 : 32, 2, 1000, isSd2));

    /// <summary>The index that a reader of the file would have.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Index(ElementType type)
    {
        var (index, offset) = (new Dictionary<string, StoredTensor>(), 0L);
        foreach (var entry in Entries)
        {
            index[entry.Name] = new(entry.Name, entry.Type ?? type, new(entry.Axes), offset);
            offset += entry.Count * (entry.Type ?? type).Size;
        }

        return index;
    }

    /// <summary>Numbers of mean 0, such that signals stay about as large as they were: the same for a name and a count, whatever else is in the file.</summary>
    public string Write(string path, ElementType type)
    {
        var index = Index(type);
        var header = Encoding.UTF8.GetBytes("{" + string.Join(",", index.Values.Select(t =>
            $"\"{t.Name}\":{{\"dtype\":\"{t.Type}\",\"shape\":[{string.Join(",", t.Shape.Axes)}],\"data_offsets\":[{t.Offset},{t.Offset + t.Bytes}]}}")) + "}");
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header);
        var floats = new float[1 << 18];
        foreach (var entry in Entries)
        {
            var random = (uint)entry.Count ^ entry.Name.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u) | 1u;
            var fans = entry.Axes.Length < 2 ? 0 : entry.Axes.Skip(1).Aggregate(1, (product, axis) => product * axis);
            for (long done = 0; done < entry.Count;)
            {
                var part = floats.AsSpan(0, (int)Math.Min(floats.Length, entry.Count - done));
                Make(part, entry, fans, ref random);
                Put(file, part, entry.Type ?? type);
                done += part.Length;
            }
        }

        return path;
    }

    private static void Make(Span<float> into, Entry entry, int fans, ref uint random)
    {
        // Weights of one axis are the scales of norms, and biases.
        var (mean, width) = entry.Axes.Length < 2 ? (entry.Name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f, 0.1f) : (0f, MathF.Sqrt(3f / fans));
        for (var i = 0; i < into.Length; i++)
        {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            into[i] = entry.Fill ?? mean + (width * ((random * 4.656612873e-10f) - 1));
        }
    }

    private static void Put(Stream file, ReadOnlySpan<float> numbers, ElementType type)
    {
        switch (type)
        {
            case ElementType.F32:
                file.Write(MemoryMarshal.AsBytes(numbers));
                break;
            case ElementType.I64:
                file.Write(new byte[numbers.Length * sizeof(long)]);
                break;
            default:
                var small = new ushort[numbers.Length];
                for (var i = 0; i < small.Length; i++)
                {
                    small[i] = type == ElementType.F16 ? BitConverter.HalfToUInt16Bits((Half)numbers[i]) : (ushort)(BitConverter.SingleToUInt32Bits(numbers[i]) >> 16);
                }

                file.Write(MemoryMarshal.AsBytes<ushort>(small));
                break;
        }
    }

    private static RandomDiffusion Of(Layout l)
    {
        var made = new RandomDiffusion();
        made.Schedule();
        made.UNet(l);
        made.Vae(l);
        if (l.IsSd2)
        {
            made.OpenClip("cond_stage_model.model", l);
        }
        else
        {
            made.Clip("cond_stage_model.transformer.text_model", l);
        }

        return made;
    }

    private void Schedule()
    {
        string[] names =
        [
            "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod", "log_one_minus_alphas_cumprod",
            "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod", "posterior_variance", "posterior_log_variance_clipped", "posterior_mean_coef1", "posterior_mean_coef2",
        ];
        Entries.AddRange(names.Select(name => new Entry(name, [1000], Type: ElementType.F32)));
        Entries.Add(new("model_ema.decay", [], Type: ElementType.F32));
    }

    private void UNet(Layout l)
    {
        const string Unet = "model.diffusion_model";
        var (time, widths) = (4 * l.Width, l.Multiples.Select(m => m * l.Width).ToArray());
        Linear($"{Unet}.time_embed.0", time, l.Width);
        Linear($"{Unet}.time_embed.2", time, time);
        Conv($"{Unet}.input_blocks.0.0", l.Width, 4, 3);
        var (number, width, skips) = (1, l.Width, new Stack<int>([l.Width]));
        for (var level = 0; level < widths.Length; level++)
        {
            for (var layer = 0; layer < l.Layers; layer++, number++)
            {
                Block($"{Unet}.input_blocks.{number}", width, widths[level], level < l.Attending);
                skips.Push(width = widths[level]);
            }

            if (level < widths.Length - 1)
            {
                Conv($"{Unet}.input_blocks.{number++}.0.op", width, width, 3);
                skips.Push(width);
            }
        }

        Residual($"{Unet}.middle_block.0", width, width, time);
        Attention($"{Unet}.middle_block.1", width, l);
        Residual($"{Unet}.middle_block.2", width, width, time);
        for (var (level, at) = (widths.Length - 1, 0); level >= 0; level--)
        {
            for (var layer = 0; layer <= l.Layers; layer++, at++)
            {
                Block($"{Unet}.output_blocks.{at}", width + skips.Pop(), widths[level], level < l.Attending);
                width = widths[level];
                if (layer == l.Layers && level > 0)
                {
                    Conv($"{Unet}.output_blocks.{at}.{(level < l.Attending ? 2 : 1)}.conv", width, width, 3);
                }
            }
        }

        Norm($"{Unet}.out.0", width);
        Conv($"{Unet}.out.2", 4, width, 3);

        void Block(string name, int from, int to, bool isAttending)
        {
            Residual($"{name}.0", from, to, time);
            if (isAttending)
            {
                Attention($"{name}.1", to, l);
            }
        }
    }

    private void Residual(string name, int from, int to, int time)
    {
        Norm($"{name}.in_layers.0", from);
        Conv($"{name}.in_layers.2", to, from, 3);
        Linear($"{name}.emb_layers.1", to, time);
        Norm($"{name}.out_layers.0", to);
        Conv($"{name}.out_layers.3", to, to, 3);
        if (from != to)
        {
            Conv($"{name}.skip_connection", to, from, 1);
        }
    }

    private void Attention(string name, int width, Layout l)
    {
        Norm($"{name}.norm", width);
        Project("proj_in");
        var block = $"{name}.transformer_blocks.0";
        foreach (var (attention, from) in new[] { ("attn1", width), ("attn2", l.Context) })
        {
            Matrix($"{block}.{attention}.to_q.weight", width, width);
            Matrix($"{block}.{attention}.to_k.weight", width, from);
            Matrix($"{block}.{attention}.to_v.weight", width, from);
            Linear($"{block}.{attention}.to_out.0", width, width);
        }

        Linear($"{block}.ff.net.0.proj", 8 * width, width);
        Linear($"{block}.ff.net.2", width, 4 * width);
        Norm($"{block}.norm1", width);
        Norm($"{block}.norm2", width);
        Norm($"{block}.norm3", width);
        Project("proj_out");

        void Project(string to)
        {
            if (l.IsSd2)
            {
                Linear($"{name}.{to}", width, width);
            }
            else
            {
                Conv($"{name}.{to}", width, width, 1);
            }
        }
    }

    private void Vae(Layout l)
    {
        const string First = "first_stage_model";
        var widths = l.Multiples.Select(m => m * l.VaeWidth).ToArray();
        foreach (var (half, part) in new[] { ("encoder", "down"), ("decoder", "up") })
        {
            var (isEncoder, name) = (half == "encoder", $"{First}.{half}");
            Conv($"{name}.conv_in", isEncoder ? widths[0] : widths[^1], isEncoder ? 3 : 4, 3);
            for (var (i, width) = (0, isEncoder ? widths[0] : widths[^1]); i < widths.Length; i++)
            {
                var level = isEncoder ? i : widths.Length - 1 - i;
                for (var layer = 0; layer < (isEncoder ? l.Layers : l.Layers + 1); layer++, width = widths[level])
                {
                    VaeResidual($"{name}.{part}.{level}.block.{layer}", width, widths[level]);
                }

                if (isEncoder ? level < widths.Length - 1 : level > 0)
                {
                    Conv($"{name}.{part}.{level}.{part}sample.conv", width, width, 3);
                }
            }

            VaeResidual($"{name}.mid.block_1", widths[^1], widths[^1]);
            VaeResidual($"{name}.mid.block_2", widths[^1], widths[^1]);
            Norm($"{name}.mid.attn_1.norm", widths[^1]);
            Array.ForEach(["q", "k", "v", "proj_out"], matrix => Conv($"{name}.mid.attn_1.{matrix}", widths[^1], widths[^1], 1));
            Norm($"{name}.norm_out", isEncoder ? widths[^1] : widths[0]);
            Conv($"{name}.conv_out", isEncoder ? 8 : 3, isEncoder ? widths[^1] : widths[0], 3);
        }

        Conv($"{First}.quant_conv", 8, 8, 1);
        Conv($"{First}.post_quant_conv", 4, 4, 1);
    }

    private void VaeResidual(string name, int from, int to)
    {
        Norm($"{name}.norm1", from);
        Conv($"{name}.conv1", to, from, 3);
        Norm($"{name}.norm2", to);
        Conv($"{name}.conv2", to, to, 3);
        if (from != to)
        {
            Conv($"{name}.nin_shortcut", to, from, 1);
        }
    }

    private void Clip(string name, Layout l)
    {
        Entries.Add(new($"{name}.embeddings.position_ids", [1, Tokens], Type: ElementType.I64));
        Matrix($"{name}.embeddings.token_embedding.weight", l.Vocabulary, l.Context);
        Matrix($"{name}.embeddings.position_embedding.weight", Tokens, l.Context);
        for (var layer = 0; layer < l.TextLayers; layer++)
        {
            var at = $"{name}.encoder.layers.{layer}";
            Array.ForEach(["k_proj", "v_proj", "q_proj", "out_proj"], matrix => Linear($"{at}.self_attn.{matrix}", l.Context, l.Context));
            Norm($"{at}.layer_norm1", l.Context);
            Linear($"{at}.mlp.fc1", 4 * l.Context, l.Context);
            Linear($"{at}.mlp.fc2", l.Context, 4 * l.Context);
            Norm($"{at}.layer_norm2", l.Context);
        }

        Norm($"{name}.final_layer_norm", l.Context);
    }

    private void OpenClip(string name, Layout l)
    {
        Matrix($"{name}.positional_embedding", Tokens, l.Context);
        Matrix($"{name}.text_projection", l.Context, l.Context);
        Entries.Add(new($"{name}.logit_scale", []));
        Matrix($"{name}.token_embedding.weight", l.Vocabulary, l.Context);
        for (var layer = 0; layer < l.TextLayers; layer++)
        {
            var at = $"{name}.transformer.resblocks.{layer}";
            Norm($"{at}.ln_1", l.Context);
            Matrix($"{at}.attn.in_proj_weight", 3 * l.Context, l.Context);
            Entries.Add(new($"{at}.attn.in_proj_bias", [3 * l.Context]));
            Linear($"{at}.attn.out_proj", l.Context, l.Context);
            Norm($"{at}.ln_2", l.Context);
            Linear($"{at}.mlp.c_fc", 4 * l.Context, l.Context);
            Linear($"{at}.mlp.c_proj", l.Context, 4 * l.Context);
        }

        Norm($"{name}.ln_final", l.Context);
    }

    private void Norm(string name, int width) => WithBias(name, [width]);

    private void Linear(string name, int to, int from) => WithBias(name, [to, from]);

    private void Conv(string name, int to, int from, int kernel) => WithBias(name, [to, from, kernel, kernel]);

    private void WithBias(string name, int[] axes)
    {
        Entries.Add(new($"{name}.weight", axes));
        Entries.Add(new($"{name}.bias", [axes[0]]));
    }

    private void Matrix(string name, int rows, int columns) => Entries.Add(new(name, [rows, columns]));
}
