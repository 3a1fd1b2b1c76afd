using System.Text;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

public sealed class NpyTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        using var file = new MemoryStream();
        Npy.Write(file, (ReadOnlySpan<float>)[1, 2, 3, 4, 5, 6], 3);
        var bytes = file.ToArray();
        var rows = NpyFile.Open(ByteSource.Of(bytes));
        var second = new float[3];
        rows.Read(1, second);

        Assert.Equal(128 + (6 * 4), bytes.Length);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", Encoding.ASCII.GetString(bytes, 10, 117).TrimEnd());
        Assert.Equal((2, 3, ElementType.F32), (rows.Rows, rows.Width, rows.Type));
        Assert.Equal([4f, 5, 6], second);
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(2, second));
    }

    [Fact]
    public void Halves_are_written_and_read_as_floats()
    {
        using var file = new MemoryStream();
        Npy.Write(file, (ReadOnlySpan<Half>)[(Half)0.5f, Half.NegativeOne], 2);

        Assert.Equal([0.5f, -1], Checkpoint.Open(ByteSource.Of(file.ToArray())).Floats(Checkpoint.Bare));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_versions_are_read(byte version) =>
        Assert.Equal([1f, 2], Checkpoint.Open(ByteSource.Of(File("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", Doubles(1, 2), version))).Floats(Checkpoint.Bare));

    [Fact]
    public void Fortran_order_is_read_as_strides()
    {
        var file = Checkpoint.Open(ByteSource.Of(File("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", Doubles(1, 4, 2, 5, 3, 6))));

        Assert.Equal((long[])[1, 2], file.Tensors[Checkpoint.Bare].Strides!);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Floats(Checkpoint.Bare));
    }

    [Theory]
    [InlineData("|u1", "(3,)", 3)]
    [InlineData("<i4", "(2, 1)", 8)]
    [InlineData("<i8", "()", 8)]
    [InlineData("<f2", "(0, 4)", 0)]
    [InlineData("<f4", "(1L, 1L)", 4)]
    public void Other_types_and_shapes_are_read(string descr, string shape, int bytes) =>
        Assert.Equal("npy", Checkpoint.Open(ByteSource.Of(File($"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}", new byte[bytes]))).Format);

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "the npy file is big-endian ('>f4')")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "Python objects")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "records of several fields")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "the npy file holds '<c8'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "its header describes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "malformed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999,), }", "axis 0")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "malformed")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'shape': (1,), }", "once each")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "lacks one of")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } + evil()", "goes on after")]
    [InlineData("{'descr': '<f4", "does not close")]
    [InlineData("", "malformed")]
    public void A_header_that_is_not_an_arrays_is_refused(string header, string reason) =>
        Assert.Contains(reason, Assert.Throws<WeightException>(() => Checkpoint.Open(ByteSource.Of(File(header, new byte[4])))).Message, StringComparison.Ordinal);

    [Fact]
    public void Vectors_are_rows_of_floats()
    {
        var error = Assert.Throws<WeightException>(() => NpyFile.Open(ByteSource.Of(File("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", new byte[8]))));

        Assert.Equal("the npy file holds I64; vectors are f2, f4 or f8.", error.Message);
        Assert.Throws<WeightException>(() => NpyFile.Open(ByteSource.Of(File("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", new byte[4]))));
        Assert.Equal(1, NpyFile.Open(ByteSource.Of(File("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", new byte[8]))).Rows);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_nothing_else() =>
        Damage.AssertReadOrRefused(File("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", Doubles(1, 4, 2, 5, 3, 6)), 800);

    private static byte[] Doubles(params double[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];

    private static byte[] File(string header, byte[] data, byte version = 1)
    {
        var length = BitConverter.GetBytes(header.Length + 1);
        return [0x93, .. "NUMPY"u8, version, 0, .. version == 1 ? length[..2] : length, .. Encoding.ASCII.GetBytes(header), (byte)'\n', .. data];
    }
}
