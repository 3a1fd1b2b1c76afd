using System.Runtime.InteropServices;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Benchmarks;

/// <summary>Towers of a published size with random weights: what speed depends on, without the download.</summary>
internal static class RandomClip
{
    /// <summary>ViT-L/14 as OpenAI published it.</summary>
    public static readonly ClipVision.Config VitL14 = new(
        Size: 224, Patch: 14, Dims: 768, new(Width: 1024, Layers: 24, Heads: 16, Inner: 4096, Tokens: 257, Activation.QuickGelu, IsCausal: false));

    /// <summary>The text tower beside it, which SD 1 reads prompts through.</summary>
    public static readonly ClipText.Config VitL14Text = new(
        Vocabulary: 49408, Dims: 768, new(Width: 768, Layers: 12, Heads: 12, Inner: 3072, Tokens: 77, Activation.QuickGelu, IsCausal: true));

    /// <summary>Multiplications and additions for one image.</summary>
    public static double Operations(ClipVision.Config c)
    {
        var (s, patches) = (c.Stack, c.Stack.Tokens - 1);
        var layer = (4.0 * s.Tokens * s.Width * s.Width) + (2.0 * s.Tokens * s.Width * s.Inner) + (2.0 * s.Tokens * s.Tokens * s.Width);
        return 2 * ((s.Layers * layer) + ((double)patches * s.Width * 3 * c.Patch * c.Patch) + ((double)s.Width * c.Dims));
    }

    /// <summary>Weights in float32 under Hugging Face's names, of the scale at which activations stay near 1.</summary>
    public static void Write(Stream into, ClipVision.Config c, int seed) => Write(into, Shapes(c), seed);

    /// <summary>The same of a text tower.</summary>
    public static void Write(Stream into, ClipText.Config c, int seed) => Write(into, Shapes(c), seed);

    private static void Write(Stream into, IEnumerable<(string Name, Shape Shape)> shapes, int seed)
    {
        var random = new Random(seed);
        SafeTensors.Write(into, shapes.Select(weight => Tensor(weight.Name, weight.Shape, random)));
    }

    private static TensorData Tensor(string name, Shape shape, Random random)
    {
        var inputs = shape.Axes.Skip(1).Aggregate(1, (product, axis) => product * axis);
        var scale = shape.Rank == 1 ? 0.1f : MathF.Sqrt(3f / inputs);
        var offset = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f;
        var numbers = new float[shape.Axes.Aggregate(1, (product, axis) => product * axis)];
        random.NextBytes(MemoryMarshal.AsBytes(numbers.AsSpan()));
        var bits = MemoryMarshal.Cast<float, int>(numbers);
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = offset + (scale * bits[i] / int.MaxValue); // Uniform over ±scale.
        }

        return TensorData.Of(name, shape, numbers);
    }

    private static IEnumerable<(string Name, Shape Shape)> Shapes(ClipVision.Config c)
    {
        var width = c.Stack.Width;
        yield return ("vision_model.embeddings.class_embedding", new(width));
        yield return ("vision_model.embeddings.patch_embedding.weight", new(width, 3, c.Patch, c.Patch));
        yield return ("vision_model.embeddings.position_embedding.weight", new(c.Stack.Tokens, width));
        yield return ("visual_projection.weight", new(c.Dims, width));
        foreach (var weight in Layers("vision_model", c.Stack, "pre_layrnorm", "post_layernorm"))
        {
            yield return weight;
        }
    }

    private static IEnumerable<(string Name, Shape Shape)> Shapes(ClipText.Config c) =>
    [
        ("text_model.embeddings.token_embedding.weight", new(c.Vocabulary, c.Stack.Width)), ("text_model.embeddings.position_embedding.weight", new(c.Stack.Tokens, c.Stack.Width)),
        ("text_projection.weight", new(c.Dims, c.Stack.Width)), .. Layers("text_model", c.Stack, "final_layer_norm"),
    ];

    private static IEnumerable<(string Name, Shape Shape)> Layers(string tower, ClipTransformer.Config c, params string[] ends)
    {
        string[] norms = [.. ends, .. Layers("layer_norm1", "layer_norm2")];
        var linears = Layers("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj").Select(n => (Name: n, Shape: new Shape(c.Width, c.Width)))
            .Concat(Layers("mlp.fc1").Select(n => (n, new Shape(c.Inner, c.Width)))).Concat(Layers("mlp.fc2").Select(n => (n, new Shape(c.Width, c.Inner))));
        foreach (var (name, shape) in norms.Select(n => (n, new Shape(c.Width))).Concat(linears))
        {
            yield return ($"{tower}.{name}.weight", shape);
            yield return ($"{tower}.{name}.bias", new(shape[0]));
        }

        IEnumerable<string> Layers(params string[] names) => Enumerable.Range(0, c.Layers).SelectMany(i => names.Select(n => $"encoder.layers.{i}.{n}"));
    }
}
