using System.Globalization;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Benchmarks;

/// <summary>
/// How few choices a simulated person has to make: the taste model with its own pairs, the same with random pairs, the same with a
/// head to start from, and Elo as the reference has it, on the same images and people.
/// </summary>
public static class JudgeBenchmark
{
    private const int EloChoices = 6; // an image
    private const double HeadAgreement = 0.6;
    private const int CoverageImages = 100, CoverageChoices = 250;

    private static readonly (int Images, double[] At)[] Studios = [(1000, [0.5, 1, 2.3]), (200, [0.5, 1, 2, 3.2])];

    /// <param name="seeds">People, and images, of each kind; ten times as many for the interval's coverage.</param>
    public static IReadOnlyList<Measurement> Run(int seeds, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var results = new List<Measurement>();
        var steps = (Studios.Length * seeds) + (10 * seeds);
        var done = 0;
        var claims = new List<Claim>();
        foreach (var (images, at) in Studios)
        {
            var trials = InParallel(seeds, seed =>
            {
                var trial = Trial.Of(images, at, seed, cancel);
                progress?.Report(new("judging", Interlocked.Increment(ref done), steps));
                return trial;
            }, cancel);
            results.AddRange(Lines(images, at, trials));
            claims.AddRange(trials.SelectMany(t => t.Claims));
        }

        var covered = InParallel(10 * seeds, seed =>
        {
            var isCovered = Covers(seed);
            progress?.Report(new("judging", Interlocked.Increment(ref done), steps));
            return isCovered;
        }, cancel);
        results.Add(new("claims of 65 to 75 %: claimed", 100 * claims.Average(c => c.Claimed), "%"));
        results.Add(new("claims of 65 to 75 %: right", 100 * claims.Average(c => c.Right), "%"));
        results.Add(new("held-out interval covers the truth", 100.0 * covered.Count(c => c) / covered.Length, $"% of {covered.Length} people"));
        return results;
    }

    private static IEnumerable<Measurement> Lines(int images, double[] at, Trial[] trials)
    {
        yield return new($"{images} images, Elo, {EloChoices} an image", trials.Average(t => t.Elo), "rho");
        foreach (var (step, budget) in at.Index())
        {
            var ours = Invariant($"{images} images, taste model, {budget:0.0} an image");
            yield return new(ours, trials.Average(t => t.Ours[step]), Invariant($"rho ({trials.Average(t => t.Shown[step]):0.00} an image shown, with those kept out)"));
            yield return new(Invariant($"{images} images, random pairs, {budget:0.0} an image"), trials.Average(t => t.Random[step]), Invariant($"rho (ours is better by {trials.Average(t => t.Ours[step] - t.Random[step]):0.000})"));
        }

        yield return new(Invariant($"{images} images, with a head of rho {HeadAgreement}, {at[0]:0.0} an image"), trials.Average(t => t.WithHead), "rho");
    }

    /// <summary>Whether the interval that a person would be shown holds how often the model really agrees with their next choice.</summary>
    private static bool Covers(int seed)
    {
        var person = new SimulatedTaste(CoverageImages, 100_000 + seed);
        var learner = new Learner(person.Features(null), seed);
        var run = new Judge(person, learner, seed);
        while (run.Shown < CoverageChoices)
        {
            run.One(atRandom: false);
        }

        learner.Fit(default);
        var truth = person.Foretold(learner.Model.Means);
        return learner.HeldOut.Low <= truth && truth <= learner.HeldOut.High;
    }

    private static T[] InParallel<T>(int count, Func<int, T> work, CancellationToken cancel)
    {
        var results = new T[count];
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, count, options, i => results[i] = work(i));
        return results;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <param name="Claimed">What the model said the likelier image's chance was.</param>
    /// <param name="Right">What it was.</param>
    private readonly record struct Claim(double Claimed, double Right);

