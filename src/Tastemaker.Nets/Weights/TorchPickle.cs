using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// Writes what <c>torch.load</c> reads, as torch 1.6 and later write it: a zip of stored entries, <c>archive/data.pkl</c> (pickle
/// protocol 2) and a storage for each tensor. Its bytes depend on nothing but the tensors.
/// </summary>
public static class TorchPickle
{
    private const string Folder = "archive/";

    /// <summary>A state_dict: an OrderedDict of tensors by their names, in the order given.</summary>
    public static void Write(Stream into, IReadOnlyList<TensorData> tensors)
    {
        var pickle = new Opcodes();
        pickle.OrderedDict();
        pickle.Op('(');
        foreach (var (key, tensor) in tensors.Index())
        {
            pickle.Text(tensor.Name);
            pickle.Tensor(tensor, key);
        }

        pickle.Op('u');
        Archive(into, pickle, tensors);
    }

    /// <summary>A lone tensor; its name is not written.</summary>
    public static void WriteBare(Stream into, TensorData tensor)
    {
        var pickle = new Opcodes();
        pickle.Tensor(tensor, 0);
        Archive(into, pickle, [tensor]);
    }

    private static void Archive(Stream into, Opcodes pickle, IReadOnlyList<TensorData> tensors)
    {
        using var whole = new MemoryStream(); // Where a zip can go back and fill in its lengths.
        using (var zip = new ZipArchive(whole, ZipArchiveMode.Create, leaveOpen: true))
        {
            Store(zip, "data.pkl", pickle.End());
            foreach (var (key, tensor) in tensors.Index())
            {
                Store(zip, $"data/{key}", tensor.Bytes.Span);
            }

            Store(zip, "version", "3\n"u8);
        }

        whole.WriteTo(into);
    }

    private static void Store(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        var entry = zip.CreateEntry(Folder + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // The first that a zip can say.
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    /// <summary>The few opcodes of Python's pickletools that tensors need.</summary>
    private sealed class Opcodes
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public Opcodes() => _bytes.Write<byte>([0x80, 2]);

        public ReadOnlySpan<byte> End()
        {
            Op('.');
            return _bytes.WrittenSpan;
        }

        public void Op(char code) => _bytes.Write([(byte)code]);

        public void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Op('X');
            Raw(bytes.Length);
            _bytes.Write(bytes);
        }

        public void OrderedDict()
        {
            Global("collections", "OrderedDict");
            Op(')');
            Op('R');
        }

        /// <summary><c>torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)</c>.</summary>
        public void Tensor(TensorData tensor, int key)
        {
            Global("torch._utils", "_rebuild_tensor_v2");
            Op('(');
            Storage(tensor, key);
            Number(0);
            Tuple(tensor.Shape.Axes);
            Tuple(Strides(tensor.Shape));
            Op('\x89');
            OrderedDict();
            Op('t');
            Op('R');
        }

        private void Storage(TensorData tensor, int key)
        {
            var name = PickledName.StorageOf(tensor.Type).Full;
            Op('(');
            Text("storage");
            Global(name[..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
            Text($"{key}");
            Text("cpu");
            Number(tensor.Bytes.Length / tensor.Type.Size);
            Op('t');
            Op('Q');
        }

        private static int[] Strides(Shape shape)
        {
            var strides = new int[shape.Rank];
            for (int axis = shape.Rank - 1, step = 1; axis >= 0; step *= shape[axis--])
            {
                strides[axis] = step;
            }

            return strides;
        }

        private void Tuple(int[] numbers)
        {
            Op('(');
            foreach (var number in numbers)
            {
                Number(number);
            }

            Op('t');
        }

        private void Number(int value)
        {
            Op('J');
            Raw(value);
        }

        private void Global(string module, string name) => _bytes.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

        private void Raw(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), value);
            _bytes.Advance(sizeof(int));
        }
    }
}
