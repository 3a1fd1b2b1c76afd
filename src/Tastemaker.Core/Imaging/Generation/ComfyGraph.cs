using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>What feeds an input of a node: a value, or an output of another node.</summary>
internal readonly record struct ComfyInput(string? Value, bool IsText, ComfyLink? Link);

/// <param name="Output">Which of the node's outputs.</param>
internal readonly record struct ComfyLink(string Node, int Output);

internal sealed record ComfyNode(string Type, IReadOnlyDictionary<string, ComfyInput> Inputs);

/// <summary>
/// ComfyUI's graph by node ids, from either of its forms: the one that runs (<c>prompt</c>), and the one that the page shows
/// (<c>workflow</c>). Nodes of a subgraph have the ids of what they are in before their own, as <c>12:3</c>.
/// </summary>
internal static class ComfyGraph
{
    public const int MostNodes = 10_000;

    /// <summary>Empty where the object is no graph of ComfyUI.</summary>
    public static OrderedDictionary<string, ComfyNode> Read(JsonElement root) =>
        root.Member("nodes") is { ValueKind: JsonValueKind.Array } ? ComfyPage.Read(root) : ThatRan(root);

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

    public static ComfyInput? InputOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.GetArrayLength() == 2 && value[0].AsText() is { } node
            && value[1].ValueKind == JsonValueKind.Number && value[1].TryGetInt32(out var output) => new(null, false, new(node, output)),
        JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => new(value.AsText(), value.ValueKind == JsonValueKind.String, null),
        _ => null,
    };
}
