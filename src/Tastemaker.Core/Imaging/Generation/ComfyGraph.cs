using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>What feeds an input of a node: a value, or an output of another node.</summary>
internal readonly record struct ComfyInput(string? Value, bool IsText, ComfyLink? Link);

/// <param name="Output">Which of the node's outputs.</param>
internal readonly record struct ComfyLink(string Node, int Output);

internal sealed record ComfyNode(string Type, IReadOnlyDictionary<string, ComfyInput> Inputs);

/// <summary>
/// ComfyUI's graph by node ids, from either of its forms: the one that runs (<c>prompt</c>), and the one that the page shows
/// (<c>workflow</c>), which keeps values in the order of the node's controls, without names.
/// </summary>
internal static class ComfyGraph
{
    private const int MostNodes = 10_000;

    /// <summary>Of nodes that never ran: muted, bypassed.</summary>
    private static readonly string[] Idle = ["2", "4"];

    private static readonly string[] AfterSeed = ["fixed", "increment", "decrement", "randomize"];

    /// <summary>The controls of ComfyUI's own nodes, in their order, but the one that says what comes after a seed.</summary>
    private static readonly Dictionary<string, string[]> Controls = new(StringComparer.Ordinal)
    {
        ["KSampler"] = ["seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"],
        ["KSamplerAdvanced"] = ["add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step", "return_with_leftover_noise"],
        ["SamplerCustom"] = ["add_noise", "noise_seed", "cfg"],
        ["RandomNoise"] = ["noise_seed"],
        ["KSamplerSelect"] = ["sampler_name"],
        ["BasicScheduler"] = ["scheduler", "steps", "denoise"],
        ["CFGGuider"] = ["cfg"],
        ["FluxGuidance"] = ["guidance"],
        ["CLIPTextEncode"] = ["text"],
        ["CLIPTextEncodeFlux"] = ["clip_l", "t5xxl", "guidance"],
        ["CLIPTextEncodeSDXL"] = ["width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l"],
        ["CheckpointLoaderSimple"] = ["ckpt_name"],
        ["UNETLoader"] = ["unet_name", "weight_dtype"],
        ["VAELoader"] = ["vae_name"],
        ["LoraLoader"] = ["lora_name", "strength_model", "strength_clip"],
        ["LoraLoaderModelOnly"] = ["lora_name", "strength_model"],
        ["EmptyLatentImage"] = ["width", "height", "batch_size"],
        ["EmptySD3LatentImage"] = ["width", "height", "batch_size"],
        ["PrimitiveNode"] = ["value"],
    };

    /// <summary>Empty where the object is no graph of ComfyUI.</summary>
    public static OrderedDictionary<string, ComfyNode> Read(JsonElement root) =>
        root.Member("nodes") is { ValueKind: JsonValueKind.Array } nodes ? OfPage(nodes, root.Member("links")) : ThatRan(root);

    private static OrderedDictionary<string, ComfyNode> ThatRan(JsonElement root)
    {
        var graph = new OrderedDictionary<string, ComfyNode>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject().Take(MostNodes))
        {
            if (member.Value.Member("class_type") is { ValueKind: JsonValueKind.String } type && member.Value.Member("inputs") is { ValueKind: JsonValueKind.Object } inputs)
            {
                graph[member.Name] = new(type.GetString()!, InputsOf(inputs));
            }
        }

        return graph;
    }

    private static Dictionary<string, ComfyInput> InputsOf(JsonElement inputs)
    {
        var read = new Dictionary<string, ComfyInput>(StringComparer.Ordinal);
        foreach (var input in inputs.EnumerateObject())
        {
            if (InputOf(input.Value) is { } fed)
            {
                read[input.Name] = fed;
            }
        }

        return read;
    }

    private static ComfyInput? InputOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.GetArrayLength() == 2 && value[0].AsText() is { } node
            && value[1].ValueKind == JsonValueKind.Number && value[1].TryGetInt32(out var output) => new(null, false, new(node, output)),
        JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => new(value.AsText(), value.ValueKind == JsonValueKind.String, null),
        _ => null,
    };

    private static OrderedDictionary<string, ComfyNode> OfPage(JsonElement nodes, JsonElement? links)
    {
        var graph = new OrderedDictionary<string, ComfyNode>(StringComparer.Ordinal);
        var wires = LinksOf(links);
        foreach (var node in nodes.EnumerateArray().Take(MostNodes))
        {
            if (node.TextOf("id") is { } id && node.TextOf("type") is { } type && !Idle.Contains(node.TextOf("mode")))
            {
                graph[id] = new(type, InputsOf(node, type, wires));
            }
        }

        return graph;
    }

    /// <summary>By link id; <c>[id, node, output, node, input, type]</c>.</summary>
    private static Dictionary<string, ComfyLink> LinksOf(JsonElement? links)
    {
        var wires = new Dictionary<string, ComfyLink>(StringComparer.Ordinal);
        if (links is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var link in list.EnumerateArray())
            {
                if (link.ValueKind == JsonValueKind.Array && link.GetArrayLength() > 2 && link[0].AsText() is { } id && link[1].AsText() is { } node
                    && link[2].ValueKind == JsonValueKind.Number && link[2].TryGetInt32(out var output))
                {
                    wires[id] = new(node, output);
                }
            }
        }

        return wires;
    }

    private static Dictionary<string, ComfyInput> InputsOf(JsonElement node, string type, Dictionary<string, ComfyLink> wires)
    {
        var (read, controls) = (new Dictionary<string, ComfyInput>(StringComparer.Ordinal), new List<string>());
        var wired = new List<(string Name, ComfyLink Link)>();
        if (node.Member("inputs") is { ValueKind: JsonValueKind.Array } inputs)
        {
            foreach (var input in inputs.EnumerateArray())
            {
                var name = input.TextOf("name") ?? "";
                if (input.TextOf("link") is { } link && wires.TryGetValue(link, out var wire))
                {
                    wired.Add((name, wire));
                }

                if (input.Member("widget") is not null)
                {
                    controls.Add(name);
                }
            }
        }

        foreach (var (name, value) in ValuesOf(node, Controls.GetValueOrDefault(type) ?? [.. controls]))
        {
            if (InputOf(value) is { Link: null } fed)
            {
                read[name] = fed;
            }
        }

        // A control that was made an input keeps its last value, which did not count.
        wired.ForEach(w => read[w.Name] = new(null, false, w.Link));
        return read;
    }

    private static IEnumerable<(string Name, JsonElement Value)> ValuesOf(JsonElement node, string[] names)
    {
        if (node.Member("widgets_values") is not { } values)
        {
            return [];
        }

        if (values.ValueKind == JsonValueKind.Object)
        {
            return values.EnumerateObject().Select(value => (value.Name, value.Value));
        }

        var plain = values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.String || !AfterSeed.Contains(value.GetString())).ToList()
            : [];
        return plain.Count >= names.Length ? names.Zip(plain) : [];
    }
}
