using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// What a ComfyUI graph most likely did: its first sampler that starts from an empty picture, and what leads there. Every walk is bounded
/// in steps and remembers where it was, as a graph in a file may run in circles.
/// </summary>
internal sealed class Comfy
{
    private const int MostSteps = 512, MostDepth = 64;

    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["seed"] = Field.Seed,
        ["noise_seed"] = Field.Seed,
        ["steps"] = Field.Steps,
        ["cfg"] = Field.CfgScale,
        ["sampler_name"] = Field.Sampler,
        ["scheduler"] = Field.Scheduler,
        ["width"] = Field.Width,
        ["height"] = Field.Height,
    };

    private static readonly string[] Seeds = ["seed", "noise_seed"];
    private static readonly string[] Models = ["ckpt_name", "unet_name", "base_ckpt_name", "model_name"];
    private static readonly string[] SamplerParts = ["noise", "guider", "sampler", "sigmas"];
    private static readonly string[] Numbers = ["seed", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "denoise", "start_at_step", "end_at_step"];
    private static readonly string[] Plain = ["value", "int", "float", "number", "string", "text"];

    private readonly OrderedDictionary<string, ComfyNode> _graph;
    private readonly GenerationDraft _draft = new(Names);

    private Comfy(OrderedDictionary<string, ComfyNode> graph) => _graph = graph;

    /// <summary>Either form of the graph; null where it is none.</summary>
    public static GenerationInfo? Read(string text)
    {
        using var json = GeneratorJson.Object(text);
        return json is null ? null : Read(json.RootElement);
    }

    public static GenerationInfo? Read(JsonElement root) => ComfyGraph.Read(root) is { Count: > 0 } graph ? new Comfy(graph).Read() : null;

    private GenerationInfo Read()
    {
        var samplers = Samplers();
        if ((samplers.FirstOrDefault(s => EmptyPicture(s) is not null) ?? samplers.FirstOrDefault()) is { } sampler)
        {
            _draft.Set(Field.Prompt, Prompt(sampler, "positive"));
            _draft.Set(Field.NegativePrompt, Prompt(sampler, "negative"));
            Settings(sampler);
            Model(sampler);
        }

        return _draft.By(Generator.ComfyUI);
    }

    /// <summary>Nodes that are called samplers; without any, those that have a seed and two prompts.</summary>
    private List<ComfyNode> Samplers()
    {
        var named = _graph.Values.Where(n => (n.Type.StartsWith("KSampler", StringComparison.Ordinal) && n.Type != "KSamplerSelect")
            || n.Type.StartsWith("SamplerCustom", StringComparison.Ordinal)).ToList();
        return named.Count > 0 ? named : [.. _graph.Values.Where(n => Seeds.Any(n.Inputs.ContainsKey) && n.Inputs.ContainsKey("positive") && n.Inputs.ContainsKey("negative"))];
    }

    private void Settings(ComfyNode sampler)
    {
        ComfyNode[] parts = [sampler, .. SamplerParts.Select(part => Source(sampler, part)).OfType<ComfyNode>()];
        foreach (var (name, input) in parts.SelectMany(part => part.Inputs))
        {
            if (name is not ("width" or "height" or "positive" or "negative") && (Numbers.Contains(name) ? Value(input, name, MostDepth) : input.Value) is { } value)
            {
                _draft.Add(name, value);
            }
        }

        if (EmptyPicture(sampler) is { } empty)
        {
            foreach (var name in (string[])["width", "height", "batch_size"])
            {
                if (empty.Inputs.TryGetValue(name, out var input) && Value(input, name, MostDepth) is { } value)
                {
                    _draft.Add(name, value);
                }
            }
        }

        if (_graph.Values.FirstOrDefault(n => n.Inputs.ContainsKey("guidance")) is { } guided && Value(guided.Inputs["guidance"], "guidance", MostDepth) is { } guidance)
        {
            _draft.Add("guidance", guidance);
        }
    }

    /// <summary>The checkpoint behind the sampler, and what was laid over it on the way.</summary>
    private void Model(ComfyNode sampler)
    {
        foreach (var node in Upstream(sampler, name => name is "model" or "guider" or "sigmas" || name.Contains("pipe", StringComparison.Ordinal)))
        {
            if (Value(node, "lora_name") is { } lora)
            {
                _draft.Add("lora", Value(node, "strength_model") is { } strength ? $"{lora}: {strength}" : lora);
            }

            if (Models.Select(name => Value(node, name)).FirstOrDefault(name => name is not null) is { } model)
            {
                _draft.Set(Field.Model, model);
                return;
            }
        }
    }

    private ComfyNode? EmptyPicture(ComfyNode sampler) =>
        Upstream(sampler, name => name is "latent_image" or "latent" or "samples").FirstOrDefault(n => n.Inputs.ContainsKey("width") && n.Inputs.ContainsKey("height"));

    /// <summary>The node itself and those that feed it through such inputs, nearest first.</summary>
    private IEnumerable<ComfyNode> Upstream(ComfyNode from, Func<string, bool> through)
    {
        var (seen, queue) = (new HashSet<ComfyNode>(ReferenceEqualityComparer.Instance) { from }, new Queue<ComfyNode>([from]));
        while (queue.TryDequeue(out var node) && seen.Count <= MostSteps)
        {
            yield return node;
            foreach (var (name, input) in node.Inputs)
            {
                // Nodes that only pass on have inputs without a name.
                if ((through(name) || node.Inputs.Count == 1) && Source(input) is { } source && seen.Add(source))
                {
                    queue.Enqueue(source);
                }
            }
        }
    }

    private string Prompt(ComfyNode sampler, string side)
    {
        var texts = new List<string>();
        Texts(sampler, side, texts, new(ReferenceEqualityComparer.Instance), MostDepth);
        return string.Join(", ", texts.Distinct(StringComparer.Ordinal));
    }

    /// <summary>
    /// What a node says on one side: where it has that side, what feeds it; else its own texts; else those of whatever conditions it.
    /// </summary>
    private void Texts(ComfyNode node, string side, List<string> texts, HashSet<ComfyNode> seen, int depth)
    {
        if (depth == 0 || seen.Count >= MostSteps || node.Type == "ConditioningZeroOut" || !seen.Add(node))
        {
            return;
        }

        if (node.Inputs.TryGetValue(side, out var own))
        {
            Follow([own]);
            return;
        }

        // A guider that takes one conditioning has no negative side.
        if (side == "negative" && node.Inputs.ContainsKey("model") && node.Inputs.ContainsKey("conditioning"))
        {
            return;
        }

        var written = node.Inputs.Where(i => IsTextName(i.Key) && (i.Value.IsText || i.Value.Link is not null)).ToList();
        var populated = written.Where(i => i.Key.StartsWith("populated", StringComparison.Ordinal)).ToList();
        Follow((populated.Count > 0 ? populated : written.Count > 0 ? written : [.. node.Inputs.Where(i => Conditions(i.Key) || node.Inputs.Count == 1)])
            .Select(i => i.Value));

        void Follow(IEnumerable<ComfyInput> inputs)
        {
            foreach (var input in inputs)
            {
                if (input is { IsText: true, Value: { } text } && !string.IsNullOrWhiteSpace(text))
                {
                    texts.Add(text.Trim());
                }
                else if (Source(input) is { } source)
                {
                    Texts(source, side, texts, seen, depth - 1);
                }
            }
        }
    }

    private static bool IsTextName(string name) =>
        name.StartsWith("text", StringComparison.Ordinal) || name.StartsWith("string", StringComparison.Ordinal)
        || name is "prompt" or "value" or "clip_l" or "t5xxl" || name.StartsWith("populated", StringComparison.Ordinal);

    private static bool Conditions(string name) => name.StartsWith("cond", StringComparison.Ordinal) || name is "guider" or "";

    private ComfyNode? Source(ComfyNode node, string input) => node.Inputs.TryGetValue(input, out var fed) ? Source(fed) : null;

    private ComfyNode? Source(ComfyInput input) => input.Link is { } link ? _graph.GetValueOrDefault(link.Node) : null;

    private string? Value(ComfyNode node, string name) => node.Inputs.TryGetValue(name, out var input) ? Value(input, name, MostDepth) : null;

    /// <summary>The value that an input gets: its own, or that of the node that feeds it, under the same name or one that says nothing.</summary>
    private string? Value(ComfyInput input, string name, int depth)
    {
        if (input.Value is not null || depth == 0 || Source(input) is not { } source)
        {
            return input.Value;
        }

        var key = Plain.Prepend("seed").Prepend(name).FirstOrDefault(source.Inputs.ContainsKey) ?? (source.Inputs.Count == 1 ? source.Inputs.Keys.First() : null);
        return key is null ? null : Value(source.Inputs[key], name, depth - 1);
    }
}
