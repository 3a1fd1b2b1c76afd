using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// The safetensors format: the header's length as 8 bytes, a JSON header, then the tensors without a gap. Follows
/// the format section of huggingface/safetensors' README, and its limit of 100 MB for a header.
/// </summary>
public static class SafeTensors
{
    private const int MaxHeaderBytes = 100_000_000;
    private const int LengthBytes = 8;
    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, ElementType> Types = new()
    {
        ["F64"] = ElementType.F64,
        ["F32"] = ElementType.F32,
        ["F16"] = ElementType.F16,
        ["BF16"] = ElementType.BF16,
        ["I64"] = ElementType.I64,
        ["I32"] = ElementType.I32,
        ["I16"] = ElementType.I16,
        ["I8"] = ElementType.I8,
        ["U8"] = ElementType.U8,
        ["BOOL"] = ElementType.Bool,
    };

    /// <summary>
    /// Writes a file whose bytes depend on nothing but the tensors and the metadata: widest type first, then by name, as the
    /// reference writer orders them, so that every tensor starts at a multiple of its number's size.
    /// </summary>
    public static void Write(Stream into, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        TensorData[] ordered = [.. tensors.OrderByDescending(t => t.Type.Size).ThenBy(t => t.Name, StringComparer.Ordinal)];
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteHeader(json, ordered, metadata);
        }

        while (header.Length % LengthBytes != 0)
        {
            header.WriteByte((byte)' ');
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        into.Write(length);
        header.WriteTo(into);
        foreach (var tensor in ordered)
        {
            into.Write(tensor.Bytes.Span);
        }
    }

    internal static Checkpoint Read(ByteSource source)
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        source.Fill(0, prefix, "the length of its header");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderBytes)
        {
            throw new WeightException($"the header of the safetensors file is said to have {length} bytes; at most {MaxHeaderBytes} are read.");
        }

        var header = source.Bytes(LengthBytes, (int)length, "the safetensors header");
        try
        {
            var reader = new HeaderReader(new Utf8JsonReader(header), LengthBytes + (int)length);
            reader.Read();
            RequireNoGaps(reader.Tensors, LengthBytes + (int)length, source.Length);
            return new Checkpoint(source, "safetensors", reader.Tensors, reader.Metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader reports malformed JSON by the one, text that is not Unicode by the other.
            throw new WeightException($"the header of the safetensors file is not valid JSON: {e.Message}");
        }
    }

    private static void WriteHeader(Utf8JsonWriter json, TensorData[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        var offset = 0L;
        var names = new HashSet<string> { MetadataKey };
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"two tensors are named '{tensor.Name}'.", nameof(tensors));
            }

            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", Types.First(pair => pair.Value == tensor.Type).Key);
            json.WriteStartArray("shape");
            foreach (var axis in tensor.Shape.Axes)
            {
                json.WriteNumberValue(axis);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += tensor.Bytes.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void RequireNoGaps(List<StoredTensor> tensors, long start, long length)
    {
        var end = start;
        foreach (var tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Bytes))
        {
            if (tensor.Offset != end)
            {
                throw new WeightException(
                    $"'{tensor.Name}' starts at byte {tensor.Offset - start} of the safetensors file's data; the tensor before it ends at {end - start}.");
            }

            end += tensor.Bytes;
            if (end > length)
            {
                throw new WeightException($"the file ends inside '{tensor.Name}' (it has {length} bytes). Is the download complete?");
            }
        }

        if (end != length)
        {
            throw new WeightException($"the tensors of the safetensors file end at byte {end}, the file at {length}.");
        }
    }

    private ref struct HeaderReader(Utf8JsonReader json, int dataStart)
    {
        private Utf8JsonReader _json = json;

        public List<StoredTensor> Tensors { get; } = [];

        public Dictionary<string, string> Metadata { get; } = [];

        public void Read()
        {
            var names = new HashSet<string>();
            Expect(JsonTokenType.StartObject, "the header");
            while (NextName(out var name))
            {
                if (!names.Add(name))
                {
                    throw new WeightException($"'{name}' is twice in the header of the safetensors file.");
                }

                if (name == MetadataKey)
                {
                    ReadMetadata();
                }
                else
                {
                    Tensors.Add(ReadTensor(name));
                }
            }

            if (_json.Read())
            {
                throw new WeightException("the header of the safetensors file goes on after its closing brace.");
            }
        }

        private void ReadMetadata()
        {
            Expect(JsonTokenType.StartObject, MetadataKey);
            while (NextName(out var key))
            {
                Expect(JsonTokenType.String, $"{MetadataKey}.{key}");
                if (!Metadata.TryAdd(key, _json.GetString()!))
                {
                    throw new WeightException($"'{key}' is twice in the metadata of the safetensors file.");
                }
            }
        }

        private StoredTensor ReadTensor(string name)
        {
            var (dtype, shape, offsets) = ((string?)null, (long[]?)null, (long[]?)null);
            Expect(JsonTokenType.StartObject, $"'{name}'");
            while (NextName(out var field))
            {
                switch (field)
                {
                    case "dtype" when dtype is null:
                        Expect(JsonTokenType.String, $"the dtype of '{name}'");
                        dtype = _json.GetString();
                        break;
                    case "shape" when shape is null:
                        shape = ReadNumbers($"the shape of '{name}'");
                        break;
                    case "data_offsets" when offsets is null:
                        offsets = ReadNumbers($"the data_offsets of '{name}'");
                        break;
                    default:
                        throw new WeightException($"'{name}' has a field '{field}' too many; dtype, shape and data_offsets are wanted, once each.");
                }
            }

            if (dtype is null || shape is null || offsets is not [var begin, var end])
            {
                throw new WeightException($"'{name}' needs dtype, shape and two data_offsets in the header of the safetensors file.");
            }

            return Types.TryGetValue(dtype, out var type)
                ? Checked(new(name, type, TensorLayout.Shape(name, shape), dataStart + begin), end - begin)
                : throw new WeightException($"'{name}' has dtype '{dtype}'; {string.Join(", ", Types.Keys)} can be read.");
        }

        private static StoredTensor Checked(StoredTensor tensor, long bytes) =>
            TensorLayout.Count(tensor.Shape) is { } count && count * tensor.Type.Size == bytes ? tensor : throw new WeightException(
                $"'{tensor.Name}' has shape {tensor.Shape} of {tensor.Type}, but its data_offsets span {bytes} bytes.");

        private long[] ReadNumbers(string what)
        {
            var numbers = new List<long>();
            Expect(JsonTokenType.StartArray, what);
            while (_json.Read() && _json.TokenType == JsonTokenType.Number)
            {
                numbers.Add(_json.TryGetInt64(out var number) && number is >= 0 and <= TensorLayout.MaxCount ? number
                    : throw new WeightException($"{what} holds a number out of range."));
            }

            return _json.TokenType == JsonTokenType.EndArray ? [.. numbers] : throw new WeightException($"{what} is not a list of numbers.");
        }

        private bool NextName(out string name)
        {
            _json.Read();
            name = _json.TokenType == JsonTokenType.PropertyName ? _json.GetString()! : "";
            return _json.TokenType == JsonTokenType.PropertyName;
        }

        private void Expect(JsonTokenType type, string what)
        {
            if (!_json.Read() || _json.TokenType != type)
            {
                throw new WeightException($"{what} is not {(type == JsonTokenType.String ? "a string" : "an object or list as it should be")} in the safetensors file.");
            }
        }
    }
}
