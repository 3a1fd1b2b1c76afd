using System.Globalization;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>Walks the value of a torch file and names its tensors by their way from the root.</summary>
internal sealed class TorchIndex
{
    private const string StateDict = "state_dict";
    private const int MaxDepth = 64;
    private const int MaxPath = 1024;

    /// <summary>Containers may be shared, so that a small pickle can stand for a tree beyond all bounds.</summary>
    private const int MaxValues = 1_000_000;

    private readonly Dictionary<string, StoredTensor> _tensors = [];
    private readonly Dictionary<string, string> _metadata = [];
    private readonly List<string> _containers = [];
    private string[]? _common;
    private int _values;

    public static Checkpoint Of(ByteSource source, string format, object? value)
    {
        var index = new TorchIndex();
        index.Visit(value, "");
        if (index._tensors.Count == 0)
        {
            throw new WeightException("the torch file holds no tensors.");
        }

        var hasStateDict = value is PickleDictionary named && named.Items.GetValueOrDefault(StateDict) is PickleDictionary
            && index._tensors.Keys.Any(name => name.StartsWith($"{StateDict}.", StringComparison.Ordinal));
        var root = hasStateDict ? StateDict : index._common is [.., var innermost] ? innermost : "";
        return new Checkpoint(source, format, index._tensors.Values, format == "torchscript" ? [] : index._metadata, root);
    }

    private void Visit(object? value, string path)
    {
        if (++_values > MaxValues)
        {
            throw new WeightException($"the torch file holds more than {MaxValues} values; a checkpoint has thousands.");
        }

        switch (value)
        {
            case TorchTensor tensor:
                Add(tensor, path.Length == 0 ? Checkpoint.Bare : path);
                break;
            case PickleRecord { State: PickleDictionary attributes }:
                // A module is no container to take its network out of: it stays part of the names.
                Within(_containers.LastOrDefault(""), () => VisitItems(attributes, path));
                break;
            case PickleDictionary dictionary:
                Within(path, () => VisitItems(dictionary, path));
                break;
            case IReadOnlyList<object?> list:
                Within(path, () => VisitList(list, path));
                break;
            default:
                AddMetadata(path, PickleText.Of(value));
                break;
        }
    }

    private void VisitItems(PickleDictionary dictionary, string path)
    {
        foreach (var (key, value) in dictionary.Items)
        {
            Visit(value, Join(path, key));
        }
    }

    private void VisitList(IReadOnlyList<object?> list, string path)
    {
        for (var i = 0; i < list.Count; i++)
        {
            Visit(list[i], Join(path, i.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void Within(string path, Action visit)
    {
        if (_containers.Count == MaxDepth)
        {
            throw new WeightException($"the torch file is nested deeper than {MaxDepth} levels, or holds itself.");
        }

        _containers.Add(path);
        visit();
        _containers.RemoveAt(_containers.Count - 1);
    }

    private void Add(TorchTensor tensor, string name)
    {
        var numbers = tensor.Storage.Numbers;
        var first = numbers.Offset ?? throw new WeightException($"the storage '{numbers.Key}' of '{name}' is not in the file.");
        var stored = new StoredTensor(name, numbers.Type, tensor.Shape, first + ((tensor.Storage.Start + tensor.Start) * numbers.Type.Size), tensor.Strides);
        if (!_tensors.TryAdd(name, stored))
        {
            throw new WeightException($"two tensors of the torch file are named '{name}'.");
        }

        var shared = _common is null ? _containers.Count : _common.Zip(_containers).TakeWhile(pair => pair.First == pair.Second).Count();
        _common = [.. _containers[..shared]];
    }

    private void AddMetadata(string path, string? text)
    {
        if (text is not null && path.Length > 0)
        {
            _metadata[path] = text;
        }
    }

    private static string Join(string path, string key)
    {
        if (path.Length + key.Length > MaxPath)
        {
            throw new WeightException($"a name in the torch file is longer than {MaxPath} characters.");
        }

        return path.Length == 0 ? key : $"{path}.{key}";
    }
}
