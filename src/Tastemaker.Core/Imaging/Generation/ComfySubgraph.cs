using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>A graph as the page keeps it: all of it, or one that nodes stand for.</summary>
/// <param name="Links">Where they come from, by their ids.</param>
/// <param name="InputId">The node from which links come that begin outside.</param>
/// <param name="Inputs">Their names.</param>
/// <param name="Outputs">What leads outside, by its place.</param>
internal sealed record ComfySubgraph(
    IReadOnlyList<ComfyPageNode> Nodes, IReadOnlyDictionary<string, ComfyLink> Links, string InputId, IReadOnlyList<string> Inputs, IReadOnlyList<(int Slot, ComfyLink Source)> Outputs)
{
    public static ComfySubgraph Read(JsonElement root)
    {
        var (links, outputs) = (new Dictionary<string, ComfyLink>(StringComparer.Ordinal), new List<(int, ComfyLink)>());
        var outputId = root.Member("outputNode")?.TextOf("id") ?? "-20";
        foreach (var link in Items(root, "links"))
        {
            if (LinkOf(link) is not var (id, source, target, slot))
            {
                continue;
            }

            links[id] = source;
            if (target == outputId)
            {
                outputs.Add((slot, source));
            }
        }

        var nodes = Items(root, "nodes").Take(ComfyGraph.MostNodes).Select(ComfyPageNode.Read).OfType<ComfyPageNode>();
        return new([.. nodes], links, root.Member("inputNode")?.TextOf("id") ?? "-10", [.. Items(root, "inputs").Select(input => input.TextOf("name") ?? "")], outputs);
    }

    internal static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    /// <summary><c>[id, node, output, node, input, type]</c>, or an object with these under names.</summary>
    private static (string Id, ComfyLink Source, string? Target, int Slot)? LinkOf(JsonElement link)
    {
        var (id, node, output, target, slot) = link.ValueKind == JsonValueKind.Array
            ? (At(0), At(1), At(2), At(3), At(4))
            : (link.TextOf("id"), link.TextOf("origin_id"), link.TextOf("origin_slot"), link.TextOf("target_id"), link.TextOf("target_slot"));
        return id is not null && node is { Length: <= ComfyPageNode.LongestId } && int.TryParse(output, out var from)
            ? (id, new(node, from), target, int.TryParse(slot, out var to) ? to : 0)
            : null;

        string? At(int place) => place < link.GetArrayLength() ? link[place].AsText() : null;
    }
}

/// <summary>A node as the page keeps it: with values in the order of its controls, without names.</summary>
/// <param name="Wired">Its inputs that a link feeds, by the link's id.</param>
/// <param name="Promoted">Values of controls that are inside of the subgraph that it stands for, by the node there.</param>
internal sealed record ComfyPageNode(
    string Id, string Type, IReadOnlyList<(string Name, string Link)> Wired, IReadOnlyList<(string Name, ComfyInput Value)> Values,
    IReadOnlyList<(string Node, string Control, ComfyInput Value)> Promoted)
{
    /// <summary>Stands in the place of a node for the inputs of the subgraph itself.</summary>
    public const string Own = "-1";

    public const int LongestId = 64;

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

    /// <summary>How much there is to it.</summary>
    public int Parts => 1 + Wired.Count + Values.Count + Promoted.Count;

    /// <summary>Null for one that did not run.</summary>
    public static ComfyPageNode? Read(JsonElement node)
    {
        if (node.TextOf("id") is not { Length: <= LongestId } id || node.TextOf("type") is not { } type || Idle.Contains(node.TextOf("mode")))
        {
            return null;
        }

        var (wired, controls) = (new List<(string, string)>(), new List<string>());
        foreach (var input in ComfySubgraph.Items(node, "inputs"))
        {
            var name = input.TextOf("name") ?? "";
            if (input.TextOf("link") is { } link)
            {
                wired.Add((name, link));
            }

            if (input.Member("widget") is not null)
            {
                controls.Add(name);
            }
        }

        var proxies = node.Member("properties") is { } properties ? ComfySubgraph.Items(properties, "proxyWidgets").ToList() : [];
        return proxies.Count > 0
            ? new(id, type, wired, [], PromotedOf(node, proxies))
            : new(id, type, wired, ValuesOf(node, Controls.GetValueOrDefault(type) ?? [.. controls]), []);
    }

    private static List<(string Name, ComfyInput Value)> ValuesOf(JsonElement node, string[] names)
    {
        if (node.Member("widgets_values") is { ValueKind: JsonValueKind.Object } named)
        {
            return Read(named.EnumerateObject().Select(value => (value.Name, value.Value)));
        }

        var plain = ComfySubgraph.Items(node, "widgets_values").Where(value => value.ValueKind != JsonValueKind.String || !AfterSeed.Contains(value.GetString())).ToList();
        return plain.Count >= names.Length ? Read(names.Zip(plain)) : [];

        static List<(string, ComfyInput)> Read(IEnumerable<(string Name, JsonElement Value)> values) =>
            [.. values.Select(v => (v.Name, Input: ComfyGraph.InputOf(v.Value))).Where(v => v.Input is { Link: null }).Select(v => (v.Name, v.Input!.Value))];
    }

    /// <summary>The values stand in the order of the controls; previews, whose names begin with dollars, have none.</summary>
    private static List<(string Node, string Control, ComfyInput Value)> PromotedOf(JsonElement node, List<JsonElement> proxies)
    {
        var (promoted, values) = (new List<(string, string, ComfyInput)>(), ComfySubgraph.Items(node, "widgets_values").ToList());
        var names = proxies.Select(p => p.ValueKind == JsonValueKind.Array && p.GetArrayLength() >= 2 ? (Node: p[0].AsText() ?? "", Control: p[1].AsText() ?? "") : default)
            .Where(p => p.Control?.StartsWith("$$", StringComparison.Ordinal) != true).ToList();
        foreach (var (name, value) in names.Count == values.Count ? names.Zip(values) : [])
        {
            if (name.Control is not null && ComfyGraph.InputOf(value) is { Link: null } input)
            {
                promoted.Add((name.Node, name.Control, input));
            }
        }

        return promoted;
    }
}
