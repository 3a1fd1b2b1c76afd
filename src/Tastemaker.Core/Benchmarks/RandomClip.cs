using System.Runtime.InteropServices;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Benchmarks;

/// <summary>An image tower of a published size with random weights: what speed depends on, without the download.</summary>
internal static class RandomClip
{
    /// <summary>ViT-L/14 as OpenAI published it.</summary>
    public static readonly ClipVision.Config VitL14 = new(
        Size: 224, Patch: 14, Dims: 768, new(Width: 1024, Layers: 24, Heads: 16, Inner: 4096, Tokens: 257, Activation.QuickGelu, IsCausal: false));

    /// <summary>Multiplications and additions for one image.</summary>
    public static double Operations(ClipVision.Config c)
    {
        var (s, patches) = (c.Stack, c.Stack.Tokens - 1);
        var layer = (4.0 * s.Tokens * s.Width * s.Width) + (2.0 * s.Tokens * s.Width * s.Inner) + (2.0 * s.Tokens * s.Tokens * s.Width);
        return 2 * ((s.Layers * layer) + ((double)patches * s.Width * 3 * c.Patch * c.Patch) + ((double)s.Width * c.Dims));
    }

    /// <summary>Weights in float32 under Hugging Face's names, of the scale at which activations stay near 1.</summary>
    public static void Write(Stream into, ClipVision.Config c, int seed)
    {
        var random = new Random(seed);
        SafeTensors.Write(into, Shapes(c).Select(weight => Tensor(weight.Name, weight.Shape, random)));
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
        var (width, inner) = (c.Stack.Width, c.Stack.Inner);
        yield return ("vision_model.embeddings.class_embedding", new(width));
        yield return ("vision_model.embeddings.patch_embedding.weight", new(width, 3, c.Patch, c.Patch));
        yield return ("vision_model.embeddings.position_embedding.weight", new(c.Stack.Tokens, width));
        yield return ("visual_projection.weight", new(c.Dims, width));
        string[] norms = ["pre_layrnorm", "post_layernorm", .. Layers("layer_norm1", "layer_norm2")];
        var linears = Layers("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj").Select(n => (Name: n, Shape: new Shape(width, width)))
            .Concat(Layers("mlp.fc1").Select(n => (n, new Shape(inner, width)))).Concat(Layers("mlp.fc2").Select(n => (n, new Shape(width, inner))));
        foreach (var (name, shape) in norms.Select(n => (n, new Shape(width))).Concat(linears))
        {
            yield return ($"vision_model.{name}.weight", shape);
            yield return ($"vision_model.{name}.bias", new(shape[0]));
        }

        IEnumerable<string> Layers(params string[] names) => Enumerable.Range(0, c.Stack.Layers).SelectMany(i => names.Select(n => $"encoder.layers.{i}.{n}"));
    }
}
