using Tastemaker.Core.Models;
using Tastemaker.Native;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Core.Models;

/// <summary>Both towers, in every layout of a checkpoint, against the reference implementations' numbers.</summary>
[Trait("Kind", "golden")]
public sealed class ClipGoldenTests
{
    /// <summary>
    /// Ten times what the reference differs by between two BLAS libraries (golden README): our sums run in another order too.
    /// </summary>
    private static readonly Dictionary<string, float> Tolerance = new()
    {
        ["image_embeds"] = 5e-5f,
        ["text_embeds"] = 5e-5f,
        ["vision_last_hidden_state"] = 1e-4f,
        ["vision_penultimate"] = 1e-4f,
        ["vision_pooler_output"] = 1e-4f,
        ["vision_embeddings"] = 1e-4f,
        ["text_last_hidden_state"] = 1e-4f,
        ["text_penultimate"] = 1e-4f,
        ["text_penultimate_ln"] = 1e-4f,
        ["text_pooler_output"] = 1e-4f,
    };

    public static TheoryData<string, string> CheckpointsOnDevices() => Goldens.OnDevices(Checkpoints().Select(row => row.Data));

    public static TheoryData<string> Checkpoints()
    {
        string[] layouts = ["hf/model.safetensors", "openai/model.safetensors", "open_clip/open_clip_model.safetensors"];
        return [.. layouts.SelectMany(layout => Goldens.Folders("golden.safetensors", layout).Select(folder => Path.Combine(folder, layout)))];
    }

    [Theory]
    [MemberData(nameof(CheckpointsOnDevices))]
    public void Both_towers_give_the_reference_s_numbers(string file, string device)
    {
        using var mapped = MappedFile.OpenRead(file);
        var golden = Golden(Path.GetDirectoryName(Path.GetDirectoryName(file))!);
        var weights = ClipNames.Canonical(Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors);
        var config = ClipConfig.From(weights, ConfigBeside(file));
        var scope = new Scope(weights);

        var image = ClipVision.Build(scope, config.Vision!, Node.In("pixels", ElementType.F32, -1, 3, config.Vision!.Size, config.Vision.Size));
        var text = ClipText.Build(scope, config.Text!, Node.In("ids", ElementType.I64, -1, config.Text!.Stack.Tokens));

        Assert.Empty(scope.Unused);
        Check("pixels", golden.Floats("pixel_values"), golden.Tensors["pixel_values"].Shape, new()
        {
            ["image_embeds"] = image.Embedding,
            ["vision_last_hidden_state"] = image.States[^1],
            ["vision_penultimate"] = image.States[^2],
            ["vision_pooler_output"] = image.Pooled,
            ["vision_embeddings"] = image.States[0],
        });
        Check("ids", golden.Floats("input_ids").Select(id => (long)id).ToArray(), golden.Tensors["input_ids"].Shape, new()
        {
            ["text_embeds"] = text.Embedding!,
            ["text_last_hidden_state"] = text.Last,
            ["text_penultimate"] = text.Penultimate,
            ["text_penultimate_ln"] = text.PenultimateNormed,
            ["text_pooler_output"] = text.Pooled,
        });

        void Check<T>(string input, T[] values, Shape shape, Dictionary<string, Node> outputs) where T : unmanaged
        {
            using var session = Session.Load(outputs, weights, mapped, device);
            foreach (var name in outputs.Keys)
            {
                var actual = session.Run<T>(input, values, [.. shape.Axes.Select(a => (long)a)], name, TestContext.Current.CancellationToken);
                Tensors.AssertClose(golden.Floats(name), actual, Tolerance[name], name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void An_image_encoded_among_others_has_the_embedding_that_it_has_alone(string file)
    {
        using var mapped = MappedFile.OpenRead(file);
        var golden = Golden(Path.GetDirectoryName(Path.GetDirectoryName(file))!);
        var weights = ClipNames.Canonical(Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors);
        var config = ClipConfig.From(weights, ConfigBeside(file)).Vision!;
        var outputs = new Dictionary<string, Node> { ["e"] = ClipVision.Build(new(weights), config, Node.In("pixels", ElementType.F32, -1, 3, config.Size, config.Size)).Embedding };
        using var session = Session.Load(outputs, weights, mapped, "cpu");
        var pixels = golden.Floats("pixel_values");
        var one = pixels.Length / golden.Tensors["pixel_values"].Shape[0];

        var together = session.Run<float>("pixels", pixels, [pixels.Length / one, 3, config.Size, config.Size], "e", TestContext.Current.CancellationToken);
        var alone = Enumerable.Range(0, pixels.Length / one).SelectMany(i =>
            session.Run<float>("pixels", pixels.AsSpan(i * one, one), [1, 3, config.Size, config.Size], "e", TestContext.Current.CancellationToken)).ToArray();

        Tensors.AssertClose(alone, together, 1e-5f, "embedding"); // Only the order of sums may differ.
    }

    /// <summary>Integers cost something; that a direction stays what it is, is what a score needs.</summary>
    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Eight_bit_weights_keep_the_direction_of_an_embedding(string file)
    {
        using var mapped = MappedFile.OpenRead(file);
        var golden = Golden(Path.GetDirectoryName(Path.GetDirectoryName(file))!);
        var weights = ClipNames.Canonical(Checkpoint.Open(new(mapped.Length, mapped.Read)).Tensors);
        var config = ClipConfig.From(weights, ConfigBeside(file)).Vision!;
        var embedding = ClipVision.Build(new(weights, Precision.Int8), config, Node.In("pixels", ElementType.F32, -1, 3, config.Size, config.Size)).Embedding;
        using var session = Session.Load(new Dictionary<string, Node> { ["e"] = embedding }, weights, mapped, "cpu");
        var one = golden.Floats("pixel_values").AsSpan(0, 3 * config.Size * config.Size);

        var integer = session.Run<float>("pixels", one, [1, 3, config.Size, config.Size], "e", TestContext.Current.CancellationToken);

        var exact = golden.Floats("image_embeds")[..integer.Length];
        var cosine = integer.Zip(exact, (a, b) => a * b).Sum() / Math.Sqrt(integer.Sum(a => a * a) * exact.Sum(b => b * b));
        Assert.InRange(cosine, 0.995, 0.99999999); // 1 would mean that nothing was quantised.
    }

    private static Checkpoint Golden(string folder) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"))));

    private static string? ConfigBeside(string file) =>
        new[] { "config.json", "open_clip_config.json" }.Select(name => Path.Combine(Path.GetDirectoryName(file)!, name)).Where(File.Exists).Select(File.ReadAllText).FirstOrDefault();
}
