using System.Text.Json;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Pixels;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Embedding;

/// <summary>Reads Hugging Face's <c>preprocessor_config.json</c>, where a model has one; OpenAI's preparation otherwise.</summary>
internal static class PreprocessorConfig
{
    /// <param name="size">Side of the square that the tower takes, in pixels.</param>
    /// <exception cref="WeightException">It is no JSON, or asks for what is not done here.</exception>
    public static ClipPixels.Config Parse(string? json, int size)
    {
        var config = new ClipPixels.Config { Size = size };
        if (json is null)
        {
            return config;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return config with
            {
                Mean = Channels(root, "image_mean") ?? config.Mean,
                Deviation = Channels(root, "image_std") ?? config.Deviation,
                Interpolation = root.TryGetProperty("resample", out var filter) ? Filter(filter.GetInt32()) : config.Interpolation,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new WeightException($"preprocessor_config.json cannot be read: {e.Message}");
        }
    }

    private static ClipPixels.Channels? Channels(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) && list.GetArrayLength() == 3 ? new(list[0].GetSingle(), list[1].GetSingle(), list[2].GetSingle()) : null;

    /// <summary>By Pillow's numbers.</summary>
    private static Interpolation Filter(int number) => number switch
    {
        0 => Interpolation.Nearest,
        1 => Interpolation.Lanczos,
        2 => Interpolation.Bilinear,
        3 => Interpolation.Bicubic,
        _ => throw new WeightException($"preprocessor_config.json asks for resample {number}; "
            + "0 (nearest), 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are known."),
    };
}
