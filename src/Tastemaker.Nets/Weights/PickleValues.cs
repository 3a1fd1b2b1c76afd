using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>A dictionary of a pickle, in its own order. Keys are kept as text: of a number its digits, of a class its name.</summary>
internal sealed class PickleDictionary
{
    public OrderedDictionary<string, object?> Items { get; } = [];

    public void Set(object? key, object? value) => Items[PickleText.Of(key) ?? throw new WeightException(
        "a dictionary in the pickle has a key that is neither text, number nor class name.")] = value;
}

/// <summary>An object whose class is only a name here: of TorchScript, its attributes are <see cref="State"/>; of others nothing is used.</summary>
internal sealed class PickleRecord
{
    public object? State { get; set; }
}

/// <summary>A run of numbers that tensors are views of.</summary>
/// <param name="Start">Of a legacy file's view into a storage, in numbers.</param>
internal sealed record TorchStorage(StoredNumbers Numbers, long Start, long Count);

/// <summary>Where a storage's numbers lie. A legacy file says so only after its pickle, hence the setter.</summary>
internal sealed class StoredNumbers(string key, ElementType type, long count)
{
    public string Key => key;

    public ElementType Type => type;

    public long Count => count;

    public long? Offset { get; set; }
}

/// <param name="Start">In numbers from the start of the storage.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Start, Shape Shape, long[]? Strides);
