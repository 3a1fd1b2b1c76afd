using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.StableDiffusion.Samplers;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Core.Painting;

/// <summary>Whole pictures against those of diffusers' pipelines: the latents at the end, and the bytes.</summary>
[Trait("Kind", "golden")]
public sealed class PainterGoldenTests
{
    /// <summary>Of what differs, only some halves that round the other way: the reference itself differs by 0.01 % of its bytes between 32 and 64 bits.</summary>
    private const double MostDiffering = 0.002;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var folder in Goldens.Folders("cases.json", "golden.safetensors", "images"))
            {
                using var json = Read(folder);
                foreach (var entry in json.RootElement.GetProperty("cases").EnumerateObject())
                {
                    foreach (var device in Goldens.Devices)
                    {
                        cases.Add(folder, entry.Name, device);
                    }
                }
            }

            return cases;
        }
    }

    /// <summary>Single files whose weights also are a folder of diffusers beside them, called the same without <c>_ldm</c>.</summary>
    public static TheoryData<string> SingleFiles =>        [.. Goldens.Folders("model_fp16.safetensors").Where(folder => Directory.Exists(Twin(folder))).DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_pipelines_latents_and_pictures_come_out(string folder, string name, string device)
    {
        using var json = Read(folder);
        var said = json.RootElement.GetProperty("cases").GetProperty(name);
        var model = Path.Combine(folder, "..", Text(said, "model"));
        Assert.SkipUnless(Directory.Exists(Path.Combine(model, "unet")), $"'{model}' has no UNet; TASTE_GOLDEN can name a folder of whole checkpoints.");
        var golden = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"))));
        using var studio = new TempFolder();
        using var store = new ModelStore(studio["models"], TimeProvider.System);
        using var painter = Painter.Open(model, new() { Device = device }, store, Cancel);
        if (said.TryGetProperty("scheduler_config", out var schedule))
        {
            painter.Schedule = NoiseScheduleConfig.FromJson(schedule.GetRawText());
        }

        var requests = Requests(folder, said, golden, name, model);
        var made = painter.Paint(requests, null, null, request => Noise(golden, name, (int)request.Seed), Cancel);

        var expected = golden.Floats($"{name}.final_latents");
        var (each, pictures) = (expected.Length / made.Count, Pictures(folder, said));
        var tolerance = Math.Max(1e-3f, 2e-5f * expected.Max(Math.Abs)); // Golden README: five times what 32 and 64 bits differ by.
        Assert.Equal(pictures.Count, made.Count);
        for (var i = 0; i < made.Count; i++)
        {
            Tensors.AssertClose(expected.AsSpan(i * each, each), made[i].Latents.Span, tolerance, $"{name}.final_latents[{i}]");
            AssertSame(ImageDecoder.Decode(pictures[i], cancel: Cancel).ToRgb(), made[i].Picture);
        }
    }

    [Theory]
    [MemberData(nameof(SingleFiles))]
    public void A_single_file_paints_the_very_pictures_of_the_folder_with_its_weights(string folder)
    {
        Assert.SkipWhen(folder.Length == 0, "no golden folder of a single file is here (they are too large for the repository); TASTE_GOLDEN can name a folder of them.");
        using var studio = new TempFolder();
        using var store = new ModelStore(studio["models"], TimeProvider.System);
        foreach (var vocabulary in Directory.EnumerateFiles(Path.Combine(Twin(folder), "tokenizer")))
        {
            File.Copy(vocabulary, studio[Path.GetFileName(vocabulary)]);
        }

        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, studio[Path.GetFileName(file)]);
        }

        using var single = Painter.Open(studio["model_fp16.safetensors"], new(), store, Cancel);
        using var twin = Painter.Open(Twin(folder), new(), store, Cancel);

        foreach (var method in Enum.GetValues<SamplerMethod>())
        {
            var request = new PaintRequest { Prompt = "a (cat:1.3) by the sea", Negative = "bad", Seed = 5, Width = 64, Height = 96, Sampler = new() { Method = method, Steps = 3 } };
            Assert.Equal(Paint(twin), Paint(single)); // To the bit.

            float[] Paint(Painter painter) => [.. Assert.Single(painter.Paint([request], null, null, Cancel)).Latents.Span];
        }
    }

    private static List<PaintRequest> Requests(string folder, JsonElement said, Checkpoint golden, string name, string model)
    {
        var (prompts, negatives) = (Texts(said, "prompt"), Texts(said, "negative_prompt"));
        var start = said.TryGetProperty("init_image", out var init) ? Path.Combine(folder, init.GetString()!) : null;
        var picture = start is null ? null : ImageDecoder.Inspect(start);
        var first = new PaintRequest
        {
            Prompt = "",
            Guidance = said.GetProperty("guidance_scale").GetDouble(),
            Width = picture?.Width ?? said.GetProperty("width").GetInt32(),
            Height = picture?.Height ?? said.GetProperty("height").GetInt32(),
            Start = start,
            Sampler = new()
            {
                Method = Text(said, "scheduler") switch
                {
                    "DDIMScheduler" => SamplerMethod.Ddim,
                    "PNDMScheduler" => SamplerMethod.Pndm,
                    "EulerDiscreteScheduler" => SamplerMethod.Euler,
                    "EulerAncestralDiscreteScheduler" => SamplerMethod.EulerAncestral,
                    "DPMSolverMultistepScheduler" => SamplerMethod.DpmPlusPlus2M,
                    "LCMScheduler" => SamplerMethod.Lcm,
                    var other => throw new InvalidDataException($"the case {name} has the scheduler {other}."),
                },
                IsKarras = said.TryGetProperty("scheduler_config", out var config) && config.TryGetProperty("use_karras_sigmas", out var karras) && karras.ValueKind == JsonValueKind.True,
                Steps = said.GetProperty("steps").GetInt32(),
                Strength = said.TryGetProperty("strength", out var strength) ? strength.GetDouble() : 1,
            },
        };
        return [.. prompts.Select((prompt, i) => first with { Prompt = Cut(prompt, golden, $"{name}.input_ids", i, model), Negative = negatives.ElementAtOrDefault(i) ?? "", Seed = (ulong)i })];
    }

    /// <summary>diffusers cuts a prompt off where its window ends; the case's own tokens say where.</summary>
    private static string Cut(string prompt, Checkpoint golden, string ids, int row, string model)
    {
        const int Window = 77;
        var tokenizer = ClipTokenizer.FromVocab(File.ReadAllText(Path.Combine(model, "tokenizer/vocab.json")), File.ReadAllText(Path.Combine(model, "tokenizer/merges.txt")));
        if (tokenizer.Encode(prompt).Length <= Window - 2)
        {
            return prompt;
        }

        int[] kept = [.. golden.Floats(ids).Skip(row * Window).Take(Window).Select(id => (int)id)];
        var cut = tokenizer.Decode(kept.AsSpan(1, Window - 2)).Trim();
        Assert.Equal(kept[1..^1], tokenizer.Encode(cut));
        return cut;
    }

    /// <summary>The recorded noise of a case's picture, draw by draw.</summary>
    private static Recorded Noise(Checkpoint golden, string name, int place)
    {
        if (golden.Tensors.ContainsKey($"{name}.noise0"))
        {
            return new([golden.Floats($"{name}.noise0"), golden.Floats($"{name}.noise1")]);
        }

        var shape = golden.Tensors[$"{name}.initial_latents"].Shape;
        var each = shape[1] * shape[2] * shape[3];
        var first = golden.Floats($"{name}.initial_latents").AsSpan(place * each, each).ToArray();
        if (!golden.Tensors.TryGetValue($"{name}.scheduler_noise", out var stored))
        {
            return new([first]);
        }

        var later = golden.Floats($"{name}.scheduler_noise");
        return new([first, .. Enumerable.Range(0, stored.Shape[0]).Select(step => later.AsSpan(((step * shape[0]) + place) * each, each).ToArray())]);
    }

    private static List<string> Pictures(string folder, JsonElement said) =>        [.. (said.TryGetProperty("images", out _) ? Texts(said, "images") : Texts(said, "image")).Select(picture => Path.Combine(folder, picture))];

    internal static void AssertSame(Raster expected, Raster actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        var differences = expected.Pixels.Zip(actual.Pixels, (a, b) => Math.Abs(a - b)).ToList();
        Assert.InRange(differences.Max(), 0, 1);
        Assert.InRange(differences.Count(difference => difference > 0) / (double)differences.Count, 0, MostDiffering);
    }

    private static List<string> Texts(JsonElement said, string property) => !said.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(entry => entry.GetString()!)] : [value.GetString()!];

    private static string Text(JsonElement said, string property) => said.GetProperty(property).GetString()!;

    /// <summary>Python writes numbers that JSON does not have.</summary>
    private static JsonDocument Read(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")).Replace("-Infinity", "null", StringComparison.Ordinal));

    private static string Twin(string folder) => folder.EndsWith("_ldm", StringComparison.Ordinal) ? folder[..^"_ldm".Length] : "";

    internal sealed class Recorded(IReadOnlyList<float[]> draws) : INoise
    {
        private int _next;

        public void Normal(Span<float> values) => draws[_next++].CopyTo(values);
    }
}
