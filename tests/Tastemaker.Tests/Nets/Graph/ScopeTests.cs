using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Graph;

public sealed class ScopeTests
{
    private readonly Dictionary<string, StoredTensor> _weights = new()
    {
        ["mlp.fc1.weight"] = new("mlp.fc1.weight", ElementType.F32, new(8, 4), 0),
        ["mlp.fc1.bias"] = new("mlp.fc1.bias", ElementType.F32, new(8), 128),
    };

    [Fact]
    public void A_wrong_shape_names_the_weight_and_both_shapes()
    {
        var error = Assert.Throws<WeightException>(() => new Scope(_weights)["mlp"]["fc1"].Weight("weight", 4, 8));
        Assert.Equal("'mlp.fc1.weight' has shape [8, 4] in the checkpoint; the network wants [4, 8].", error.Message);
    }

    [Fact]
    public void Weights_nobody_asked_for_are_listed()
    {
        var scope = new Scope(_weights);
        scope["mlp"]["fc1"].Weight("bias", 8);
        Assert.Equal(["mlp.fc1.weight"], scope.Unused);
    }

    [Fact]
    public void A_network_over_an_empty_checkpoint_names_the_first_weight_it_lacks()
    {
        var stack = new ClipTransformer.Config(Width: 768, Layers: 12, Heads: 12, Inner: 3072, Tokens: 77, Activation.QuickGelu, IsCausal: true);
        var error = Assert.Throws<WeightException>(() =>
            ClipText.Build(new Scope(new Dictionary<string, StoredTensor>()), new(49408, 768, stack), Node.In("ids", ElementType.I64, -1, 77)));
        Assert.StartsWith("'text_model.embeddings.token_embedding.weight' is not in the checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_asked_for_twice_is_one_node()
    {
        var scope = new Scope(_weights);
        Assert.Same(scope["mlp"]["fc1"].Weight("bias", 8), scope["mlp"]["fc1"].Weight("bias", 8));
    }
}
