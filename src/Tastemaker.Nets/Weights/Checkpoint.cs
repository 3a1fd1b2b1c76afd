using System.Buffers.Binary;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// What a weights file holds: an index of names, shapes and offsets over its bytes, without any tensor data. The format is
/// recognised by content, never by the file's name, and nothing in a file is ever executed.
/// </summary>
public sealed class Checkpoint
{
    /// <summary>The name of the only tensor of a file that gives it none: an array of NumPy, a lone tensor of torch.</summary>
    public const string Bare = "tensor";

    private const string Formats = "safetensors, torch (zip or legacy) and npy files can be read";

    internal Checkpoint(ByteSource source, string format, IEnumerable<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata, string root = "")
    {
        (Source, Format, Metadata, Root) = (source, format, metadata, root);
        Tensors = tensors.ToDictionary(tensor => tensor.Name);
    }

    /// <summary>The bytes that the offsets of <see cref="Tensors"/> point into.</summary>
    public ByteSource Source { get; }

    /// <summary><c>safetensors</c>, <c>torch</c>, <c>torch-legacy</c>, <c>torchscript</c> or <c>npy</c>.</summary>
    public string Format { get; }

    /// <summary>By full name: nested containers are joined with dots, as in <c>state_dict.a.weight</c>.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>The metadata of a safetensors file, or the strings, numbers and flags that a torch file keeps beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// The container that holds the network, for <see cref="Under"/>: <c>state_dict</c> where a training checkpoint has one,
    /// else the innermost dictionary around all tensors; empty where that is the file itself.
    /// </summary>
    public string Root { get; }

    /// <summary>Recognises and indexes a file. Reads its directory only.</summary>
    /// <exception cref="WeightException">The file is of another format, malformed, or asks for something to be executed.</exception>
    public static Checkpoint Open(ByteSource source)
    {
        Span<byte> head = stackalloc byte[(int)Math.Min(source.Length, 512)];
        source.Fill(0, head, "its first bytes");
        var braced = head.Length > 8 && head[8] == '{';
        if (braced && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)source.Length)
        {
            return SafeTensors.Read(source);
        }

        if (head.StartsWith(Npy.Magic))
        {
            return Npy.Read(source);
        }

        if (head.StartsWith("PK"u8))
        {
            return TorchZip.Read(source);
        }

        if (head.StartsWith(TorchLegacy.FirstBytes))
        {
            return TorchLegacy.Read(source);
        }

        return braced ? SafeTensors.Read(source) : throw new WeightException(Unknown(head));
    }

    /// <summary>The tensors below a container, named from there on; the same file and metadata.</summary>
    public Checkpoint Under(string path) => path.Length == 0 ? this : new(
        Source,
        Format,
        Tensors.Values.Where(tensor => tensor.Name.StartsWith($"{path}.", StringComparison.Ordinal))
            .Select(tensor => tensor with { Name = tensor.Name[(path.Length + 1)..] }),
        Metadata);

    /// <summary>A tensor's numbers as float32 in row-major order, whatever their type and strides are in the file.</summary>
    public float[] Floats(string name)
    {
        var tensor = Tensors.TryGetValue(name, out var found) ? found : throw new WeightException(
            $"'{name}' is not in the checkpoint, which holds {Listed()}.");
        return tensor.Floats(Source);
    }

    private string Listed()
    {
        const int Shown = 8;
        var names = Tensors.Keys.Order(StringComparer.Ordinal).Take(Shown).Select(name => $"'{name}'");
        return Tensors.Count > Shown ? $"{string.Join(", ", names)} and {Tensors.Count - Shown} more" : string.Join(", ", names);
    }

    private static string Unknown(ReadOnlySpan<byte> head)
    {
        const int TarMagic = 257;
        if (head.Length > TarMagic && head[TarMagic..].StartsWith("ustar"u8))
        {
            return "the file is a tar archive, as torch wrote before 0.1.10. Load it in torch and save it again, or find it as safetensors.";
        }

        if (head.StartsWith("version https://git-lfs"u8))
        {
            return "the file is a Git LFS pointer, not the weights it stands for. Fetch it with 'git lfs pull'.";
        }

        var text = head.TrimStart(" \r\n\t"u8);
        var kind = head switch
        {
            { Length: < 9 } => $"too short to be a checkpoint ({head.Length} bytes)",
            _ when text.StartsWith("<"u8) => "a web page, perhaps an error page saved in place of the weights",
            _ when head.StartsWith("GGUF"u8) => "a GGUF file",
            _ when head[1..].StartsWith("HDF"u8) => "an HDF5 file",
            _ => "of no known format",
        };
        return $"the file is {kind}; {Formats}.";
    }
}
