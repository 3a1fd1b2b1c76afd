using System.Text;
using System.Text.Json;

namespace Tastemaker.Tests.Core.Models;

/// <summary>Checkpoints of a few kilobytes with the tensor names of real ones, all numbers zero but the first.</summary>
internal static class TinyModels
{
    public static byte[] LinearHead(int inputs, float first = 1, string? clipModel = null) =>
        SafeTensors(first, clipModel, ("weight", [1, inputs]), ("bias", [1]));

    public static byte[] Embedding(params int[] axes) => SafeTensors(1, null, ("tensor", axes));

    /// <summary>A vision tower of width 8 in Hugging Face's layout.</summary>
    public static byte[] HuggingFaceClip(int dimensions, int layers = 2, float first = 1)
    {
        List<(string, int[])> tensors =
        [
            ("vision_model.embeddings.patch_embedding.weight", [8, 3, 4, 4]),
            ("vision_model.embeddings.position_embedding.weight", [5, 8]),
            ("visual_projection.weight", [dimensions, 8]),
        ];
        tensors.AddRange(Enumerable.Range(0, layers).Select(i => ($"vision_model.encoder.layers.{i}.layer_norm1.weight", new[] { 8 })));
        return SafeTensors(first, null, [.. tensors]);
    }

    /// <summary>In OpenAI's layout; its own files also have the numbers of the model as tensors, open_clip's do not.</summary>
    public static byte[] OpenAiClip(int dimensions, string extra) => SafeTensors(
        1,
        null,
        (extra, [1]),
        ("visual.conv1.weight", [8, 3, 4, 4]),
        ("visual.positional_embedding", [5, 8]),
        ("visual.proj", [8, dimensions]),
        ("visual.transformer.resblocks.0.ln_1.weight", [8]),
        ("visual.transformer.resblocks.0.ln_1.bias", [8]));

    public static byte[] SafeTensors(float first, string? clipModel, params (string Name, int[] Shape)[] tensors)
    {
        var header = new Dictionary<string, object>();
        if (clipModel is not null)
        {
            header["__metadata__"] = new Dictionary<string, string> { ["clip_model"] = clipModel };
        }

        var end = 0;
        foreach (var (name, shape) in tensors)
        {
            var start = end;
            end += 4 * shape.Aggregate(1, (count, axis) => count * axis);
            header[name] = new { dtype = "F32", shape, data_offsets = new[] { start, end } };
        }

        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        var data = new byte[end];
        BitConverter.TryWriteBytes(data, first);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. data];
    }
}
