using System.Text.Json;
using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

public sealed class ModelImportTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ModelStore _store;

    public ModelImportTests()
    {
        _store = new(_folder["models"], TimeProvider.System);
    }

    public static TheoryData<string> EncoderFolders => Goldens.Cases("golden.safetensors", "hf/config.json");

    public static TheoryData<string> ScoreCases => Goldens.Cases("expected.json", "encoder/model.safetensors");

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_linear_head_is_taken_in_with_the_space_that_its_file_names()
    {
        var file = _folder.Write("My Head.safetensors", TinyModels.LinearHead(768, clipModel: "ViT-L/14"));

        var model = Import(file);

        Assert.Equal(("my-head", ModelKind.Head, "linear", "unknown"), (model.Name, model.Kind, model.Layout, model.Licence));
        Assert.Equal(new FeatureSpace("clip-vit-l-14", 768), model.Space);
        Assert.Equal(file, model.Source);
        Assert.Equivalent(model, Assert.Single(_store.List().Models), strict: true);
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(model.PathOf("weights.safetensors")!));
        Assert.True(_store.Verify("my-head", null, CancellationToken.None).Passed);
    }

    [Fact]
    public void A_head_that_names_no_encoder_is_undeclared_unless_the_user_declares_it()
    {
        var file = _folder.Write("head.safetensors", TinyModels.LinearHead(512));

        Assert.Equal(new FeatureSpace(null, 512), Import(file).Space);
        Assert.Equal(new FeatureSpace("clip-vit-b-32", 512), Import(file, name: "declared", space: "ViT-B/32").Space);
        Assert.Equal(new FeatureSpace("my-own", 512), Import(file, name: "own", space: "my-own").Space);
    }

    [Fact]
    public void A_declared_space_of_another_size_is_refused()
    {
        var file = _folder.Write("head.safetensors", TinyModels.LinearHead(512));

        var e = Assert.Throws<ModelException>(() => Import(file, space: "clip-vit-l-14"));

        Assert.Equal("the space 'clip-vit-l-14' has 768 dimensions; this file is a head for 512-d vectors.", e.Message);
    }

    [Theory]
    [InlineData(768)]
    [InlineData(1, 768)]
    public void A_lone_vector_is_an_embedding(params int[] axes)
    {
        var model = Import(_folder.Write("v.safetensors", TinyModels.Embedding(axes)));

        Assert.Equal((ModelKind.Embedding, "vector", 768), (model.Kind, model.Layout, model.Space.Dimensions));
    }

    [Fact]
    public void A_folder_gives_what_belongs_to_the_encoder_and_nothing_else()
    {
        _folder.Write("clip/model.safetensors", TinyModels.HuggingFaceClip(768));
        _folder.Write("clip/pytorch_model.bin", [1, 2, 3]);
        foreach (var name in new[] { "config.json", "vocab.json", "merges.txt", "bpe_small.txt.gz", "README.md", "evil.exe" })
        {
            _folder.Write($"clip/{name}", [7]);
        }

        var model = Import(_folder["clip"]);

        Assert.Equal(("clip", "hugging-face", new FeatureSpace(null, 768)), (model.Name, model.Layout, model.Space));
        Assert.Equal(["bpe_small.txt.gz", "config.json", "merges.txt", "vocab.json", "weights.safetensors"], model.Files.Select(f => f.Name).Order());
        Assert.Equal([.. model.Files.Select(f => f.Name).Append("model.json").Order()], Directory.GetFiles(model.Folder).Select(f => Path.GetFileName(f)).Order());
    }

    [Theory]
    [InlineData("openai", "model.safetensors", "config.json", "input_resolution")]
    [InlineData("open-clip", "open_clip_model.safetensors", "open_clip_config.json", "logit_scale")]
    [InlineData("open-clip", "model.safetensors", "open_clip_config.json", "input_resolution")]
    public void OpenAis_names_are_an_encoder_too(string layout, string weights, string config, string extra)
    {
        var folder = $"{layout}-{extra}";
        _folder.Write($"{folder}/{weights}", TinyModels.OpenAiClip(24, extra));
        _folder.Write($"{folder}/{config}", "{}"u8.ToArray());

        var model = Import(_folder[folder]);

        Assert.Equal((ModelKind.Encoder, layout, 24), (model.Kind, model.Layout, model.Space.Dimensions));
        Assert.NotNull(model.PathOf(config));
    }

    [Fact]
    public void With_a_name_several_paths_are_one_model()
    {
        var weights = _folder.Write("a/ViT.safetensors", TinyModels.OpenAiClip(24, "logit_scale"));
        var vocabulary = _folder.Write("b/bpe_simple_vocab_16e6.txt.gz", [1]);

        var model = _store.Import([weights, vocabulary], new("both"), CancellationToken.None);

        Assert.Equal(["bpe_simple_vocab_16e6.txt.gz", "weights.safetensors"], model.Files.Select(f => f.Name).Order());
    }

    [Fact]
    public void The_same_file_again_changes_nothing_and_another_is_refused()
    {
        var first = Import(_folder.Write("head.safetensors", TinyModels.LinearHead(768)));

        Assert.Equal(first.Installed, Import(_folder["head.safetensors"]).Installed);
        var e = Assert.Throws<ModelException>(() => Import(_folder.Write("HEAD.safetensors", TinyModels.LinearHead(768, first: 2))));

        Assert.Contains("there is another model 'head'", e.Message, StringComparison.Ordinal);
        Assert.Single(_store.List().Models);
    }

    [Fact]
    public void A_published_name_is_for_its_own_weights()
    {
        var head = _folder.Write("head.safetensors", TinyModels.LinearHead(768));
        var clip = _folder.Write("clip.safetensors", TinyModels.HuggingFaceClip(768));

        Assert.Contains("'asv2' is the name of a published model", Assert.Throws<ModelException>(() => Import(head, name: "asv2")).Message, StringComparison.Ordinal);
        Assert.Contains("this file is not it: it is a CLIP encoder", Assert.Throws<ModelException>(() => Import(clip, name: "clip-vit-l-14")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../climbing")]
    [InlineData("a/b")]
    [InlineData("con")]
    public void A_name_that_is_none_is_refused(string name)
    {
        var file = _folder.Write("head.safetensors", TinyModels.LinearHead(768));

        Assert.Throws<ModelException>(() => Import(file, name: name));
        Assert.False(Directory.Exists(_folder["models"]));
    }

    [Fact]
    public void A_painter_is_named_and_refused()
    {
        var file = _folder.Write("sd.safetensors", TinyModels.SafeTensors(1, null, ("model.diffusion_model.input_blocks.0.0.weight", [4])));
        _folder.Write("pipeline/model_index.json", [1]);

        Assert.Contains("it is a painter", Assert.Throws<ModelException>(() => Import(file)).Message, StringComparison.Ordinal);
        Assert.Contains("is a painter", Assert.Throws<ModelException>(() => Import(_folder["pipeline"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>not found</html>")]
    [InlineData("x")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")]
    public void What_is_no_checkpoint_is_refused_and_leaves_nothing(string content)
    {
        var file = _folder.Write("x.pth", System.Text.Encoding.UTF8.GetBytes(content));

        var e = Assert.Throws<ModelException>(() => Import(file));

        Assert.StartsWith($"'{file}' cannot be taken in: ", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["models"]));
    }

    [Fact]
    public void A_vector_longer_than_any_encoder_gives_is_refused()
    {
        var file = _folder.Write("x.safetensors", TinyModels.Embedding(65_537));

        Assert.Contains("at most 65536 numbers", Assert.Throws<ModelException>(() => Import(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_something_else_says_what_was_found()
    {
        var file = _folder.Write("x.safetensors", TinyModels.SafeTensors(1, null, ("conv.kernel", [3, 3]), ("other", [2])));

        Assert.Contains("its 2 tensors begin with 'conv.kernel', 'other'", Assert.Throws<ModelException>(() => Import(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vision_tower_that_contradicts_itself_is_refused()
    {
        var file = _folder.Write("x.safetensors", TinyModels.HuggingFaceClip(768, layers: 0));

        Assert.Contains("contradicts itself", Assert.Throws<ModelException>(() => Import(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_empty_and_ambiguous_paths_are_told_apart()
    {
        _folder.Write("many/a.pt", [1]);
        _folder.Write("many/b.pt", [1]);
        Directory.CreateDirectory(_folder["none"]);

        Assert.StartsWith("there is no file or folder", Refusal(_folder["nowhere"]), StringComparison.Ordinal);
        Assert.Contains("is empty, or not a file", Refusal(_folder.Write("empty.pt", [])), StringComparison.Ordinal);
        Assert.Contains("holds 2 checkpoints (a.pt, b.pt", Refusal(_folder["many"]).Replace("b.pt, a.pt", "a.pt, b.pt", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("holds no checkpoint", Refusal(_folder["none"]), StringComparison.Ordinal);

        string Refusal(string path) => Assert.Throws<ModelException>(() => Import(path)).Message;
    }

    [Fact]
    public void Links_to_files_are_followed_and_copied_and_others_are_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        var blob = _folder.Write("blobs/0123abcd", TinyModels.HuggingFaceClip(768));
        Directory.CreateDirectory(_folder["snapshot"]);
        File.CreateSymbolicLink(_folder["snapshot/model.safetensors"], "../blobs/0123abcd");
        File.CreateSymbolicLink(_folder["broken.safetensors"], "nowhere");
        File.CreateSymbolicLink(_folder["device.safetensors"], "/dev/zero");

        var model = Import(_folder["snapshot"]);

        var copy = model.PathOf("weights.safetensors")!;
        Assert.Null(new FileInfo(copy).LinkTarget);
        Assert.Equal(File.ReadAllBytes(blob), File.ReadAllBytes(copy));
        Assert.Throws<ModelException>(() => Import(_folder["broken.safetensors"]));
        Assert.Throws<ModelException>(() => Import(_folder["device.safetensors"]));
    }

    [Fact]
    public void A_cancelled_import_leaves_nothing()
    {
        var file = _folder.Write("head.safetensors", TinyModels.LinearHead(768));

        Assert.ThrowsAny<OperationCanceledException>(() => _store.Import([file], new(), new CancellationToken(canceled: true)));
        Assert.Empty(_store.List().Models);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(EncoderFolders))]
    public void Reference_encoders_are_recognised_in_every_layout(string folder)
    {
        var dimensions = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "hf/config.json"))).RootElement.GetProperty("projection_dim").GetInt32();
        string[] layouts = ["hf", "openai", "open_clip"];

        foreach (var layout in layouts.Where(l => Directory.Exists(Path.Combine(folder, l))))
        {
            var model = Import(Path.Combine(folder, layout));

            Assert.Equal(layout switch { "hf" => "hugging-face", "openai" => "openai", _ => "open-clip" }, model.Layout);
            Assert.Equal((ModelKind.Encoder, new FeatureSpace(null, dimensions)), (model.Kind, model.Space));
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(ScoreCases))]
    public void The_published_heads_take_vectors_of_an_undeclared_encoder_of_their_size(string folder)
    {
        var encoder = Import(Path.Combine(folder, "encoder"), name: "tiny");

        var known = ModelManifest.BuiltIn.Models.Where(m => m.Name is "asv1" or "asv2" or "csv1").ToList();
        Assert.All(known, head =>
        {
            Assert.True(ModelManifest.BuiltIn.SpaceOf(head).Accepts(encoder.Space, out var doubt, out _));
            Assert.NotNull(doubt);
        });
        Assert.Equal(["config.json", "preprocessor_config.json", "weights.safetensors"], encoder.Files.Select(f => f.Name).Order());
    }

    [Theory]
    [InlineData("asv1/sa_0_4_vit_l_14_linear.pth", "asv1", "linear")]
    [InlineData("asv1/sa_0_4_vit_b_32_linear.pth", "asv1-b-32", "linear")]
    [InlineData("asv1/sa_0_4_vit_b_16_linear.pth", "asv1-b-16", "linear")]
    [InlineData("asv2/sac+logos+ava1-l14-linearMSE.pth", "asv2", "layers")]
    [InlineData("asv2/ava+logos-l14-linearMSE.pth", "ava-logos-linear", "layers")]
    [InlineData("asv2/ava+logos-l14-reluMSE.pth", "ava-logos-relu", "layers")]
    [InlineData("sdchad/chadscorer.pth", "csv1", "layers")]
    [InlineData("aesthetic-training/sac+logos+ava1-l14-linearMSE.safetensors", "asv2", "layers")]
    [InlineData("aesthetic_embeddings/aivazovsky.pt", "aesthetic-aivazovsky", "vector")]
    [InlineData("aesthetic_embeddings/sac_8plus.pt", "aesthetic-sac_8plus", "vector")]
    public void Published_files_are_known_by_their_checksum(string file, string name, string layout)
    {
        var copy = _folder.Write($"downloads/file{Path.GetExtension(file)}", File.ReadAllBytes(Goldens.UpstreamFile(file)));
        var known = ModelManifest.BuiltIn.Find(name)!;

        var model = Import(copy);
        var renamed = Import(copy, name: "chosen");

        Assert.Equal((name, name, layout, known.Licence), (model.Name, model.KnownAs, model.Layout, model.Licence));
        Assert.Equal(known.Layout, model.Layout);
        Assert.Equal(ModelManifest.BuiltIn.SpaceOf(known), model.Space);
        Assert.Equal(("chosen", name, known.Licence), (renamed.Name, renamed.KnownAs, renamed.Licence));
        Assert.Contains("Leave --space out", Assert.Throws<ModelException>(() => Import(copy, name: "x", space: "mine")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_published_model_under_a_name_of_its_own_answers_to_both()
    {
        var model = Import(Goldens.UpstreamFile("sdchad/chadscorer.pth"), name: "chad");

        Assert.Equivalent(model, _store.Show("csv1"), strict: true);
        Assert.Equivalent(model, _store.Show("chad"), strict: true);
    }

    [Fact]
    public void LAIONs_rating_embeddings_are_taken_in()
    {
        var model = Import(Goldens.UpstreamFile("asv1/vit_b_32_embeddings/rating9.npy"), space: "ViT-B/32");

        Assert.Equal(("rating9", ModelKind.Embedding, new FeatureSpace("clip-vit-b-32", 512)), (model.Name, model.Kind, model.Space));
    }

    private Model Import(string path, string? name = null, string? space = null) =>
        _store.Import([path], new(name, space), CancellationToken.None);
}
