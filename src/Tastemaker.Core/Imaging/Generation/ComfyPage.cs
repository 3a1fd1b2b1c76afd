using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// The graph that ComfyUI's page shows. A node whose type is the id of a subgraph stands for the nodes of that
/// (docs.comfy.org, specs/workflow_json, <c>definitions.subgraphs</c>), which are put in its place, as the page does before it runs them.
/// </summary>
internal sealed class ComfyPage
{
    private const int MostSubgraphs = 1000, DeepestSubgraph = 16, MostHops = 64;

    /// <summary>Nodes with all that belongs to them, as a small file could put subgraphs into subgraphs without end.</summary>
    private const int MostParts = 500_000;

    private readonly Dictionary<string, ComfySubgraph> _subgraphs = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, (string Type, Dictionary<string, ComfyInput> Inputs)> _nodes = new(StringComparer.Ordinal);

    /// <summary>What comes out of nodes that stand for subgraphs.</summary>
    private readonly Dictionary<ComfyLink, ComfyInput> _outputs = [];

    private int _left = MostParts;

    private ComfyPage(JsonElement root)
    {
        if (root.Member("definitions")?.Member("subgraphs") is { ValueKind: JsonValueKind.Array } subgraphs)
        {
            foreach (var subgraph in subgraphs.EnumerateArray().Take(MostSubgraphs))
            {
                if (subgraph.TextOf("id") is { } id)
                {
                    _subgraphs.TryAdd(id, ComfySubgraph.Read(subgraph));
                }
            }
        }
    }

    public static OrderedDictionary<string, ComfyNode> Read(JsonElement root)
    {
        var page = new ComfyPage(root);
        page.Add(new(ComfySubgraph.Read(root), "", [], [], DeepestSubgraph));
        return page.Graph();
    }

    private void Add(Place place)
    {
        foreach (var node in place.Graph.Nodes)
        {
            if (_nodes.Count >= ComfyGraph.MostNodes || (_left -= node.Parts) < 0)
            {
                return;
            }

            var inputs = InputsOf(node, place);
            if (!_subgraphs.TryGetValue(node.Type, out var subgraph))
            {
                _nodes[place.Prefix + node.Id] = (node.Type, inputs);
            }
            else if (place.Depth > 0 && (_left -= subgraph.Outputs.Count) >= 0)
            {
                Expand(node, inputs, subgraph, place);
            }
        }
    }

    private static Dictionary<string, ComfyInput> InputsOf(ComfyPageNode node, Place place)
    {
        var inputs = new Dictionary<string, ComfyInput>(StringComparer.Ordinal);
        foreach (var (name, value) in node.Values.Concat(place.Promoted.GetValueOrDefault(node.Id) ?? []))
        {
            inputs[name] = value;
        }

        // A control that was made an input keeps its last value, which did not count.
        foreach (var (name, link) in node.Wired)
        {
            if (place.Graph.Links.TryGetValue(link, out var source) && place.From(source) is { } fed)
            {
                inputs[name] = fed;
            }
        }

        return inputs;
    }

    private void Expand(ComfyPageNode node, Dictionary<string, ComfyInput> inputs, ComfySubgraph subgraph, Place place)
    {
        var promoted = new Dictionary<string, List<(string, ComfyInput)>>(StringComparer.Ordinal);
        foreach (var (inner, control, value) in node.Promoted)
        {
            if (inner == ComfyPageNode.Own)
            {
                inputs.TryAdd(control, value);
            }
            else if (promoted.TryGetValue(inner, out var known))
            {
                known.Add((control, value));
            }
            else
            {
                promoted[inner] = [(control, value)];
            }
        }

        var inside = new Place(subgraph, $"{place.Prefix}{node.Id}:", inputs, promoted, place.Depth - 1);
        foreach (var (slot, source) in subgraph.Outputs)
        {
            if (inside.From(source) is { } output)
            {
                _outputs[new(place.Prefix + node.Id, slot)] = output;
            }
        }

        Add(inside);
    }

    private OrderedDictionary<string, ComfyNode> Graph()
    {
        var graph = new OrderedDictionary<string, ComfyNode>(StringComparer.Ordinal);
        foreach (var (id, (type, inputs)) in _nodes)
        {
            graph[id] = new(type, inputs.ToDictionary(i => i.Key, i => Behind(i.Value), StringComparer.Ordinal));
        }

        return graph;
    }

    /// <summary>Follows a link through the nodes that stand for subgraphs.</summary>
    private ComfyInput Behind(ComfyInput input)
    {
        for (var hops = 0; hops < MostHops && input.Link is { } link && _outputs.TryGetValue(link, out var source); hops++)
        {
            input = source;
        }

        return input;
    }

    /// <summary>A graph where it is used.</summary>
    /// <param name="Prefix">Of the ids of its nodes.</param>
    /// <param name="Fed">What its inputs get, by their names.</param>
    /// <param name="Promoted">Values that are set from outside, by the node that has the control.</param>
    /// <param name="Depth">How many more subgraphs may be in it, one in the other.</param>
    private sealed record Place(
        ComfySubgraph Graph, string Prefix, Dictionary<string, ComfyInput> Fed, Dictionary<string, List<(string Control, ComfyInput Value)>> Promoted, int Depth)
    {
        public ComfyInput? From(ComfyLink source)
        {
            if (source.Node != Graph.InputId)
            {
                return new(null, false, source with { Node = Prefix + source.Node });
            }

            return source.Output >= 0 && source.Output < Graph.Inputs.Count && Fed.TryGetValue(Graph.Inputs[source.Output], out var fed) ? fed : null;
        }
    }
}
