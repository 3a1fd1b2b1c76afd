using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Native;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.StableDiffusion.Samplers;
using Tastemaker.Nets.Weights;
using Tastemaker.Tests.Core.Models;

namespace Tastemaker.Tests.Core.Painting.Aesthetics;

/// <summary>A text tower that is drawn towards a target, against the numbers of vicgalle's <c>PersonalizedCLIPEmbedder</c>.</summary>
[Trait("Kind", "golden")]
public sealed class AestheticGoldenTests
{
    /// <summary>
    /// The golden README's, some twenty times what the reference differs by between two BLAS libraries. Twenty steps of 1e-2 carry a rounding further:
    /// Adam moves a parameter by the whole rate however small its gradient is.
    /// </summary>
    private const float StateTolerance = 2e-4f, LossTolerance = 2e-5f, LongTolerance = 5e-4f;

    /// <summary>Of a gradient's largest: sums of some thousand float32 products in another order.</summary>
    private const float GradientTolerance = 2e-5f;

    /// <summary>A tenth of the learning rate: each step moves a parameter by about the rate, into a direction that only noise could turn around.</summary>
    private const float ParameterTolerance = 0.1f;

    private const string Clip = "clip/model.safetensors";

    public static TheoryData<string, string, string> Cases => [.. from folder in Goldens.Folders("cases.json", "golden.safetensors", Clip)
                                                                from name in Descriptions(folder).EnumerateObject()
                                                                where name.Value.GetProperty("losses").ValueKind == JsonValueKind.Array
                                                                from device in Goldens.Devices
                                                                select (folder, name.Name, device)];

    public static TheoryData<string, string> Pictures => Goldens.OnDevices(Goldens.Folders("end_to_end.json", "end_to_end.safetensors", Clip).DefaultIfEmpty(""));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_prompt_is_drawn_as_by_the_reference(string folder, string name, string device)
    {
        var (golden, description) = (Golden(folder), Descriptions(folder).GetProperty(name));
        var (steps, rate) = (description.GetProperty("T").GetInt32(), description.GetProperty("lr").GetDouble());
        var prompts = golden.Tensors[$"{name}.input_ids"].Shape[0];
        using var file = MappedFile.OpenRead(Path.Combine(folder, Clip));
        var stored = Tower(folder, file);
        using var tower = new DrawnTower(stored, prompts, clipSkip: 1, new(device, 0), TestContext.Current.CancellationToken);

        var drawn = Draw(tower, golden, name, description.GetProperty("target").GetString()!, steps, rate);

        var isLong = steps >= 20 && rate >= 1e-2;
        Tensors.AssertClose(golden.Floats($"{name}.z"), drawn.States, isLong ? LongTolerance : StateTolerance, "z");
        Tensors.AssertClose(golden.Floats($"{name}.losses"), [.. drawn.Cosines.SelectMany(c => c).Select(c => -c)], isLong ? LongTolerance : LossTolerance, "losses");
        if (device != DevicesTests.Processor)
        {
            return; // Parameters and moments stay in the memory of the GPU.
        }

        foreach (var parameter in Under(golden, $"{name}.grad.").Where(p => steps == 1 && !p.EndsWith("k_proj.bias", StringComparison.Ordinal)))
        {
            var gradient = golden.Floats($"{name}.grad.{parameter}");
            Tensors.AssertClose(gradient, tower.State($"{parameter}.moment1"), GradientTolerance * gradient.Max(Math.Abs), $"gradient of {parameter}");
        }

        foreach (var parameter in Under(golden, $"{name}.param.").Where(p => !p.EndsWith("k_proj.bias", StringComparison.Ordinal) && p.StartsWith("text_model.", StringComparison.Ordinal)))
        {
            // Those recorded so far are of the model that the reference begins each call with, not of the one that it trained.
            var expected = golden.Floats($"{name}.param.{parameter}");
            var isBeginning = expected.AsSpan().SequenceEqual(stored.Floats(parameter));
            Tensors.AssertClose(expected, isBeginning ? stored.Floats(parameter) : tower.State(parameter), ParameterTolerance * (float)rate, parameter);
            Assert.NotEqual(stored.Floats(parameter), tower.State(parameter));
        }
    }

    /// <summary>Every prompt begins with the tower as it is in the file, whatever was drawn before.</summary>
    [Fact]
    public void A_second_prompt_does_not_see_the_first()
    {
        var folder = Path.Combine(Goldens.Own, "aesthetic_gradients");
        var golden = Golden(folder);
        using var file = MappedFile.OpenRead(Path.Combine(folder, Clip));
        using var tower = new DrawnTower(Tower(folder, file), prompts: 1, clipSkip: 1, SessionPlace.Processor, TestContext.Current.CancellationToken);

        var first = Draw(tower, golden, "rand.p1.T5.lr0.01", "rand", 5, 1e-2);
        Draw(tower, golden, "rand.empty.T5.lr0.01", "near", 3, 1e-2);
        var again = Draw(tower, golden, "rand.p1.T5.lr0.01", "rand", 5, 1e-2);

        Assert.Equal(first.States, again.States);
    }

