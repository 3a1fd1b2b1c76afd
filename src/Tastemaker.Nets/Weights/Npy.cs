using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// NumPy's array files, versions 1 to 3: a magic, the length of a header, a Python dictionary with the keys descr, fortran_order
/// and shape, then the numbers. Follows numpy/lib/format.py. Arrays of Python objects are pickles and are refused.
/// </summary>
public static class Npy
{
    private const int MaxHeaderBytes = 1 << 16;
    private const int Alignment = 64;
    private const int PrefixBytes = 10;
    private const int HalfHeaderBytes = 2 * Alignment;

    private static readonly Dictionary<string, ElementType> Types = new()
    {
        ["f2"] = ElementType.F16,
        ["f4"] = ElementType.F32,
        ["f8"] = ElementType.F64,
        ["i8"] = ElementType.I64,
        ["i4"] = ElementType.I32,
        ["i2"] = ElementType.I16,
        ["i1"] = ElementType.I8,
        ["u1"] = ElementType.U8,
        ["b1"] = ElementType.Bool,
    };

    internal static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes rows of numbers as an array of shape (rows, width), version 1.0.</summary>
    public static void Write(Stream into, ReadOnlySpan<float> numbers, int width) =>
        Write(into, "<f4", MemoryMarshal.AsBytes(numbers), Rows(numbers.Length, width), width);

    /// <inheritdoc cref="Write(Stream, ReadOnlySpan{float}, int)"/>
    public static void Write(Stream into, ReadOnlySpan<Half> numbers, int width) =>
        Write(into, "<f2", MemoryMarshal.AsBytes(numbers), Rows(numbers.Length, width), width);

    /// <summary>What stands before rows of float16; of the same length for every number of rows, so that it can be written once they are counted.</summary>
    public static byte[] HalfHeader(int rows, int width)
    {
        var header = Header("<f2", rows, width);
        return header.Length == HalfHeaderBytes ? header : throw new ArgumentOutOfRangeException(nameof(width), width, "the header is longer than any of real vectors");
    }

    internal static Checkpoint Read(ByteSource source)
    {
        Span<byte> prefix = stackalloc byte[12];
        source.Fill(0, prefix, "the npy header");
        var (major, minor) = (prefix[6], prefix[7]);
        if (major is < 1 or > 3 || minor != 0)
        {
            throw new WeightException($"the npy file has version {major}.{minor}; 1.0, 2.0 and 3.0 can be read.");
        }

        var start = major == 1 ? PrefixBytes : 12;
        var length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        if (length > MaxHeaderBytes)
        {
            throw new WeightException($"the header of the npy file is said to have {length} bytes; at most {MaxHeaderBytes} are read.");
        }

        var header = NpyHeader.Parse(source.Bytes(start, (int)length, "the npy header"));
        var shape = TensorLayout.Shape(Checkpoint.Bare, header.Shape);
        var tensor = new StoredTensor(Checkpoint.Bare, Type(header.Descr), shape, start + length, header.IsFortran ? FortranStrides(shape) : null);
        var end = tensor.Offset + tensor.Bytes;
        return end == source.Length ? new Checkpoint(source, "npy", [tensor], new Dictionary<string, string>()) : throw new WeightException(
            $"the npy file has {source.Length} bytes; its header describes {end}. Is the download complete?");
    }

    private static int Rows(int count, int width) => width > 0 && count % width == 0 ? count / width
        : throw new ArgumentException($"{count} numbers are no whole rows of {width}.", nameof(width));

    private static void Write(Stream into, string descr, ReadOnlySpan<byte> numbers, int rows, int width)
    {
        into.Write(Header(descr, rows, width));
        into.Write(numbers);
    }

    private static byte[] Header(string descr, int rows, int width)
    {
        var header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {width}), }}";
        var unpadded = PrefixBytes + header.Length + 1;
        header = header.PadRight(header.Length + ((Alignment - (unpadded % Alignment)) % Alignment)) + '\n';
        return [.. Magic, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header)];
    }

    private static ElementType Type(string descr)
    {
        if (descr is ['|', 'O', ..] or ['O', ..])
        {
            throw new WeightException("the npy file holds Python objects, which are a pickle; arrays of numbers are read.");
        }

        if (descr is ['>', ..] && !descr.EndsWith('1'))
        {
            throw new WeightException($"the npy file is big-endian ('{descr}'). Save it with astype('<{descr[1..]}').");
        }

        return descr.Length == 3 && Types.TryGetValue(descr[1..], out var type) ? type
            : throw new WeightException($"the npy file holds '{descr}'; {string.Join(", ", Types.Keys)} can be read.");
    }

    private static long[]? FortranStrides(Shape shape)
    {
        var strides = new long[shape.Axes.Length];
        var step = 1L;
        for (var axis = 0; axis < strides.Length; axis++)
        {
            strides[axis] = step;
            step *= shape.Axes[axis];
        }

        return TensorLayout.Strides(Checkpoint.Bare, shape, strides, 0, step);
    }
}
