using System.Buffers.Binary;
using System.Numerics;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// torch's files before 1.6: five pickles (a magic number, the protocol, the writing system, the value, the keys of its
/// storages), then each storage as an 8-byte count and its numbers. Follows _legacy_load in torch/serialization.py.
/// </summary>
internal static class TorchLegacy
{
    private const long Protocol = 1001;

    private static readonly BigInteger MagicNumber = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>PROTO, with which every pickle since protocol 2 begins.</summary>
    public static ReadOnlySpan<byte> FirstBytes => [0x80];

    public static Checkpoint Read(ByteSource source)
    {
        var stream = new PickleStream(source, 0, source.Length);
        if (Pickle.Load(stream, NoStorage) is not BigInteger magic || magic != MagicNumber)
        {
            throw new WeightException("the file is a Python pickle that torch did not write; load it in Python and save its tensors as safetensors.");
        }

        if (Pickle.Load(stream, NoStorage) is not Protocol)
        {
            throw new WeightException($"the torch file is not of the legacy protocol {Protocol}.");
        }

        if (Pickle.Load(stream, NoStorage) is not PickleDictionary system || system.Items.GetValueOrDefault("little_endian") is not true)
        {
            throw new WeightException("the torch file was written by a big-endian system; little-endian files can be read.");
        }

        var storages = new Dictionary<string, StoredNumbers>();
        var root = Pickle.Load(stream, id => Storage(storages, id));
        if (Pickle.Load(stream, NoStorage) is not List<object?> keys)
        {
            throw new WeightException("the torch file does not list its storages.");
        }

        Place(source, stream.Position, keys, storages);
        return TorchIndex.Of(source, "torch-legacy", root);
    }

    private static TorchStorage Storage(Dictionary<string, StoredNumbers> storages, object?[] id)
    {
        if (id is not ["storage", PickledName { Kind: NameKind.Storage, Element: { } type }, string key, _, long count, ..] || count is < 0 or > TensorLayout.MaxCount)
        {
            throw new WeightException("the pickle names something stored that is no storage of numbers.");
        }

        if (!storages.TryGetValue(key, out var numbers))
        {
            storages[key] = numbers = new StoredNumbers(key, type, count);
        }

        if (numbers.Type != type || numbers.Count != count)
        {
            throw new WeightException($"the storage '{key}' is said to be {count} numbers of {type} and {numbers.Count} of {numbers.Type}.");
        }

        return id switch
        {
            { Length: 5 } or [_, _, _, _, _, null] => new TorchStorage(numbers, 0, count),
            [_, _, _, _, _, object?[] and [string, long start, long viewed]] when start >= 0 && viewed >= 0 && start <= count - viewed =>
                new TorchStorage(numbers, start, viewed),
            _ => throw new WeightException($"a view into the storage '{key}' reaches past its {count} numbers."),
        };
    }

    private static void Place(ByteSource source, long offset, List<object?> keys, Dictionary<string, StoredNumbers> storages)
    {
        Span<byte> prefix = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !storages.TryGetValue(name, out var numbers) || numbers.Offset is not null)
            {
                throw new WeightException("the torch file lists a storage that its pickle does not name, or lists one twice.");
            }

            source.Fill(offset, prefix, $"the storage '{name}'");
            var count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (count != numbers.Count)
            {
                throw new WeightException($"the storage '{name}' has {count} numbers in the file; its pickle says {numbers.Count}.");
            }

            numbers.Offset = offset + prefix.Length;
            offset += prefix.Length + (count * numbers.Type.Size);
            if (offset > source.Length)
            {
                throw new WeightException($"the file ends inside the storage '{name}' (it has {source.Length} bytes). Is the download complete?");
            }
        }
    }

    private static object? NoStorage(object?[] id) => throw new WeightException("the torch file names a storage before its tensors.");
}
