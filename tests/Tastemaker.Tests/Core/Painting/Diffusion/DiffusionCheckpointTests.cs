using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Tests.Core.Painting.Diffusion;

/// <summary>Checkpoints as users have them, whole and damaged; tiny ones in the layout of the published files.</summary>
public sealed class DiffusionCheckpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, ElementType.F32)]
    [InlineData(false, ElementType.F16)]
    [InlineData(false, ElementType.BF16)]
    [InlineData(true, ElementType.F16)]
    public void A_single_file_of_any_type_opens_with_nothing_missing_and_nothing_unused(bool isSd2, ElementType type)
    {
        using var folder = new TempFolder();
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2).Write(folder["a.safetensors"], type));

        Assert.Equal((isSd2 ? DiffusionKind.Sd2 : DiffusionKind.Sd1, type), (checkpoint.Kind, checkpoint.Stored));
        Assert.Empty(checkpoint.Unused);
        Assert.Equal(4 * 6 * 6, Predict(checkpoint, 1, 6, 6, 77).Length);
    }

    /// <summary>The names and shapes alone, so that it costs nothing; <see cref="FullSizeTests"/> loads them.</summary>
    [Theory]
    [InlineData(false, 859_520_964, 83_653_863, 123_060_480)]
    [InlineData(true, 865_910_724, 83_653_863, 354_032_641)]
    public void The_published_checkpoints_names_and_shapes_are_read_to_the_last(bool isSd2, long unetNumbers, long vaeNumbers, long textNumbers)
    {
        var made = isSd2 ? RandomDiffusion.Sd21() : RandomDiffusion.Sd15();
        var parts = DiffusionNames.Split(made.Index(ElementType.F16));
        Assert.Equal(unetNumbers, parts.UNet.Values.Sum(t => t.Count));
        Assert.Equal(vaeNumbers, parts.Vae.Values.Sum(t => t.Count));
        Assert.Equal(textNumbers, made.Entries.Where(e => e.Name.StartsWith("cond_stage_model.", StringComparison.Ordinal) && e.Type is null).Sum(e => e.Count));
        Assert.Empty(parts.Strangers);
        var (unet, vae, text) = (DiffusionNames.UNet(parts.UNet), DiffusionNames.Vae(parts.Vae), DiffusionNames.Text(parts.Text));

        var config = DiffusionConfig.From(unet, vae, text, isLinear: isSd2, isFull: true);

        Assert.Equal(isSd2 ? [5, 10, 20, 0] : [8, 8, 8, 0], config.UNet.Levels.Select(level => level.Heads));
        Assert.Equal((isSd2 ? 20 : 8, isSd2 ? 16 : 12, isSd2 ? 1 : 0), (config.UNet.MiddleHeads, config.Text.Tower.Stack.Heads, config.Text.Dropped));
        Scope u = new(unet), v = new(vae), t = new(text);
        UNet.Build(u, config.UNet, Node.In("x", ElementType.F32, -1, 4, -1, -1), Node.In("t", ElementType.F32, -1), Node.In("c", ElementType.F32, -1, -1, config.UNet.Context));
        Vae.Decoder(v, config.Vae, Node.In("x", ElementType.F32, -1, 4, -1, -1));
        Vae.Encoder(v, config.Vae, Node.In("x", ElementType.F32, -1, 3, -1, -1));
        TextEncoder.Build(t, config.Text, Node.In("x", ElementType.I64, -1, 77));
        Assert.Empty(u.Unused.Concat(v.Unused).Concat(t.Unused));
    }

    [Theory]
    [InlineData("model.diffusion_model.middle_block.0.in_layers.2.weight", "'mid_block.resnets.0.conv1.weight' is not in the checkpoint")]
    [InlineData("first_stage_model.decoder.mid.attn_1.q.bias", "'decoder.mid_block.attentions.0.to_q.bias' is not in the checkpoint")]
    [InlineData("cond_stage_model.transformer.text_model.final_layer_norm.bias", "'text_model.final_layer_norm.bias' is not in the checkpoint")]
    public void A_missing_weight_is_named(string dropped, string message)
    {
        var made = RandomDiffusion.Tiny(isSd2: false);
        Assert.Equal(1, made.Entries.RemoveAll(entry => entry.Name == dropped));

        Assert.Contains(message, Refusal(made), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unused_weight_is_named_as_the_file_names_it()
    {
        using var folder = new TempFolder();
        var made = RandomDiffusion.Tiny(isSd2: false);
        made.Entries.Add(new("embedding_manager.initial", [4]));
        made.Entries.Add(new("model.diffusion_model.input_blocks.1.0.extra", [4]));

        using var checkpoint = DiffusionCheckpoint.Open(made.Write(folder["a.safetensors"], ElementType.F16));

        Assert.Equal(["embedding_manager.initial", "model.diffusion_model.input_blocks.1.0.extra"], checkpoint.Unused);
    }

    [Theory]
    [InlineData("model.diffusion_model.out.0.bias", ElementType.F16, float.NaN)]
    [InlineData("model.diffusion_model.middle_block.0.in_layers.2.weight", ElementType.F16, float.NegativeInfinity)]
    [InlineData("model.diffusion_model.middle_block.0.in_layers.2.weight", ElementType.BF16, float.NaN)]
    [InlineData("first_stage_model.decoder.conv_in.weight", ElementType.F32, float.PositiveInfinity)]
    public void A_weight_that_is_no_number_is_named_wherever_it_is(string name, ElementType type, float damage)
    {
        using var folder = new TempFolder();
        var made = RandomDiffusion.Tiny(isSd2: false);
        Fill(made, name, damage);
        using var checkpoint = DiffusionCheckpoint.Open(made.Write(folder["a.safetensors"], type));

        var error = Assert.Throws<ModelException>(() => checkpoint.DemandNumbers(TestContext.Current.CancellationToken));

        Assert.Contains($"'{name}' has NaN or infinity in it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, "the file ends")]
    [InlineData(0.01, "the file ends")]
    public void A_file_that_was_cut_off_is_told(double kept, string message)
    {
        using var folder = new TempFolder();
        var path = RandomDiffusion.Tiny(isSd2: false).Write(folder["a.safetensors"], ElementType.F16);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength((long)(file.Length * kept));
        }

        var error = Assert.Throws<ModelException>(() => DiffusionCheckpoint.Open(path));

        Assert.StartsWith($"'{path}' cannot paint: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("conditioner.embedders.0.transformer.text_model.final_layer_norm.bias", "it is Stable Diffusion XL")]
    [InlineData("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", "it is Stable Diffusion 3")]
    [InlineData("double_blocks.0.img_attn.qkv.weight", "it is Flux")]
    [InlineData("lora_unet_down_blocks_0_attentions_0.alpha", "it is a LoRA")]
    [InlineData("decoder.conv_in.weight", "it is an autoencoder (VAE) alone")]
    [InlineData("first_stage_model.decoder.conv_in.weight", "it is an autoencoder (VAE) alone")]
    [InlineData("text_model.final_layer_norm.bias", "it is a text encoder")]
    [InlineData("blocks.0.weight", "it is no Stable Diffusion: its 1 weights begin with 'blocks.0.weight'")]
    public void Something_else_is_called_by_its_name(string weight, string message)
    {
        var made = RandomDiffusion.Tiny(isSd2: false);
        made.Entries.Clear();
        made.Entries.Add(new(weight, [4]));

        Assert.Contains(message, Refusal(made), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("first_stage_model.", "it has no autoencoder")]
    [InlineData("cond_stage_model.", "it has no text encoder")]
    public void A_part_that_is_missing_is_told(string prefix, string message)
    {
        var made = RandomDiffusion.Tiny(isSd2: false);
        made.Entries.RemoveAll(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal));

        Assert.Contains(message, Refusal(made), StringComparison.Ordinal);
    }

    [Fact]
    public void A_UNet_for_inpainting_is_told()
    {
        var made = RandomDiffusion.Tiny(isSd2: false);
        var at = made.Entries.FindIndex(entry => entry.Name == "model.diffusion_model.input_blocks.0.0.weight");
        made.Entries[at] = made.Entries[at] with { Axes = [32, 9, 3, 3] };

        Assert.Contains("the UNet reads 9 channels and makes 4", Refusal(made), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_encoder_of_another_width_is_told()
    {
        var (made, other) = (RandomDiffusion.Tiny(isSd2: false), RandomDiffusion.Tiny(isSd2: true));
        made.Entries.RemoveAll(entry => entry.Name.StartsWith("cond_stage_model.", StringComparison.Ordinal));
        made.Entries.AddRange(other.Entries.Where(entry => entry.Name.StartsWith("cond_stage_model.", StringComparison.Ordinal)));

        Assert.Contains("the text encoder makes tokens of 64 numbers, the UNet reads tokens of 32", Refusal(made), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_another_pipeline_is_told()
    {
        using var folder = new TempFolder();
        folder.File("model_index.json", """{ "_class_name": "StableDiffusionXLPipeline" }""");

        var error = Assert.Throws<ModelException>(() => DiffusionCheckpoint.Open(folder.Path));

        Assert.Contains("model_index.json says 'StableDiffusionXLPipeline'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_and_a_path_without_anything_are_told()
    {
        using var folder = new TempFolder();

        Assert.Contains("there is no 'unet/diffusion_pytorch_model.safetensors' in it", Assert.Throws<ModelException>(() => DiffusionCheckpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file or folder", Assert.Throws<ModelException>(() => DiffusionCheckpoint.Open(folder["none"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(false, "model:\n  params:\n    parameterization: \"v\"\n", true)]
    [InlineData(true, "model:\n  params:\n    parameterization: \"v\"\n", true)]
    [InlineData(true, "model:\n  params:\n    linear_start: 0.00085\n", false)]
    [InlineData(true, null, null)]
    public void What_the_UNet_predicts_is_said_by_a_yaml_beside_it(bool isSd2, string? yaml, bool? said)
    {
        using var folder = new TempFolder();
        var path = RandomDiffusion.Tiny(isSd2).Write(folder["a.safetensors"], ElementType.F16);
        if (yaml is not null)
        {
            folder.File("a.yaml", yaml);
        }

        using var checkpoint = DiffusionCheckpoint.Open(path);

        Assert.Equal(said, checkpoint.SaysVelocity);
    }

    /// <summary>The last layer made constant: a network that hands back far less than its input predicts velocity.</summary>
    [Theory]
    [InlineData(0.4f, false)]
    [InlineData(-0.6f, true)]
    public void Where_nothing_is_said_of_an_SD_2_a_trial_finds_out(float output, bool isVelocity)
    {
        using var folder = new TempFolder();
        var made = RandomDiffusion.Tiny(isSd2: true);
        Fill(made, "model.diffusion_model.out.2.weight", 0);
        Fill(made, "model.diffusion_model.out.2.bias", output);
        using var checkpoint = DiffusionCheckpoint.Open(made.Write(folder["a.safetensors"], ElementType.F16));

        using var denoiser = checkpoint.Denoiser(new(), Cancel);

        Assert.Equal(isVelocity, denoiser.PredictsVelocity);
    }

    [Theory]
    [InlineData(5, 7, 77)]
    [InlineData(4, 4, 231)]
    public void One_session_takes_any_size_and_any_number_of_tokens(int height, int width, int tokens)
    {
        using var folder = new TempFolder();
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2: false).Write(folder["a.safetensors"], ElementType.F16));

        var (two, one) = (Predict(checkpoint, 2, height, width, tokens), Predict(checkpoint, 1, height, width, tokens));

        Assert.Equal(2 * 4 * height * width, two.Length);
        Tensors.AssertClose(one, two.AsSpan(0, one.Length), 1e-5f, "alone and among others"); // Only the order of sums may differ.
    }

    /// <summary>Written down when the same code agreed with diffusers on the golden checkpoints; the sums' order may differ between processors.</summary>
    [Theory]
    [InlineData(false, new[] { 0.32371438f, -0.8594898f, -0.6984968f, -0.3288327f, 0.07024178f })]
    [InlineData(true, new[] { -0.107941926f, -0.8970952f, -0.4165755f, -0.3624406f, 0.8027743f })]
    public void The_UNet_makes_the_numbers_that_it_made_when_it_was_compared_with_the_reference(bool isSd2, float[] first)
    {
        using var folder = new TempFolder();
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2).Write(folder["a.safetensors"], ElementType.F32));

        Tensors.AssertClose(first, Predict(checkpoint, 1, 6, 6, 77).AsSpan(0, first.Length), 1e-4f, "prediction");
    }

    /// <summary>Sixteen and eight bits cost something; that a prediction points where it did, is what sampling needs.</summary>
    [Theory]
    [InlineData(Precision.F16, 0.9999)]
    [InlineData(Precision.Int8, 0.99)]
    public void Fewer_bits_keep_the_direction_of_a_prediction(Precision precision, double atLeast)
    {
        using var folder = new TempFolder();
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2: true).Write(folder["a.safetensors"], ElementType.F16));

        var (exact, coarse) = (Predict(checkpoint, 1, 8, 8, 77), Predict(checkpoint, 1, 8, 8, 77, precision));

        var cosine = exact.Zip(coarse, (a, b) => a * b).Sum() / Math.Sqrt(exact.Sum(a => a * a) * coarse.Sum(b => b * b));
        Assert.InRange(cosine, atLeast, 0.99999999); // 1 would mean that nothing was rounded.
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_clip_skip_beyond_the_layers_is_told(int clipSkip)
    {
        using var folder = new TempFolder();
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2: false).Write(folder["a.safetensors"], ElementType.F16));

        var error = Assert.Throws<ModelException>(() => checkpoint.Prompts(new(), clipSkip));

        Assert.Equal($"clip skip is {clipSkip}; for '{folder["a.safetensors"]}' it can be 1 to 2.", error.Message);
    }

    private static float[] Predict(DiffusionCheckpoint checkpoint, int count, int height, int width, int tokens, Precision precision = Precision.F32)
    {
        using var denoiser = checkpoint.Denoiser(new() { Precision = precision }, Cancel);
        var latents = Waves(4 * height * width);
        var context = Waves(tokens * checkpoint.Config.UNet.Context);
        return denoiser.Predict(
            Repeated(latents), Enumerable.Repeat(500f, count).ToArray(), Repeated(context), height, width, Cancel);

        float[] Repeated(float[] one) => [.. Enumerable.Repeat(one, count).SelectMany(x => x)];

        static float[] Waves(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))];
    }

    private static void Fill(RandomDiffusion made, string name, float value)
    {
        var at = made.Entries.FindIndex(entry => entry.Name == name);
        made.Entries[at] = made.Entries[at] with { Fill = value };
    }

    private static string Refusal(RandomDiffusion made)
    {
        using var folder = new TempFolder();
        var path = made.Write(folder["a.safetensors"], ElementType.F16);
        return Assert.Throws<ModelException>(() => DiffusionCheckpoint.Open(path)).Message;
    }
}
