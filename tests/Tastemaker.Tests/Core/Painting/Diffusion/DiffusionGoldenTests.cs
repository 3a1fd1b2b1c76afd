using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Native;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;
using Tastemaker.Tests.Core.Models;

namespace Tastemaker.Tests.Core.Painting.Diffusion;

/// <summary>The three networks of Stable Diffusion 1.x and 2.x against diffusers' and transformers' numbers, of checkpoints in each layout.</summary>
[Trait("Kind", "golden")]
public sealed class DiffusionGoldenTests
{
    // Each is some ten times what the reference differs by between two BLAS libraries (golden README): our sums run in another order too. What modules give
    // on the way is for finding an error, and is asked of the processor only: a GPU's exponentials are looser, and what comes out has to be right all the same.
    private const float UNetTolerance = 1e-4f, TapTolerance = 2e-4f, VaeTolerance = 5e-5f, TextTolerance = 1e-4f;

    public static TheoryData<string, string> UNets => OnDevices("golden_unet.safetensors", "unet/diffusion_pytorch_model.safetensors");

    public static TheoryData<string, string> Vaes => OnDevices("golden_vae.safetensors", "vae/diffusion_pytorch_model.safetensors");

    public static TheoryData<string, string> Texts => OnDevices("golden_text.safetensors", "text_encoder/model.safetensors");

    public static TheoryData<string, string> Pipelines => OnDevices("model_index.json", "unet/diffusion_pytorch_model.safetensors", "golden_unet.safetensors");

