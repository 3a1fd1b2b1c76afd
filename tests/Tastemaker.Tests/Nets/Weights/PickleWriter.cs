using System.Text;

namespace Tastemaker.Tests.Nets.Weights;

/// <summary>Writes pickles, opcode by opcode, as torch does and as no one should.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public static byte[] Of(Action<PickleWriter> write)
    {
        var pickle = new PickleWriter().Raw(0x80, 2);
        write(pickle);
        return pickle.Raw((byte)'.').Bytes;
    }

    public PickleWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Op(string ops) => Raw(Encoding.ASCII.GetBytes(ops));

    public PickleWriter Text(string text) => Op("X").Raw(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text))).Raw(Encoding.UTF8.GetBytes(text));

    public PickleWriter Number(int number) => Op("J").Raw(BitConverter.GetBytes(number));

    public PickleWriter Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleWriter Tuple(params int[] numbers)
    {
        Op("(");
        foreach (var number in numbers)
        {
            Number(number);
        }

        return Op("t");
    }

    public PickleWriter Storage(string type, string key, int count) =>
        Op("(").Text("storage").Global("torch", type).Text(key).Text("cuda:0").Number(count).Op("tQ");

    public PickleWriter Tensor(string type, string key, int stored, int offset, int[] shape, int[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op("(").Storage(type, key, stored).Number(offset).Tuple(shape).Tuple(strides)
            .Raw(0x89).Global("collections", "OrderedDict").Op(")RtR");
}
