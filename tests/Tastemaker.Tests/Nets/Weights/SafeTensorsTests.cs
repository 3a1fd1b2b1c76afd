using System.Buffers.Binary;
using System.Text;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

public sealed class SafeTensorsTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        var file = Written(
            [
                TensorData.Of("b", new(2), [Half.One, (Half)0.5f]),
                TensorData.Of("a.weight", new(2, 2), [1f, 2, 3, 4]),
                new("ids", ElementType.I64, new([]), BitConverter.GetBytes(77L)),
                new("none", ElementType.U8, new(0, 3), default),
            ],
            ("relu", "True"), ("é", "中 \"quoted\""));

        var read = Checkpoint.Open(ByteSource.Of(file));

        Assert.Equal("safetensors", read.Format);
        Assert.Equal(["ids", "a.weight", "b", "none"], read.Tensors.Keys);
        Assert.Equal([1f, 2, 3, 4], read.Floats("a.weight"));
        Assert.Equal([1f, 0.5f], read.Floats("b"));
        Assert.Equal([77f], read.Floats("ids"));
        Assert.Empty(read.Floats("none"));
        Assert.Equal(new Dictionary<string, string> { ["relu"] = "True", ["é"] = "中 \"quoted\"" }, read.Metadata);
        Assert.All(read.Tensors.Values, tensor => Assert.Equal(0, tensor.Offset % tensor.Type.Size));
    }

    [Fact]
    public void The_order_in_which_tensors_are_given_does_not_change_the_file()
    {
        TensorData[] tensors = [TensorData.Of("a", new(1), [1f]), TensorData.Of("b", new(1), [2f])];

        Assert.Equal(Written(tensors), Written([.. tensors.Reverse()]));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   """, 4, null)]
    [InlineData("""{"__metadata__":{"k":"v"}}""", 0, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "the file ends inside 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "end at byte")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' starts at byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "'b' starts at byte 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "'a' has shape [2] of F32, but its data_offsets span 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "span -4 bytes")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "'a' has dtype 'F8_E4M3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "the shape of 'a' holds a number out of range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "the shape of 'a' holds a number out of range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "more than any file holds")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967297],"data_offsets":[0,4]}}""", 4, "axis 0 of 'a' has size 4294967297")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "'a' needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"strides":[1]}}""", 4, "'a' has a field 'strides' too many")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' is twice")]
    [InlineData("""{"__metadata__":{"k":"v","k":"w"}}""", 0, "'k' is twice in the metadata")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "__metadata__.k is not a string")]
    [InlineData("""{"a":7}""", 0, "'a' is not an object")]
    [InlineData("""{"a":""", 0, "not valid JSON")]
    [InlineData("""{"\ud800":{}}""", 0, "not valid JSON")]
    [InlineData("""{} {}""", 0, "not valid JSON")]
    public void A_header_is_held_against_the_data(string header, int dataBytes, string? reason)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);

        if (reason is null)
        {
            Assert.Equal("safetensors", Checkpoint.Open(ByteSource.Of(file)).Format);
            return;
        }

        Assert.Contains(reason, Assert.Throws<WeightException>(() => Checkpoint.Open(ByteSource.Of(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_longer_than_the_file_or_the_limit_is_not_allocated()
    {
        Assert.Contains("ends inside the safetensors header", Refusal(1000), StringComparison.Ordinal);
        Assert.Contains("at most 100000000 are read", Refusal(ulong.MaxValue), StringComparison.Ordinal);

        static string Refusal(ulong length)
        {
            var file = new byte[64];
            BinaryPrimitives.WriteUInt64LittleEndian(file, length);
            file[8] = (byte)'{';
            return Assert.Throws<WeightException>(() => Checkpoint.Open(ByteSource.Of(file))).Message;
        }
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_nothing_else()
    {
        var file = Written([TensorData.Of("a.weight", new(2, 3), new float[6]), TensorData.Of("b", new(4), new Half[4])], ("k", "v"));

        Damage.AssertReadOrRefused(file, 800);
    }

    private static byte[] Written(TensorData[] tensors, params (string Key, string Value)[] metadata)
    {
        using var file = new MemoryStream();
        SafeTensors.Write(file, tensors, metadata.ToDictionary(pair => pair.Key, pair => pair.Value));
        return file.ToArray();
    }
}
