using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Tastemaker.Nets.Graph;

/// <summary>
/// A graph as ONNX bytes (onnx.proto3 of onnx/onnx, written by hand: the same graph gives the same bytes).
/// Weights are named and shaped but not held: the session hands them over.
/// </summary>
/// <param name="Bytes">A ModelProto.</param>
/// <param name="Weights">Those that the session must hand over, by name; the others are where <see cref="ExternalBytes"/> says.</param>
public sealed record OnnxModel(byte[] Bytes, IReadOnlyList<Node> Weights);

/// <summary>Where a weight lies in a file that ONNX Runtime maps itself.</summary>
/// <param name="File">Relative to the folder that the session is given.</param>
public sealed record ExternalBytes(string File, long Offset, long Length);

public static class Onnx
{
    private const int IrVersion = 9, OperatorSet = 20; // Of ONNX 1.15, which has Gelu.

    /// <param name="outputs">By the names under which a session gives them.</param>
    /// <param name="locate">Where a weight can be mapped; null for one that is handed over.</param>
    public static OnnxModel Write(IReadOnlyDictionary<string, Node> outputs, Func<Node, ExternalBytes?>? locate = null)
    {
        locate ??= _ => null;
        var order = InOrder(outputs.Values);
        var names = Names(order, outputs);
        var further = order.Where(n => n.Op == Node.Part).OrderBy(n => (long)n.Attributes[0].Value).ToLookup(n => n.Inputs[0]);
        var graph = new Proto();
        foreach (var node in order.Where(IsOp))
        {
            graph.Message(1, Operator(node, [node, .. further[node]], names));
        }

        graph.Text(2, "tastemaker");
        foreach (var node in order.Where(n => n.Op is Node.Constant or Node.Weight))
        {
            graph.Message(5, Tensor(node, names[node], locate));
        }

        foreach (var node in order.Where(n => n.Op == Node.Input))
        {
            graph.Message(11, Value(node.Name, node, withShape: true));
        }

        foreach (var (name, node) in outputs.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            graph.Message(12, Value(name, node, withShape: false));
        }

        var model = new Proto().Number(1, IrVersion).Text(2, "tastemaker").Message(7, graph).Message(8, new Proto().Text(1, "").Number(2, OperatorSet));
        foreach (var domain in order.Select(n => n.Domain).Append("com.microsoft").Where(domain => domain.Length > 0).Distinct().Order(StringComparer.Ordinal))
        {
            model.Message(8, new Proto().Text(1, domain).Number(2, 1));
        }

        return new(model.ToArray(), [.. order.Where(n => n.Op == Node.Weight && locate(n) is null)]);
    }

    /// <summary>One line a node, <c>name = Op(inputs) type shape</c>: what a review of a network reads.</summary>
    public static string Describe(IReadOnlyDictionary<string, Node> outputs)
    {
        var order = InOrder(outputs.Values);
        var names = Names(order, outputs);
        return string.Join('\n', order.Where(n => n.Op != Node.Constant).Select(n =>
            $"{names[n]} = {n.Op}({string.Join(", ", n.Inputs.Where(i => i.Op != Node.Constant && i != Node.Absent).Select(i => names[i]))}) {n.Type} {n.Shape}"));
    }

    private static bool IsOp(Node node) => node.Op is not (Node.Input or Node.Weight or Node.Constant or Node.Part);

    /// <summary>Every node once, each after what it reads.</summary>
    internal static List<Node> InOrder(IEnumerable<Node> outputs)
    {
        var (order, seen) = (new List<Node>(), new HashSet<Node>());
        var stack = new Stack<(Node Node, bool IsReady)>(outputs.Reverse().Select(n => (n, false)));
        while (stack.TryPop(out var top))
        {
            if (top.IsReady)
            {
                order.Add(top.Node);
            }
            else if (seen.Add(top.Node))
            {
                stack.Push((top.Node, true));
                foreach (var input in top.Node.Inputs.Reverse().Where(i => i != Node.Absent && !seen.Contains(i)))
                {
                    stack.Push((input, false));
                }
            }
        }

        return order;
    }

    private static Dictionary<Node, string> Names(List<Node> order, IReadOnlyDictionary<string, Node> outputs)
    {
        var wanted = outputs.ToDictionary(o => o.Value, o => o.Key);
        var names = new Dictionary<Node, string>();
        foreach (var node in order)
        {
            names[node] = wanted.TryGetValue(node, out var output) ? output : node.Name.Length > 0 ? node.Name
                : string.Create(CultureInfo.InvariantCulture, $"{node.Op}_{names.Count}");
        }

        return names;
    }

    private static Proto Operator(Node node, IEnumerable<Node> results, Dictionary<Node, string> names)
    {
        var proto = new Proto();
        foreach (var input in node.Inputs)
        {
            proto.Text(1, input == Node.Absent ? "" : names[input]);
        }

        foreach (var result in results)
        {
            proto.Text(2, names[result]);
        }

        proto.Text(3, names[node]).Text(4, node.Op);
        foreach (var (name, value) in node.Attributes)
        {
            proto.Message(5, Attribute(name, value));
        }

        return proto.Text(7, node.Domain);
    }

    private static Proto Attribute(string name, object value)
    {
        var proto = new Proto().Text(1, name);
        return value switch
        {
            float f => proto.Float(2, f).Number(20, 1),
            long i => proto.Number(3, i).Number(20, 2),
            string s => proto.Text(4, s).Number(20, 3),
            long[] many => many.Aggregate(proto, (p, i) => p.Number(8, i)).Number(20, 7),
            _ => throw new ArgumentException($"attribute '{name}' is a {value.GetType().Name}; ONNX has float, long, string and long[].", nameof(value)),
        };
    }

    private static Proto Tensor(Node node, string name, Func<Node, ExternalBytes?> locate)
    {
        var proto = node.Shape.Axes.Aggregate(new Proto(), (p, axis) => p.Number(1, axis)).Number(2, (long)node.Type).Text(8, name);
        if (node.Op == Node.Constant)
        {
            return proto.Bytes(9, node.Data.Span);
        }

        foreach (var (key, value) in locate(node) is { } at
            ? [("location", at.File), ("offset", $"{at.Offset}"), ("length", $"{at.Length}")] : Array.Empty<(string, string)>())
        {
            proto.Message(13, new Proto().Text(1, key).Text(2, value));
        }

        return proto.Number(14, 1);
    }

    private static Proto Value(string name, Node node, bool withShape)
    {
        var type = new Proto().Number(1, (long)node.Type);
        if (withShape)
        {
            // Axes of one name are taken to be equal, so only the batch is called so in every input.
            type.Message(2, node.Shape.Axes.Index().Aggregate(new Proto(), (shape, axis) =>
                shape.Message(1, axis.Item == -1 ? new Proto().Text(2, axis.Index == 0 ? "N" : $"{name}.{axis.Index}") : new Proto().Number(1, axis.Item))));
        }

        return new Proto().Text(1, name).Message(2, new Proto().Message(1, type));
    }

    /// <summary>Protocol buffers' wire format, the four kinds of field that ONNX needs.</summary>
    private sealed class Proto
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        public Proto Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Proto Float(int field, float value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            Varint(((ulong)field << 3) | 5);
            _bytes.Write(bytes);
            return this;
        }

        public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Proto Message(int field, Proto value) => Bytes(field, value._bytes.WrittenSpan);

        public Proto Bytes(int field, ReadOnlySpan<byte> value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.Write(value);
            return this;
        }

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.Write([(byte)(value | 0x80)]);
            }

            _bytes.Write([(byte)value]);
        }
    }
}
