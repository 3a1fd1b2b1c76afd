using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Core.Painting.Aesthetics;

public sealed class AestheticTargetTests
{
    /// <summary>The embeddings that the original published: [768] and [1, 768], F16 and F32, of processors and GPUs.</summary>
    [Fact]
    public void Every_published_embedding_is_a_direction_of_length_1()
    {
        var folder = Goldens.Folders("aesthetic_embeddings", "aesthetic_embeddings.safetensors").FirstOrDefault();
        Assert.SkipWhen(folder is null, "the published aesthetic embeddings are not here; TASTE_GOLDEN can name a folder of them.");
        var expected = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "aesthetic_embeddings.safetensors"))));
        var files = Directory.GetFiles(Path.Combine(folder, "aesthetic_embeddings"), "*.pt");

        Assert.Equal(expected.Tensors.Count, files.Length);
        Assert.All(files, file =>
        {
            var target = AestheticTarget.OfFile(file);
            var numbers = expected.Floats(Path.GetFileName(file));
            var length = (float)Math.Sqrt(numbers.Sum(x => (double)x * x));
            Tensors.AssertClose([.. numbers.Select(x => x / length)], target.Vector, 1e-7f, target.Name);
            Assert.Equal(new(null, 768), target.Space);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_of_any_float_type_is_read(bool isHalf)
    {
        using var folder = new TempFolder();
        var path = folder["a.safetensors"];
        using (var stream = File.Create(path))
        {
            SafeTensors.Write(stream, [isHalf ? TensorData.Of("e", new(1, 2), new[] { (Half)3, (Half)4 }.AsSpan()) : TensorData.Of("e", new(2), new[] { 3f, 4f }.AsSpan())]);
        }

        Tensors.AssertClose([0.6f, 0.8f], AestheticTarget.OfFile(path).Vector, 1e-7f, "vector");
    }

    [Theory]
    [InlineData(new[] { 2, 2 }, 1, "one vector of floats, [d] or [1, d], is wanted")]
    [InlineData(new[] { 1 }, 1, "one vector of floats")]
    [InlineData(new[] { 4 }, 0, "a direction, of finite numbers that are not all zero")]
    [InlineData(new[] { 4 }, float.NaN, "a direction, of finite numbers")]
    public void What_is_no_direction_is_refused(int[] axes, float fill, string message)
    {
        using var folder = new TempFolder();
        var path = folder["a.safetensors"];
        using (var stream = File.Create(path))
        {
            SafeTensors.Write(stream, [TensorData.Of("e", new(axes), Enumerable.Repeat(fill, axes.Aggregate((a, b) => a * b)).ToArray().AsSpan())]);
        }

        Assert.Contains(message, Assert.Throws<ModelException>(() => AestheticTarget.OfFile(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_checkpoint_is_named()
    {
        using var folder = new TempFolder();

        Assert.Contains("cannot be read as an aesthetic", Assert.Throws<ModelException>(() => AestheticTarget.OfFile(folder.File("a.pt"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read as an aesthetic", Assert.Throws<ModelException>(() => AestheticTarget.OfFile(folder["none.pt"])).Message, StringComparison.Ordinal);
    }
}
