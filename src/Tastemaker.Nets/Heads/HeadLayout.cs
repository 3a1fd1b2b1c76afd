using System.Globalization;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.Heads;

/// <summary>
/// Reads the layers of a head out of its weight names. A torch Sequential numbers its modules, of which only the linear ones have
/// weights: a gap between two of them hides a Dropout, a ReLU or both, and the known layouts, or the metadata, tell which.
/// </summary>
internal static class HeadLayout
{
    /// <summary>One linear layer of a Sequential.</summary>
    private sealed record Slot(string Prefix, int Index, string Weight, string Bias);

    /// <summary>Layouts of published trainers, with or without activations between their layers.</summary>
    private static readonly (string Prefix, int[] Indices, bool HasRelu)[] Known =
    [
        ("layers", [0, 2, 4, 6, 7], false),         // improved-aesthetic-predictor, linearMSE: ASV2, CSV1
        ("layers", [0, 3, 6, 9, 11], true),         // the same with its ReLU lines, and custom-classifier-training
        ("main_process", [1, 4, 7], true),          // custom-classifier-training, later
        ("scoring_head", [0, 2, 4, 6, 8], false),   // aesthetic-predictor-v2-5
    ];

    public static List<Layer> Read(Checkpoint head)
    {
        if (Lone(head) is { } lone)
        {
            return [lone];
        }

        List<Slot> slots = [.. head.Tensors.Keys.Select(Parse).DistinctBy(slot => (slot.Prefix, slot.Index)).OrderBy(slot => slot.Index)];
        if (slots.Count == 0 || slots.Any(slot => slot.Prefix != slots[0].Prefix))
        {
            throw new WeightException(slots.Any(slot => slot.Prefix == "weight")
                ? "the head weighs its inputs by a network of its own ('weight.0'); heads of one stack of layers can be read."
                : $"the file holds {slots.DistinctBy(slot => slot.Prefix).Count()} stacks of layers; a head has one.");
        }

        var relu = Activations(slots, head.Metadata);
        var layers = new List<Layer>();
        for (var i = 0; i < slots.Count; i++)
        {
            layers.Add(Layer.Read(head, slots[i].Weight, slots[i].Bias, relu[i]));
            if (i > 0 && layers[i].Inputs != layers[i - 1].Outputs)
            {
                throw new WeightException($"'{slots[i].Weight}' takes {layers[i].Inputs} numbers; the layer before it gives {layers[i - 1].Outputs}.");
            }
        }

        return layers;
    }

    /// <summary>A head that is one linear layer: LAION's aesthetic-predictor, and simulacra-aesthetic-models, whose input is scaled.</summary>
    private static Layer? Lone(Checkpoint head)
    {
        if (head.Tensors.ContainsKey("weight"))
        {
            Only(head, "weight", "bias");
            return Layer.Read(head, "weight", "bias", false);
        }

        if (head.Tensors.ContainsKey("linear.weight"))
        {
            Only(head, "linear.weight", "linear.bias");
            var layer = Layer.Read(head, "linear.weight", "linear.bias", false);
            return layer.Scaled(Math.Sqrt(layer.Inputs));
        }

        return null;
    }

    private static void Only(Checkpoint head, params string[] names)
    {
        if (head.Tensors.Keys.FirstOrDefault(name => !names.Contains(name)) is { } extra)
        {
            throw new WeightException($"'{extra}' has no place in a head of one linear layer.");
        }
    }

    private static Slot Parse(string name)
    {
        var parts = name.Split('.');
        if (parts is [.., var index, "weight" or "bias"] && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var stem = name[..name.LastIndexOf('.')];
            return new(string.Join('.', parts[..^2]), number, $"{stem}.weight", $"{stem}.bias");
        }

        throw new WeightException($"'{name}' is no part of a head, whose layers are named 'layers.0.weight', 'layers.0.bias' and so on.");
    }

    /// <summary>For each layer whether a ReLU follows it.</summary>
    private static bool[] Activations(List<Slot> slots, IReadOnlyDictionary<string, string> metadata)
    {
        var indices = slots.Select(slot => slot.Index).ToArray();
        bool[] hasGap = [.. indices.Zip(indices.Skip(1), (a, b) => b - a > 1), false];
        var known = Known.FirstOrDefault(layout => layout.Prefix == slots[0].Prefix && layout.Indices.SequenceEqual(indices));
        bool? table = known.Indices is null ? null : known.HasRelu;
        var stated = Stated(metadata);
        if (table is not null && stated is not null && table != stated)
        {
            throw new WeightException($"the layers of the head are those of one {(table.Value ? "with" : "without")} ReLU, and its metadata say relu = {stated}.");
        }

        if (hasGap.Contains(true) && (stated ?? table) is null)
        {
            var at = Array.IndexOf(hasGap, true);
            throw new WeightException($"between '{slots[at].Weight}' and '{slots[at + 1].Weight}' lies a layer without weights, a Dropout or a ReLU; "
                + "the file does not say which. Save the head as safetensors with the metadata relu = True or False.");
        }

        return [.. hasGap.Select(gap => gap && (stated ?? table)!.Value)];
    }

    private static bool? Stated(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("relu", out var text))
        {
            return null;
        }

        return bool.TryParse(text, out var relu) ? relu : throw new WeightException($"'relu' is '{text}' in the head's metadata; True or False is wanted.");
    }
}
