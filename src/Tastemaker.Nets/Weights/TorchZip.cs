using System.Text;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// torch's zip files, since 1.6: <c>NAME/data.pkl</c> and a stored entry <c>NAME/data/KEY</c> for each storage; and TorchScript
/// archives, which have <c>NAME/code/</c> beside them. Follows torch/serialization.py and torch/csrc/jit/serialization.
/// </summary>
internal static class TorchZip
{
    private const string PickleName = "data.pkl";

    public static Checkpoint Read(ByteSource source)
    {
        var zip = StoredZip.Open(source);
        var folder = Folder(zip);
        RequireLittleEndian(source, zip, $"{folder}byteorder");
        var (offset, length) = zip.Locate(folder + PickleName);
        var root = Pickle.Load(new PickleStream(source, offset, length), id => Storage(zip, folder, id));

        // What a TorchScript archive needs beside its attributes is code and that code's constants: neither is a weight.
        var format = zip.Has($"{folder}constants.pkl") ? "torchscript" : "torch";
        return TorchIndex.Of(source, format, root);
    }

    private static string Folder(StoredZip zip)
    {
        string[] folders = [.. zip.Names
            .Where(name => name.EndsWith(PickleName, StringComparison.Ordinal))
            .Select(name => name[..^PickleName.Length])
            .Where(folder => folder.Length == 0 || folder.IndexOf('/', StringComparison.Ordinal) == folder.Length - 1)];
        if (folders is [var only])
        {
            return only;
        }

        throw new WeightException(zip.Names.Any(name => name.EndsWith(".npy", StringComparison.Ordinal))
            ? "the file is an npz archive of arrays. Extract the npy file that is meant."
            : $"the zip file has {folders.Length} entries 'NAME/{PickleName}'; a torch file has one.");
    }

    private static void RequireLittleEndian(ByteSource source, StoredZip zip, string entry)
    {
        const int LongestOrder = 16;
        if (zip.Has(entry) && zip.Locate(entry) is var (offset, length)
            && Encoding.ASCII.GetString(source.Bytes(offset, (int)Math.Min(length, LongestOrder), entry)) is var order and not "little")
        {
            throw new WeightException($"the torch file has byte order '{order}'; little-endian files can be read.");
        }
    }

    private static TorchStorage Storage(StoredZip zip, string folder, object?[] id)
    {
        if (id is not ["storage", PickledName { Kind: NameKind.Storage, Element: { } type }, string key, _, long count, ..] || count < 0)
        {
            throw new WeightException("the pickle names something stored that is no storage of numbers.");
        }

        var (offset, length) = zip.Locate($"{folder}data/{key}");
        return count <= length / type.Size ? new TorchStorage(new(key, type, count) { Offset = offset }, 0, count)
            : throw new WeightException($"the entry '{folder}data/{key}' has {length} bytes; {count} numbers of {type} are to be in it.");
    }
}