    /// <summary>One person's images, judged in every way.</summary>
    private sealed record Trial(double Elo, double[] Ours, double[] Shown, double[] Random, double WithHead, IReadOnlyList<Claim> Claims)
    {
        public static Trial Of(int images, double[] at, int seed, CancellationToken cancel)
        {
            // The same person each time, with dice of their own: what one way of judging is given does not hang on another.
            var claims = new List<Claim>();
            var (ours, shown) = Curve(new(images, seed), null, at, seed, atRandom: false, claims, cancel);
            var (random, _) = Curve(new(images, seed), null, at, seed, atRandom: true, null, cancel);
            var (withHead, _) = Curve(new(images, seed), HeadAgreement, at[..1], seed, atRandom: false, claims, cancel);
            return new(ByElo(new(images, seed), seed), ours, shown, random, withHead[0], claims);
        }

        private static (double[] Rho, double[] Shown) Curve(SimulatedTaste person, double? head, double[] at, int seed, bool atRandom, List<Claim>? claims, CancellationToken cancel)
        {
            var features = person.Features(head);
            var learner = new Learner(features, seed);
            var run = new Judge(person, learner, seed);
            var (rho, shown) = (new double[at.Length], new double[at.Length]);
            for (var step = 0; step < at.Length; step++)
            {
                while (run.Learned < at[step] * features.Count)
                {
                    cancel.ThrowIfCancellationRequested();
                    run.One(atRandom);
                }

                learner.Fit(cancel);
                (rho[step], shown[step]) = (person.Agreement(learner.Model.Means), (double)run.Shown / features.Count);
                claims?.AddRange(Near(person, learner.Model, seed));
            }

            return (rho, shown);
        }

        private static IEnumerable<Claim> Near(SimulatedTaste person, TasteModel model, int seed)
        {
            var dice = new Random(seed);
            for (var i = 0; i < 2000; i++)
            {
                var (a, b) = (dice.Next(model.Features.Count), dice.Next(model.Features.Count));
                var claimed = a == b ? 0 : model.Wins(a, b);
                if (claimed is > 0.65 and < 0.75)
                {
                    yield return new(claimed, person.Wins(a, b));
                }
                else if (claimed is > 0.25 and < 0.35)
                {
                    yield return new(1 - claimed, person.Wins(b, a));
                }
            }
        }

        /// <summary>The reference's pairs, drawn by low count, and its K.</summary>
        private static double ByElo(SimulatedTaste person, int seed)
        {
            const double LowCountWeight = 0.3;
            var (elo, dice, images) = (new Elo(), new Random(seed), person.Utilities.Length);
            for (var choice = 0; choice < EloChoices * images; choice++)
            {
                var a = Draw();
                var b = Draw();
                while (a == b)
                {
                    (a, b) = (Draw(), Draw());
                }

                var isFirst = person.Prefers(a, b);
                elo.Play(isFirst ? a : b, isFirst ? b : a);
            }

            return person.Agreement([.. Enumerable.Range(0, images).Select(image => (float)elo.Score(image))]);

            int Draw()
            {
                // Weights of at most 1: what is drawn evenly is kept with its weight.
                var image = dice.Next(images);
                while (dice.NextDouble() > Judging.Elo.OfferWeight(LowCountWeight, elo.Comparisons(image)))
                {
                    image = dice.Next(images);
                }

                return image;
            }
        }
    }

    /// <summary>A person who answers what a learner shows.</summary>
    private sealed class Judge(SimulatedTaste person, Learner learner, int seed)
    {
        private readonly int[] _pool = [.. Enumerable.Range(0, person.Utilities.Length)];
        private readonly Random _dice = new(seed);

        /// <summary>Choices made.</summary>
        public int Shown { get; private set; }

        /// <summary>Of them, those that the model learned from.</summary>
        public int Learned { get; private set; }

        public void One(bool atRandom)
        {
            var (images, purpose) = atRandom ? (_dice.GetItems(_pool, 2), Purpose.Train) : learner.Next(_pool, 2, 0);
            if (images[0] == images[1])
            {
                return;
            }

            var isFirst = person.Prefers(images[0], images[1]);
            learner.Take(Taken.Choice(++Shown, images[isFirst ? 0 : 1], images[isFirst ? 1 : 0], purpose), learn: true);
            Learned += purpose == Purpose.Train ? 1 : 0;
            if (learner.IsFitDue)
            {
                learner.Fit(default);
            }
        }
    }
}