    /// <summary>The default learning rate, twenty steps.</summary>
    [Fact]
    public void Every_step_brings_a_prompt_nearer()
    {
        var folder = Path.Combine(Goldens.Own, "aesthetic_gradients");
        using var file = MappedFile.OpenRead(Path.Combine(folder, Clip));
        using var tower = new DrawnTower(Tower(folder, file), prompts: 1, clipSkip: 1, SessionPlace.Processor, TestContext.Current.CancellationToken);

        var cosines = Draw(tower, Golden(folder), "rand.p1.T20.lr0.0001", "rand", 20, AestheticSettings.Default.LearningRate).Cosines.Select(c => c[0]).ToList();

        Assert.Equal(21, cosines.Count);
        Assert.All(cosines.Zip(cosines.Skip(1)), pair => Assert.True(pair.Second > pair.First, $"{pair.First} was followed by {pair.Second}."));
    }

    /// <summary>From a prompt to a picture: five steps of DDIM under guidance, with the aesthetic and without.</summary>
    [Theory]
    [MemberData(nameof(Pictures))]
    public void The_reference_s_pictures_come_out_with_an_aesthetic_and_without(string folder, string device)
    {
        var model = Path.Combine(folder, "../sd1");
        Assert.SkipUnless(folder.Length > 0 && Directory.Exists(model), "no golden folder of a whole checkpoint is here (they are too large for the repository); TASTE_GOLDEN can name a folder of them.");
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "end_to_end.json")));
        var (said, golden, cancel) = (document.RootElement, Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "end_to_end.safetensors")))), TestContext.Current.CancellationToken);
        var shape = golden.Tensors["initial_latents"].Shape;
        using var studio = new TempFolder();
        using var store = new ModelStore(studio["models"], TimeProvider.System);
        store.Import([Path.Combine(folder, "clip")], new("clip"), cancel);
        using var painter = Painter.Open(model, new() { Device = device }, store, cancel);
        var request = new PaintRequest
        {
            Prompt = said.GetProperty("prompt").GetString()!,
            Negative = said.GetProperty("negative").GetString()!,
            Width = shape[3] * painter.Multiple,
            Height = shape[2] * painter.Multiple,
            Guidance = said.GetProperty("guidance_scale").GetDouble(),
            Sampler = new() { Method = SamplerMethod.Ddim, Steps = said.GetProperty("steps").GetInt32() },
        };
        var target = AestheticTarget.Of("rand", new(null, 24), Golden(folder).Floats($"target.{said.GetProperty("target").GetString()}"));
        var settings = new AestheticSettings { Steps = said.GetProperty("T").GetInt32(), LearningRate = said.GetProperty("lr").GetDouble() };
        using var drawn = painter.Drawn(target, settings, clipSkip: 1, store, cache: null, told: null);

        foreach (var (name, states) in new[] { ("with_ag", drawn), ("without_ag", null) })
        {
            var painted = Assert.Single(painter.Paint([request], states, null, _ => new PainterGoldenTests.Recorded([golden.Floats("initial_latents")]), cancel));
            var latents = golden.Floats($"{name}.final_latents");
            Tensors.AssertClose(latents, painted.Latents.Span, Math.Max(1e-3f, 2e-5f * latents.Max(Math.Abs)), name); // Golden README, of pipelines.
            PainterGoldenTests.AssertSame(ImageDecoder.Decode(Path.Combine(folder, $"{name}.png"), cancel: cancel).ToRgb(), painted.Picture);
        }
    }

    private static Drawn Draw(DrawnTower tower, Checkpoint golden, string name, string target, int steps, double rate)
    {
        var direction = AestheticTarget.Of(target, new(null, golden.Floats($"target.{target}").Length), golden.Floats($"target.{target}"));
        return tower.Draw([.. golden.Floats($"{name}.input_ids").Select(id => (long)id)], direction.Vector, steps, rate, (_, _) => { }, TestContext.Current.CancellationToken);
    }

    private static TextTower Tower(string folder, MappedFile file)
    {
        var weights = DiffusionNames.Text(Checkpoint.Open(new(file.Length, file.Read)).Tensors);
        var config = ClipConfig.From(weights, File.ReadAllText(Path.Combine(folder, "clip/config.json"))).Text!;
        var network = new StoredNetwork(file, weights);
        return new(new(config, Dropped: 0), network, network);
    }

    private static IEnumerable<string> Under(Checkpoint golden, string prefix) =>
        golden.Tensors.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]);

    private static Checkpoint Golden(string folder) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"))));

    private static JsonElement Descriptions(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")));
        return document.RootElement.Clone();
    }
}
