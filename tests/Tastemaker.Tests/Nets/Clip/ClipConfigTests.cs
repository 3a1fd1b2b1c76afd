using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Clip;

public sealed class ClipConfigTests
{
    private static readonly Dictionary<string, StoredTensor> Weights = new (string Name, Shape Shape)[]
    {
        ("vision_model.embeddings.patch_embedding.weight", new(128, 3, 14, 14)), ("vision_model.embeddings.position_embedding.weight", new(17, 128)),
        ("visual_projection.weight", new(48, 128)), ("vision_model.encoder.layers.0.mlp.fc1.weight", new(512, 128)),
        ("vision_model.encoder.layers.11.mlp.fc1.weight", new(512, 128)),
    }.ToDictionary(w => w.Name, w => new StoredTensor(w.Name, ElementType.F32, w.Shape, 0));

    [Fact]
    public void Shapes_tell_what_a_tower_is()
    {
        var vision = ClipConfig.From(Weights).Vision!;

        Assert.Equal(new(Size: 56, Patch: 14, Dims: 48, new(128, 12, Heads: 2, 512, 17, Activation.QuickGelu, IsCausal: false)), vision);
    }

    [Fact]
    public void A_config_adds_heads_and_activation()
    {
        var stack = ClipConfig.From(Weights, """{"vision_config": {"num_attention_heads": 8, "hidden_act": "gelu", "hidden_size": 128}}""").Vision!.Stack;

        Assert.Equal((8, Activation.Gelu), (stack.Heads, stack.Activation));
    }

    [Theory]
    [InlineData("""{"vision_config": {"hidden_size": 1024}}""", "config.json says vision width 1024, the weights have 128; they do not belong together.")]
    [InlineData("""{"embed_dim": 512, "vision_cfg": {"layers": 12}}""", "config.json says projection 512, the weights have 48; they do not belong together.")]
    [InlineData("""{"vision_config": {"hidden_act": "relu"}}""", "config.json says hidden_act 'relu'; CLIP towers have quick_gelu or gelu.")]
    [InlineData("""{"vision_config": {"num_attention_heads": 5}}""", "5 heads do not divide the vision_model's width 128; a config.json beside the checkpoint would say how many there are.")]
    public void A_config_that_contradicts_the_weights_is_refused_with_both(string json, string message) =>
        Assert.Equal(message, Assert.Throws<WeightException>(() => ClipConfig.From(Weights, json)).Message);

    [Theory]
    [InlineData("{")]
    [InlineData("""{"vision_config": {"hidden_act": 3}}""")]
    public void A_config_of_another_kind_is_refused_by_what_is_wrong(string json) =>
        Assert.StartsWith("config.json", Assert.Throws<WeightException>(() => ClipConfig.From(Weights, json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"res": 56, "layout": "openai"}""")]
    public void A_config_that_says_nothing_changes_nothing(string json) => Assert.Equal(ClipConfig.From(Weights), ClipConfig.From(Weights, json));

    [Fact]
    public void What_is_no_clip_is_named()
    {
        var error = Assert.Throws<WeightException>(() => ClipConfig.From(new Dictionary<string, StoredTensor>()));
        Assert.Contains("it is no CLIP in the layout of OpenAI, Hugging Face or open_clip", error.Message, StringComparison.Ordinal);
    }
}
