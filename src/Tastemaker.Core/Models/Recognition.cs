using Microsoft.Win32.SafeHandles;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Models;

/// <summary>What a checkpoint is, told from the names and shapes of its tensors.</summary>
/// <param name="Tower">Of an encoder: the size of its vision transformer.</param>
/// <param name="TrainedOn">Of a head: the encoder that its file names (<c>clip_model</c> in its metadata).</param>
internal sealed record Recognition(ModelKind Kind, string Layout, int Dimensions, VisionTower? Tower = null, string? TrainedOn = null)
{
    private const string HuggingFaceTower = "vision_model.embeddings.";

    private static readonly string[] PainterParts =
        ["model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "down_blocks.", "decoder.up_blocks."];

    /// <exception cref="ModelException">The file is no checkpoint, or of nothing that can be used here.</exception>
    public static Recognition Of(string path)
    {
        using var file = File.OpenHandle(path);
        try
        {
            var found = Of(Checkpoint.Open(SourceOf(file)));
            return found.Dimensions <= FeatureSpace.MostDimensions ? found : throw new ModelException(
                $"it is {found}, and a vector has at most {FeatureSpace.MostDimensions} numbers.");
        }
        catch (Exception e) when (e is WeightException or ModelException)
        {
            throw new ModelException($"'{path}' cannot be taken in: {e.Message}", e);
        }
    }

    public override string ToString() => Kind switch
    {
        ModelKind.Encoder => $"a CLIP encoder ({Layout}, {Dimensions}-d, width {Tower!.Width}, {Tower.Layers} layers, patch {Tower.Patch})",
        ModelKind.Head => $"a head for {Dimensions}-d vectors",
        _ => $"an embedding of {Dimensions} numbers",
    };

    private static Recognition Of(Checkpoint checkpoint)
    {
        var tensors = checkpoint.Under(checkpoint.Root).Tensors;
        if (PainterParts.FirstOrDefault(part => tensors.Keys.Any(k => k.StartsWith(part, StringComparison.Ordinal))) is { } part)
        {
            throw new ModelException(
                $"it is a painter (a Stable Diffusion checkpoint: it has '{part}*'), and painters cannot be imported. "
                + "Encoders, heads and embeddings can.");
        }

        if (tensors.Keys.Any(k => k.StartsWith(HuggingFaceTower, StringComparison.Ordinal)))
        {
            return HuggingFace(tensors);
        }

        if (tensors.ContainsKey("visual.conv1.weight"))
        {
            return OpenAi(tensors, checkpoint.Format);
        }

        return Vector(tensors) ?? HeadOf(checkpoint);
    }

    private static Recognition HuggingFace(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var patch = Axes(tensors, HuggingFaceTower + "patch_embedding.weight", 4);
        var positions = Axes(tensors, HuggingFaceTower + "position_embedding.weight", 2);
        var projection = Axes(tensors, "visual_projection.weight", 2);
        return Encoder("hugging-face", projection[0], projection[1], patch, positions, Layers(tensors, "vision_model.encoder.layers."));
    }

    private static Recognition OpenAi(IReadOnlyDictionary<string, StoredTensor> tensors, string format)
    {
        if (tensors.ContainsKey("visual.layer1.0.conv1.weight"))
        {
            throw new ModelException("it is a CLIP with a ResNet for images; only those with a vision transformer (ViT) can be used.");
        }

        var patch = Axes(tensors, "visual.conv1.weight", 4);
        var positions = Axes(tensors, "visual.positional_embedding", 2);
        var projection = Axes(tensors, "visual.proj", 2);
        var layout = format is "torchscript" || tensors.ContainsKey("input_resolution") ? "openai" : "open-clip";
        return Encoder(layout, projection[1], projection[0], patch, positions, Layers(tensors, "visual.transformer.resblocks."));
    }

    private static Recognition Encoder(string layout, int dimensions, int projected, int[] patch, int[] positions, int layers)
    {
        var tower = new VisionTower(patch[0], layers, patch[2], positions[0]);
        var agrees = projected == tower.Width && positions[1] == tower.Width && patch[2] == patch[3] && layers > 0 && dimensions > 0;
        return agrees ? new(ModelKind.Encoder, layout, dimensions, tower) : throw new ModelException(
            $"its vision transformer contradicts itself: patches {new Shape(patch)}, positions {new Shape(positions)}, "
            + $"{layers} layers, a projection from {projected} to {dimensions}.");
    }

    private static Recognition? Vector(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var isOne = tensors.Count == 1
            && tensors.Values.First() is { Type: ElementType.F32 or ElementType.F16 or ElementType.BF16 or ElementType.F64 } only
            && only.Shape.Axes is ([> 1] or [1, > 1]);
        return isOne ? new(ModelKind.Embedding, "vector", tensors.Values.First().Shape[-1]) : null;
    }

    private static Recognition HeadOf(Checkpoint checkpoint)
    {
        try
        {
            var head = Head.From(checkpoint);
            var layout = checkpoint.Under(checkpoint.Root).Tensors.Count == 2 ? "linear" : "layers";
            return new(ModelKind.Head, layout, head.Inputs, TrainedOn: head.ClipModel);
        }
        catch (WeightException e)
        {
            var some = string.Join(", ", checkpoint.Tensors.Keys.Order(StringComparer.Ordinal).Take(4).Select(k => $"'{k}'"));
            throw new ModelException(
                "it is neither a CLIP encoder (Hugging Face, OpenAI or open_clip), nor a head, nor an embedding; "
                + $"its {checkpoint.Tensors.Count} tensors begin with {some}. As a head: {e.Message}", e);
        }
    }

    private static int[] Axes(IReadOnlyDictionary<string, StoredTensor> tensors, string name, int rank) =>
        tensors.TryGetValue(name, out var tensor) && tensor.Shape.Axes.Length == rank ? tensor.Shape.Axes : throw new ModelException(
            $"as a CLIP encoder it would have '{name}' with {rank} axes; it has {(tensor is null ? "none" : $"{tensor.Shape}")}.");

    private static int Layers(IReadOnlyDictionary<string, StoredTensor> tensors, string prefix) =>
        tensors.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))
            .Select(k => k[prefix.Length..].Split('.')[0]).Distinct().Count();

    private static ByteSource SourceOf(SafeFileHandle file) => new(RandomAccess.GetLength(file), (offset, into) =>
    {
        for (int read; into.Length > 0; into = into[read..], offset += read)
        {
            read = RandomAccess.Read(file, into, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"the file ends at byte {offset}.");
            }
        }
    });
}