    /// <summary>Single files whose weights also are a folder of diffusers beside them, called the same without <c>_ldm</c>.</summary>
    public static TheoryData<string> SingleFiles => [.. Goldens.Folders("model_fp16.safetensors").Where(folder => Directory.Exists(Twin(folder))).DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(UNets))]
    public void Every_module_of_the_UNet_makes_the_reference_s_numbers(string folder, string device)
    {
        SkipWithout(folder);
        var golden = Golden(folder, "golden_unet.safetensors");
        using var mapped = MappedFile.OpenRead(Path.Combine(folder, "unet/diffusion_pytorch_model.safetensors"));
        var stored = Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors;
        var weights = DiffusionNames.UNet(stored);
        var kind = stored.Any(t => t.Key.EndsWith("proj_in.weight", StringComparison.Ordinal) && t.Value.Shape.Rank == 2) ? DiffusionKind.Sd2 : DiffusionKind.Sd1;
        var config = DiffusionConfig.UNetFrom(weights, kind, File.ReadAllText(Path.Combine(folder, "unet/config.json")));
        var scope = new Scope(weights);
        var taps = new Dictionary<string, Node>();
        Node sample = Node.In("sample", ElementType.F32, -1, 4, -1, -1), time = Node.In("time", ElementType.F32, -1), context = Node.In("context", ElementType.F32, -1, -1, config.Context);
        var outputs = new Dictionary<string, Node> { ["out"] = UNet.Build(scope, config, sample, time, context, taps) };
        string[] modules = [.. golden.Tensors.Keys.Where(k => k.StartsWith("debug.", StringComparison.Ordinal)).Select(k => k["debug.".Length..])];
        foreach (var module in modules)
        {
            outputs[module] = taps[module];
        }

        using var session = Session.Load(outputs, weights, mapped, device);

        Assert.Empty(scope.Unused);
        Assert.NotEmpty(modules);
        Assert.All(modules.Where(_ => device == DevicesTests.Processor), module => Tensors.AssertClose(golden.Floats($"debug.{module}"), Run("a", module), TapTolerance, module));
        Assert.All(Cases(golden, ".sample"), name => Tensors.AssertClose(golden.Floats($"{name}.out"), Run(name, "out"), UNetTolerance, $"{name}.out"));

        float[] Run(string name, string output) => session.Run(
            [Input("sample", $"{name}.sample"), Input("time", $"{name}.timestep"), Input("context", $"{name}.encoder_hidden_states")], output, TestContext.Current.CancellationToken);

        SessionInput Input(string input, string name) => new(input, golden.Floats(name), golden.Tensors[name].Shape.Axes.Select(axis => (long)axis).ToArray());
    }

    [Theory]
    [MemberData(nameof(Vaes))]
    public void The_VAE_decodes_and_encodes_to_the_reference_s_numbers(string folder, string device)
    {
        var golden = Golden(folder, "golden_vae.safetensors");
        using var mapped = MappedFile.OpenRead(Path.Combine(folder, "vae/diffusion_pytorch_model.safetensors"));
        var weights = DiffusionNames.Vae(Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors);
        var config = DiffusionConfig.VaeFrom(weights);
        var scope = new Scope(weights);
        Node latents = Node.In("latents", ElementType.F32, -1, config.Latents, -1, -1), image = Node.In("image", ElementType.F32, -1, 3, -1, -1);
        Dictionary<string, Node> decoderTaps = [], encoderTaps = [];
        var decoder = new Dictionary<string, Node> { ["decoded"] = Vae.Decoder(scope, config, latents, decoderTaps) };
        var encoder = new Dictionary<string, Node> { ["moments"] = Vae.Encoder(scope, config, image, encoderTaps) };
        Assert.Empty(scope.Unused);

        foreach (var (input, outputs, taps) in new[] { ("latents", decoder, decoderTaps), ("image", encoder, encoderTaps) })
        {
            string[] modules = [.. taps.Keys.Where(module => golden.Tensors.ContainsKey($"debug.{module}"))];
            var last = outputs.Keys.First();
            foreach (var module in modules)
            {
                outputs[module] = taps[module];
            }

            using var session = Session.Load(outputs, weights, mapped, device);
            Assert.All(modules.Where(_ => device == DevicesTests.Processor), module => Tensors.AssertClose(golden.Floats($"debug.{module}"), Run(session, $"a.{input}", module), TapTolerance, module));
            Assert.All(Cases(golden, ".latents"), name => Tensors.AssertClose(golden.Floats($"{name}.{last}"), Run(session, $"{name}.{input}", last), VaeTolerance, $"{name}.{last}"));

            float[] Run(Session session, string name, string output) =>
                session.Run<float>(input, golden.Floats(name), [.. golden.Tensors[name].Shape.Axes.Select(axis => (long)axis)], output, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void The_text_encoder_gives_the_state_that_the_UNet_was_trained_with(string folder, string device)
    {
        var golden = Golden(folder, "golden_text.safetensors");
        using var mapped = MappedFile.OpenRead(Path.Combine(folder, "text_encoder/model.safetensors"));
        var weights = DiffusionNames.Text(Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors);
        var json = File.ReadAllText(Path.Combine(folder, "text_encoder/config.json"));
        var isSd2 = json.Contains("\"gelu\"", StringComparison.Ordinal); // OpenAI's towers have quick_gelu.

        CheckText(golden, mapped, weights, DiffusionConfig.TextFrom(weights, isSd2 ? DiffusionKind.Sd2 : DiffusionKind.Sd1, isFull: false, json), isSd2, device);
    }

    /// <summary>Alone in a file, without a word on heads or activation, in CompVis' layout and in open_clip's.</summary>
    [Theory]
    [InlineData("text_encoder_only.ckpt", DiffusionKind.Sd1)]
    [InlineData("text_encoder_fp16.safetensors", DiffusionKind.Sd2)]
    public void The_text_encoder_of_a_single_file_is_the_folder_s(string name, DiffusionKind kind)
    {
        var folders = Goldens.Folders(name).Where(folder => File.Exists(Path.Combine(Twin(folder), "golden_text.safetensors"))).ToList();
        Assert.SkipWhen(folders.Count == 0, $"no golden folder has a {name}; TASTE_GOLDEN can name a folder of them.");
        foreach (var folder in folders)
        {
            using var mapped = MappedFile.OpenRead(Path.Combine(folder, name));
            var checkpoint = Checkpoint.Open(new(mapped.Length, mapped.Read));
            var weights = DiffusionNames.Text(DiffusionNames.Split(checkpoint.Under(checkpoint.Root).Tensors).Text);

            CheckText(Golden(Twin(folder), "golden_text.safetensors"), mapped, weights, DiffusionConfig.TextFrom(weights, kind, isFull: true, says: null), kind == DiffusionKind.Sd2, DevicesTests.Processor);
        }
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void A_folder_opens_as_a_whole_and_its_sessions_give_the_reference_s_numbers(string folder, string device)
    {
        SkipWithout(folder);
        using var checkpoint = DiffusionCheckpoint.Open(folder);
        var (unet, vae) = (Golden(folder, "golden_unet.safetensors"), Golden(folder, "golden_vae.safetensors"));
        var cancel = TestContext.Current.CancellationToken;
        using var denoiser = checkpoint.Denoiser(new() { Device = device }, cancel);
        using var encoder = checkpoint.Encoder(new() { Device = device });
        using var decoder = checkpoint.Decoder(new() { Device = device });

        Assert.Empty(checkpoint.Unused);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "scheduler/scheduler_config.json")).Contains("v_prediction", StringComparison.Ordinal), denoiser.PredictsVelocity);
        foreach (var name in Cases(unet, ".sample"))
        {
            var shape = unet.Tensors[$"{name}.sample"].Shape;
            var predicted = denoiser.Predict(unet.Floats($"{name}.sample"), unet.Floats($"{name}.timestep"), unet.Floats($"{name}.encoder_hidden_states"), shape[2], shape[3], cancel);
            Tensors.AssertClose(unet.Floats($"{name}.out"), predicted, UNetTolerance, $"{name}.out");
        }

        foreach (var name in Cases(vae, ".latents"))
        {
            var (latents, image) = (vae.Tensors[$"{name}.latents"].Shape, vae.Tensors[$"{name}.image"].Shape);
            Tensors.AssertClose(vae.Floats($"{name}.decoded"), decoder.Decode(vae.Floats($"{name}.latents"), latents[2], latents[3], cancel), VaeTolerance, $"{name}.decoded");
            Tensors.AssertClose(vae.Floats($"{name}.sampled_scaled_latents"),
                encoder.Encode(vae.Floats($"{name}.image"), vae.Floats($"{name}.noise"), image[2], image[3], cancel), VaeTolerance, $"{name}.sampled_scaled_latents");
        }
    }

    [Theory]
    [MemberData(nameof(SingleFiles))]
    public void A_single_file_gives_the_very_numbers_of_the_folder_with_its_weights(string folder)
    {
        SkipWithout(folder);
        using var single = DiffusionCheckpoint.Open(Path.Combine(folder, "model_fp16.safetensors"));
        using var twin = DiffusionCheckpoint.Open(Twin(folder));
        var (unet, vae, text) = (Golden(Twin(folder), "golden_unet.safetensors"), Golden(Twin(folder), "golden_vae.safetensors"), Golden(Twin(folder), "golden_text.safetensors"));

        Assert.Empty(single.Unused);
        Assert.Equal(twin.Kind, single.Kind);
        Assert.Equal(All(twin), All(single)); // To the bit.

        float[] All(DiffusionCheckpoint checkpoint)
        {
            var cancel = TestContext.Current.CancellationToken;
            using var prompts = checkpoint.Prompts(new());
            using var denoiser = checkpoint.Denoiser(new(), cancel);
            using var encoder = checkpoint.Encoder(new());
            using var decoder = checkpoint.Decoder(new());
            var (ids, sample, image, latents) = (text.Tensors["input_ids"].Shape, unet.Tensors["a.sample"].Shape, vae.Tensors["a.image"].Shape, vae.Tensors["a.latents"].Shape);
            return
            [
                .. prompts.Encode(text.Floats("input_ids").Select(id => (long)id).ToArray(), ids[0], cancel),
                .. denoiser.Predict(unet.Floats("a.sample"), unet.Floats("a.timestep"), unet.Floats("a.encoder_hidden_states"), sample[2], sample[3], cancel),
                .. encoder.Encode(vae.Floats("a.image"), vae.Floats("a.noise"), image[2], image[3], cancel),
                .. decoder.Decode(vae.Floats("a.latents"), latents[2], latents[3], cancel),
            ];
        }
    }

    private static void CheckText(Checkpoint golden, MappedFile mapped, IReadOnlyDictionary<string, StoredTensor> weights, TextEncoder.Config config, bool isSd2, string device)
    {
        var scope = new Scope(weights);
        var ids = Node.In("ids", ElementType.I64, -1, config.Tower.Stack.Tokens);
        var outputs = new Dictionary<string, Node> { ["normal"] = TextEncoder.Build(scope, config, ids), ["skipping"] = TextEncoder.Build(scope, config, ids, clipSkip: 2) };
        Assert.Empty(scope.Unused);
        using var session = Session.Load(outputs, weights, mapped, device);

        Tensors.AssertClose(golden.Floats(isSd2 ? "penultimate_ln" : "last_hidden_state"), Run("normal"), TextTolerance, "state");
        if (!isSd2)
        {
            Tensors.AssertClose(golden.Floats("penultimate_ln"), Run("skipping"), TextTolerance, "state with clip skip 2");
        }

        float[] Run(string output) => session.Run<long>(
            "ids", golden.Floats("input_ids").Select(id => (long)id).ToArray(), [golden.Tensors["input_ids"].Shape[0], config.Tower.Stack.Tokens], output, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Cases(Checkpoint golden, string input) =>
        golden.Tensors.Keys.Where(k => k.EndsWith(input, StringComparison.Ordinal)).Select(k => k[..^input.Length]).Order(StringComparer.Ordinal);

    private static Checkpoint Golden(string folder, string name) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, name))));

    private static TheoryData<string, string> OnDevices(params string[] entries) => Goldens.OnDevices(Goldens.Folders(entries).DefaultIfEmpty(""));

    private static string Twin(string folder) => folder.EndsWith("_ldm", StringComparison.Ordinal) ? folder[..^"_ldm".Length] : "";

    private static void SkipWithout(string folder) =>
        Assert.SkipWhen(folder.Length == 0, "no golden folder of a whole checkpoint is here (they are too large for the repository); TASTE_GOLDEN can name a folder of them.");
}
