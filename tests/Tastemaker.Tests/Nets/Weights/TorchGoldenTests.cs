using System.Text.Json;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

/// <summary>Files that torch wrote, against the same tensors in safetensors. Values are stored, not computed: every comparison is exact.</summary>
[Trait("Kind", "golden")]
public sealed class TorchGoldenTests
{
    public static TheoryData<string> Folders => Goldens.Cases("mixed.safetensors", "must_refuse.pt");

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_torch_file_of_any_age_holds_what_its_safetensors_twin_holds(string folder)
    {
        var expected = Open(folder, "mixed.safetensors");
        foreach (var (file, format) in new[] { ("mixed_zip.pt", "torch"), ("mixed_zip_protocol4.pt", "torch"), ("mixed_legacy.pt", "torch-legacy") })
        {
            var checkpoint = Open(folder, file);

            Assert.Equal(format, checkpoint.Format);
            Assert.Equal("state_dict", checkpoint.Root);
            AssertSame(expected, checkpoint.Under(checkpoint.Root), file);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_plain_state_dict_holds_what_its_safetensors_twin_holds(string folder)
    {
        var checkpoint = Open(folder, "sequential_state_dict.pt");

        Assert.Equal("", checkpoint.Root);
        AssertSame(Open(folder, "sequential.safetensors"), checkpoint, "sequential_state_dict.pt");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Numbers_and_texts_beside_the_tensors_are_metadata(string folder)
    {
        var notes = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "notes.json"))).RootElement.GetProperty("scalars");
        var metadata = Open(folder, "mixed_zip.pt").Metadata;

        foreach (var name in new[] { "global_step", "epoch", "lr", "big", "neg" })
        {
            Assert.Equal(notes.GetProperty(name).GetDouble(), double.Parse(metadata[name], System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(notes.GetProperty("unicode").GetString(), metadata["unicode"]);
        Assert.Equal("True", metadata["flag"]);
        Assert.Equal("4", metadata["list.3.1"]);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_lone_tensor_and_a_list_have_names_too(string folder)
    {
        Assert.Equal([Checkpoint.Bare], Open(folder, "bare_tensor.pt").Tensors.Keys);
        Assert.Equal(["0", "1"], Open(folder, "list.pt").Tensors.Keys);
        Assert.Equal(ElementType.I64, Open(folder, "list.pt").Tensors["1"].Type);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_file_that_would_run_a_program_is_refused_by_what_it_would_run(string folder)
    {
        var error = Assert.Throws<WeightException>(() => Open(folder, "must_refuse.pt"));

        Assert.Equal("'posix.system' is not a name that a checkpoint may use; the file was not opened.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_module_with_its_code_is_refused_by_its_class(string folder)
    {
        var error = Assert.Throws<WeightException>(() => Open(folder, "whole_module.pt"));

        Assert.StartsWith("'torch.nn.modules.container.Sequential' is not a name that a checkpoint may use", error.Message, StringComparison.Ordinal);
        Assert.Contains("state_dict()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_embeddings_hold_what_their_safetensors_twins_hold()
    {
        var folder = Goldens.Folders("aesthetic_embeddings", "aesthetic_embeddings.safetensors").FirstOrDefault();
        Assert.SkipWhen(folder is null, "the published aesthetic embeddings are not here; TASTE_GOLDEN can name a folder that has them.");
        var expected = Open(folder, "aesthetic_embeddings.safetensors");

        foreach (var name in expected.Tensors.Keys)
        {
            var embedding = Open(folder, $"aesthetic_embeddings/{name}");

            Assert.Equal(expected.Tensors[name].Shape, embedding.Tensors[Checkpoint.Bare].Shape);
            Assert.Equal(expected.Floats(name), embedding.Floats(Checkpoint.Bare));
        }
    }

    private static void AssertSame(Checkpoint expected, Checkpoint actual, string file)
    {
        Assert.Equal(expected.Tensors.Keys.Order(StringComparer.Ordinal), actual.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in expected.Tensors)
        {
            // Only float64 is stored as float32 in the twin.
            Assert.Equal(name == "f64" ? ElementType.F64 : tensor.Type, actual.Tensors[name].Type);
            Assert.Equal(tensor.Shape, actual.Tensors[name].Shape);
            Assert.True(expected.Floats(name).AsSpan().SequenceEqual(actual.Floats(name)), $"'{name}' of {file} holds other numbers.");
        }
    }

    private static Checkpoint Open(string folder, string file) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, file))));
}
