using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Taste;

namespace Tastemaker.Tests.Core.Benchmarks;

public sealed class SimulatedTasteTests
{
    [Fact]
    public void A_person_repeats_76_percent_of_choices_and_features_explain_85_hundredths()
    {
        var person = new SimulatedTaste(300, 4);
        var dice = new Random(1);
        int alike = 0, all = 0;
        while (all < 20_000)
        {
            var (a, b) = (dice.Next(300), dice.Next(300));
            if (a != b)
            {
                alike += person.Prefers(a, b) == person.Prefers(a, b) ? 1 : 0;
                all++;
            }
        }

        Assert.Equal(SimulatedTaste.Repeatability, (double)alike / all, 0.015); // four deviations of 20 000 draws, and of the pairs that set the scale
        Assert.Equal(1, person.Agreement([.. person.Utilities.Select(u => (float)u)]), 6);
    }

    [Fact]
    public void A_head_agrees_with_the_person_as_far_as_is_asked()
    {
        var person = new SimulatedTaste(300, 4);
        var features = person.Features(0.6);
        var head = Enumerable.Range(0, 300).Select(i => (double)features[i][features.Width - 1]).ToArray();
        Assert.Equal(0.6, Correlation.Spearman(head, person.Utilities)!.Value, 0.01);
    }
}
