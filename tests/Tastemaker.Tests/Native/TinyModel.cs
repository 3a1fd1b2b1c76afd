using System.Text;
using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

/// <summary>Just enough of ONNX's protobuf to hand the runtime a graph: fields by their numbers in onnx.proto.</summary>
internal sealed class TinyModel
{
    private readonly Message _graph = new Message().Text(2, "tiny");
    private readonly SortedSet<string> _domains = ["com.microsoft"];

    public TinyModel Input(string name, OrtElement element, params object[] dims) => Value(11, name, element, dims);

    public TinyModel Output(string name, OrtElement element, params object[] dims) => Value(12, name, element, dims);

    public TinyModel Node(string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) =>
        Node("", op, inputs, outputs, attributes);

    public TinyModel Node(string domain, string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new Message();
        Array.ForEach(inputs, name => node.Text(1, name));
        Array.ForEach(outputs, name => node.Text(2, name));
        node.Text(4, op).Text(7, domain);
        _domains.Add(domain);
        foreach (var (name, value) in attributes)
        {
            node.Nested(5, value is TinyModel body
                ? new Message().Text(1, name).Nested(6, body._graph).Number(20, 5)
                : new Message().Text(1, name).Number(3, Convert.ToInt64(value, null)).Number(20, 2));
        }

        _graph.Nested(1, node);
        return this;
    }

    public TinyModel Constant(string name, OrtElement element, long[] dims, byte[] data)
    {
        _graph.Nested(5, Tensor(name, element, dims).Bytes(9, data));
        return this;
    }

    /// <summary>An initializer whose data is elsewhere.</summary>
    public TinyModel External(string name, OrtElement element, long[] dims, params (string Key, string Value)[] entries)
    {
        var tensor = Tensor(name, element, dims);
        Array.ForEach(entries, entry => tensor.Nested(13, new Message().Text(1, entry.Key).Text(2, entry.Value)));
        _graph.Nested(5, tensor.Number(14, 1));
        return this;
    }

    public byte[] ToBytes() => _domains.Where(domain => domain.Length > 0).Aggregate(
        new Message().Number(1, 10).Nested(7, _graph).Nested(8, new Message().Text(1, "").Number(2, 21)),
        (model, domain) => model.Nested(8, new Message().Text(1, domain).Number(2, 1))).ToArray();

    private static Message Tensor(string name, OrtElement element, long[] dims)
    {
        var tensor = new Message();
        Array.ForEach(dims, dim => tensor.Number(1, dim));
        return tensor.Number(2, (long)element).Text(8, name);
    }

    private TinyModel Value(int field, string name, OrtElement element, object[] dims)
    {
        var shape = new Message();
        foreach (var dim in dims)
        {
            shape.Nested(1, dim is string symbol ? new Message().Text(2, symbol) : new Message().Number(1, Convert.ToInt64(dim, null)));
        }

        var type = new Message().Nested(1, new Message().Number(1, (long)element).Nested(2, shape));
        _graph.Nested(field, new Message().Text(1, name).Nested(2, type));
        return this;
    }

    private sealed class Message
    {
        private readonly List<byte> _bytes = [];

        public Message Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Message Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public Message Nested(int field, Message message) => Bytes(field, message.ToArray());

        public Message Bytes(int field, byte[] bytes)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)bytes.Length);
            _bytes.AddRange(bytes);
            return this;
        }

        public byte[] ToArray() => [.. _bytes];

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.Add((byte)(value | 0x80));
            }

            _bytes.Add((byte)value);
        }
    }
}
