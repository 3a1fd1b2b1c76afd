using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Preference;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Demo;

/// <summary>How well a model foretells choices that it has not seen, after learning from some.</summary>
/// <param name="HeldOut">Counted on the choices that were kept out.</param>
/// <param name="Expected">The same for endlessly many choices between the same images, which only a simulated person allows.</param>
internal sealed record CurvePoint(int Choices, Agreement HeldOut, double Expected);

/// <summary>
/// The experiment: a third of the images is kept out with all choices between them; the rest is learned from, more and more of it.
/// The last point of the curve has learned from all.
/// </summary>
internal sealed record Study(IReadOnlyList<CurvePoint> Curve, double[] Scores, double Ceiling, int Learned, int KeptOut)
{
    private static readonly double[] Shares = [0.06, 0.12, 0.25, 0.5, 0.75, 1];

    public static Study Make(Picture[] pictures, SimulatedPerson person, DemoOptions options, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var dice = new Dice(Dice.Mix(options.Seed + 17));
        var order = Enumerable.Range(0, pictures.Length).OrderBy(_ => dice.Bits()).ToArray();
        int[] keptOut = order[..(pictures.Length / 3)], learned = order[(pictures.Length / 3)..];
        var tests = Judge(keptOut, options.Choices / 4, person, dice);
        var lessons = Judge(learned, options.Choices - tests.Count, person, dice);

        var features = TasteFeatures.Of(UnitVectors.Of([.. pictures.Select(p => p.Features)]), [], _ => default, cancel);
        var curve = new List<CurvePoint>();
        double[] scores = [];
        foreach (var (step, share) in Shares.Index())
        {
            progress?.Report(new Progress("Learning", step, Shares.Length));
            var part = lessons.Take(Math.Max(4, (int)Math.Round(share * lessons.Count))).ToList();
            var seen = part.Select(c => c.IsLeft ? Observation.Choice(c.Left, c.Right) : Observation.Choice(c.Right, c.Left)).ToList();
            scores = [.. TasteModel.Learn(features, seen, null, cancel).Means.Select(mean => (double)mean)];
            var agreed = tests.Count(t => scores[t.Left] > scores[t.Right] == t.IsLeft);
            curve.Add(new CurvePoint(part.Count, new Agreement(agreed, tests.Count), Expected(keptOut, scores, person)));
        }

        progress?.Report(new Progress("Learning", Shares.Length, Shares.Length));
        return new Study(curve, scores, person.AgreementWithSelf, lessons.Count, tests.Count);
    }

    private static List<Choice> Judge(int[] images, int count, SimulatedPerson person, Dice dice)
    {
        var choices = new List<Choice>(count);
        while (choices.Count < count)
        {
            int left = images[dice.Below(images.Length)], right = images[dice.Below(images.Length)];
            if (left != right)
            {
                choices.Add(person.Choose(left, right));
            }
        }

        return choices;
    }

    private static double Expected(int[] images, double[] scores, SimulatedPerson person)
    {
        var sum = 0.0;
        var pairs = 0;
        for (var i = 1; i < images.Length; i++)
        {
            for (var j = 0; j < i; j++, pairs++)
            {
                var wins = person.Wins(images[i], images[j]);
                sum += scores[images[i]] > scores[images[j]] ? wins : 1 - wins;
            }
        }

        return sum / pairs;
    }
}

/// <summary>One judgement: which of two pictures won.</summary>
internal readonly record struct Choice(int Left, int Right, bool IsLeft);
