using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PaintRulesTests : IDisposable
{
    private readonly TinyCheckpoint _checkpoint = new();
    private readonly TempFolder _folder = new();
    private readonly ModelStore _store;

    public PaintRulesTests() => _store = new(_folder.Path, TimeProvider.System);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
        _checkpoint.Dispose();
    }

    [Fact]
    public void They_are_known_without_the_networks_and_are_those_of_the_painter()
    {
        var rules = PaintRules.Of(_checkpoint.Path, _store);
        using var painter = _checkpoint.Open();

        Assert.Equal(("tiny", painter.Multiple, painter.NaturalSide), (rules.Name, rules.Multiple, rules.NaturalSide));
        Assert.Equal(painter.Schedule, rules.Schedule);
    }

    [Fact]
    public void A_request_that_can_be_painted_passes_and_others_are_refused_in_words()
    {
        var rules = PaintRules.Of(_checkpoint.Path, _store);
        var request = new PaintRequest { Prompt = "a cat", Width = 16, Height = 12, Sampler = new() { Steps = 4 } };

        rules.Demand(request);

        Refused("a width of 15 pixels", request with { Width = 15 });
        Refused("1000 steps", request with { Sampler = new() { Steps = 1000 } });
        Refused("Ddim has no Karras", request with { Sampler = new() { Method = SamplerMethod.Ddim, IsKarras = true } });
        Refused("clip skip 0 is asked for; 1 to 2 is wanted.", request with { ClipSkip = 0 });
        Refused("clip skip 3 is asked for; 1 to 2 is wanted.", request with { ClipSkip = 3 });
        Refused("20000 characters", request with { Negative = new('a', 20_000) });

        void Refused(string part, PaintRequest wrong) => Assert.Contains(part, Assert.Throws<PaintException>(() => rules.Demand(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_checkpoint_is_told()
    {
        var error = Assert.Throws<ModelException>(() => PaintRules.Of(_folder.Write("a.safetensors", [1, 2, 3]), _store));

        Assert.Contains("a.safetensors", error.Message, StringComparison.Ordinal);
    }
}
