using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Graph;

public sealed class OnnxTests
{
    [Fact]
    public void The_same_graph_gives_the_same_bytes() => Assert.Equal(Write().Bytes, Write().Bytes);

    [Fact]
    public void A_shared_value_is_written_once()
    {
        var x = Node.In("x", ElementType.F32, -1, 4);
        var twice = x.Add(x);
        var described = Onnx.Describe(new Dictionary<string, Node> { ["y"] = twice.Mul(twice) });
        Assert.Equal("x = Input() F32 [N, 4]\nAdd_1 = Add(x, x) F32 [N, 4]\ny = Mul(Add_1, Add_1) F32 [N, 4]", described);
    }

    [Fact]
    public void Weights_are_named_for_the_session_to_hand_over() => Assert.Equal(["fc.weight", "fc.bias"], Write().Weights.Select(w => w.Name));

    private static OnnxModel Write()
    {
        var scope = new Scope(new Dictionary<string, StoredTensor>
        {
            ["fc.weight"] = new("fc.weight", ElementType.F32, new(2, 4), 0),
            ["fc.bias"] = new("fc.bias", ElementType.F32, new(2), 32),
        });
        return Onnx.Write(new Dictionary<string, Node> { ["y"] = Node.In("x", ElementType.F32, -1, 4).Linear(scope["fc"], 2) });
    }
}
