using Tastemaker.Native;
using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

public sealed class OrtTensorTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("taste-tensor-").FullName, "file.bin");

    [Fact]
    public void A_tensor_holds_a_copy_of_its_data()
    {
        float[] data = [1, 2, 3, 4, 5, 6];
        using var tensor = OrtTensor.From<float>(data, OrtElement.Float32, 2, 3);
        data[0] = 100;

        Assert.Equal([2L, 3L], tensor.Shape);
        Assert.Equal(6, tensor.Count);
        Assert.Equal([1, 2, 3, 4, 5, 6], tensor.AsSpan<float>());
    }

    [Fact]
    public void A_scalar_has_one_element_and_a_dimension_of_0_none()
    {
        using var scalar = OrtTensor.From<long>([7], OrtElement.Int64);
        using var none = OrtTensor.Allocate(OrtElement.Float32, 3, 0, 2);

        Assert.Equal([7L], scalar.AsSpan<long>());
        Assert.Equal(0, none.AsSpan<float>().Length);
    }

    [Fact]
    public void Elements_show_as_their_own_type_or_as_bytes()
    {
        using var halves = OrtTensor.From<Half>([(Half)1], OrtElement.Float16, 1);
        using var brains = OrtTensor.From<ushort>([0x3F80], OrtElement.BFloat16, 1);

        Assert.Equal([0x00, 0x3C], halves.AsSpan<byte>().ToArray());
        Assert.Equal([0x80, 0x3F], brains.AsSpan<byte>().ToArray());
        var error = Assert.Throws<ArgumentException>(() => halves.AsSpan<float>().Length);
        Assert.Equal("Single is not the type of Float16 elements.", error.Message);
    }

    [Fact]
    public void Data_of_another_length_than_the_shape_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => OrtTensor.From<float>([1, 2, 3], OrtElement.Float32, 2, 2));

        Assert.StartsWith("a Float32 tensor of shape [2, 2] has 16 bytes; 12 were given.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1L, 4L)]
    [InlineData(long.MaxValue, 2L)]
    [InlineData(1L << 31, 1L << 31)]
    public void A_shape_that_is_none_is_refused(long rows, long columns)
    {
        var error = Assert.Throws<ArgumentException>(() => OrtTensor.Allocate(OrtElement.Int64, rows, columns));

        Assert.StartsWith($"[{rows}, {columns}] is no shape of a Int64 tensor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_beyond_all_memory_is_a_typed_error()
    {
        var error = Assert.Throws<OrtException>(() => OrtTensor.Allocate(OrtElement.UInt8, 1L << 60));

        Assert.Equal("a tensor of 1152921504606846976 bytes does not fit in memory.", error.Message);
    }

    [Fact]
    public void A_tensor_over_a_file_outlives_the_MappedFile_and_is_not_for_writing()
    {
        using var tensor = OverFile(new byte[16], 4, 3);

        Assert.Equal([3L], tensor.Shape);
        Assert.Throws<InvalidOperationException>(() => tensor.AsSpan<float>().Length);
        Assert.Throws<InvalidOperationException>(tensor.CheckWritable);
    }

    [Fact]
    public void A_tensor_that_the_file_does_not_hold_is_refused()
    {
        var error = Assert.Throws<EndOfStreamException>(() => OverFile(new byte[16], 8, 3));

        Assert.Contains("ends at byte 16; 12 bytes from byte 8 on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tensor_shows_nothing()
    {
        var tensor = OrtTensor.Allocate(OrtElement.Float32, 1);
        tensor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor.AsSpan<float>().Length);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    private OrtTensor OverFile(byte[] bytes, long offset, long count)
    {
        File.WriteAllBytes(_path, bytes);
        using var file = MappedFile.OpenRead(_path);
        return OrtTensor.Over(file, offset, OrtElement.Float32, count);
    }
}
