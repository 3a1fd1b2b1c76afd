using Tastemaker.Core.Demo;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Tests.Core.Demo;

public sealed class SimulatedPersonTests
{
    private const int Count = 60;

    private static readonly List<(AbstractPrompt, float[])> Pictures = Draw();

    [Fact]
    public void The_same_pair_is_judged_alike_three_times_in_four()
    {
        var person = new SimulatedPerson(Pictures, 3);
        double alike = 0, own = 0;
        const int Trials = 20_000;
        for (var i = 0; i < Trials; i++)
        {
            int left = i * 7 % Count, right = (left + 1 + (i % (Count - 1))) % Count;
            alike += person.Choose(left, right).IsLeft == person.Choose(left, right).IsLeft ? 1 : 0;
            own += person.Choose(left, right).IsLeft == person.Wins(left, right) > 0.5 ? 1 : 0;
        }

        // Deviation of a share over 20 000 trials: 0.003.
        Assert.Equal(SimulatedPerson.Repeatability, alike / Trials, 0.012);
        Assert.Equal(person.AgreementWithSelf, own / Trials, 0.012);
    }

    [Fact]
    public void Persons_differ_by_seed_and_stay_themselves()
    {
        SimulatedPerson one = new(Pictures, 1), same = new(Pictures, 1), other = new(Pictures, 2);

        var pairs = Enumerable.Range(0, Count - 1).ToList();
        Assert.All(pairs, i => Assert.Equal(one.Wins(i, i + 1), same.Wins(i, i + 1)));
        Assert.Contains(pairs, i => one.Wins(i, i + 1) > 0.5 != other.Wins(i, i + 1) > 0.5);
        Assert.All(pairs, i => Assert.Equal(1, one.Wins(i, i + 1) + one.Wins(i + 1, i), 1e-12));
    }

    private static List<(AbstractPrompt, float[])> Draw()
    {
        var dice = new Dice(2);
        return [.. Enumerable.Range(0, Count).Select(i =>
            (AbstractPrompt.Draw((ulong)i), Enumerable.Range(0, GistEncoder.Dimensions).Select(_ => dice.Bell()).ToArray()))];
    }
}
