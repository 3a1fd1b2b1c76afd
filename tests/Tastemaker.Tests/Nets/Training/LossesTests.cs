using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;

namespace Tastemaker.Tests.Nets.Training;

public sealed class LossesTests
{
    public static TheoryData<string> Files => GoldenMath.Files("margin_ranking");

    [Theory]
    [Trait("Kind", "golden")]
    [MemberData(nameof(Files))]
    public void The_margin_loss_is_that_of_the_reference(string file)
    {
        var golden = GoldenMath.Section(file, "margin_ranking");
        var outputs = golden.GetProperty("outputs").EnumerateArray().Select(n => n.GetSingle()).ToArray();
        var targets = golden.GetProperty("targets").EnumerateArray().Select(n => n.GetSingle()).ToArray();
        var half = outputs.Length / 2;
        var signs = Enumerable.Range(0, half).Select(i => (float)Math.Sign(targets[i] - targets[half + i])).ToArray();
        Node a = Node.In("a", ElementType.F32, half), b = Node.In("b", ElementType.F32, half), sign = Node.In("sign", ElementType.F32, half);

        var loss = Run(a.MarginRanking(b, sign, golden.GetProperty("margin").GetDouble()), ("a", outputs[..half]), ("b", outputs[half..]), ("sign", signs));

        Assert.Equal(golden.GetProperty("loss").GetDouble(), loss, 1e-6); // float32 of sums below 10.
    }

    [Fact]
    public void Without_signs_the_first_of_two_is_the_better()
    {
        Node a = Node.In("a", ElementType.F32, 3), b = Node.In("b", ElementType.F32, 3);

        // Leads of 2, 0.5 and -1 fall short of 1 by 0, 0.5 and 2.
        Assert.Equal(2.5 / 3, Run(a.MarginRanking(b, null, 1), ("a", [3, 1, 0]), ("b", [1, 0.5f, 1])), 1e-6);
    }

    private static float Run(Node loss, params (string Name, float[] Values)[] inputs)
    {
        using var session = IteratedSession.Load(new Dictionary<string, Node> { ["loss"] = loss }, [], name => name, _ => [], "loss", SessionPlace.Processor, TestContext.Current.CancellationToken);
        foreach (var (name, values) in inputs)
        {
            session.Set<float>(name, values, values.Length);
        }

        return session.Run(TestContext.Current.CancellationToken)[0];
    }
}
