using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Tests.Core.Taste.Preference;

public sealed class TasteModelTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Three images, two directions: five unknowns, which a grid can integrate over.</summary>
    private static readonly float[][] Three = [[1, 0], [-0.6f, 0.8f], [0, -1]];

    /// <summary>
    /// What a Gaussian makes of a skewed posterior is off by a part of its deviation: a twentieth where all choices are weighed
    /// together; taken once, one after the other, up to a fifth, for their order matters then.
    /// </summary>
    [Theory]
    [InlineData("01")]
    [InlineData("01 02 21")]
    [InlineData("01 01 01 12 12 02 20")]
    [InlineData("10 12 02 21 01=")]
    [InlineData("01 10 01 10 12 21 12 02 20 02 01 01")]
    public void Without_residues_means_and_deviations_are_those_of_integration(string choices)
    {
        var features = TasteFeatures.Of(UnitVectors.Of(Three), [], _ => default, Cancel);
        var seen = Parse(choices);
        var prior = new Prior(2, 1e-4) { Margin = choices.Contains('=', StringComparison.Ordinal) ? 0.4 : 0 };

        var atOnce = PosteriorFit.Run(features, seen, prior, null, Cancel);
        var oneByOne = Filtered(features, seen, prior);

        foreach (var (a, b) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            var (mean, deviation) = Integrate(features, seen, prior, a, b);
            Near(atOnce.Predict(a, b), 0.05);
            Near(oneByOne.Predict(a, b), 0.2);

            void Near((double Mean, double Variance) found, double tolerance)
            {
                Assert.InRange(found.Mean, mean - (tolerance * deviation), mean + (tolerance * deviation));
                Assert.InRange(Math.Sqrt(found.Variance), (1 - tolerance) * deviation, (1 + tolerance) * deviation);
            }
        }
    }

    /// <summary>
    /// Residues are held independent of the weights and of each other, which leaves out that what one explains the other need not. Three
    /// images compared with one another over and over are the worst case: a lead then seems up to half again as uncertain as it is, never more certain;
    /// its mean is off by up to a fifth of its deviation, or by half of it where choices are taken once, one after the other, until the next fit.
    /// </summary>
    [Theory]
    [InlineData("01")]
    [InlineData("01 02 21")]
    [InlineData("01 01 01 12 12 02 20")]
    [InlineData("10 12 02 21 01=")]
    public void With_residues_deviations_are_those_of_integration_or_somewhat_wider(string choices)
    {
        var features = TasteFeatures.Of(UnitVectors.Of(Three), [], _ => default, Cancel);
        var seen = Parse(choices);
        var prior = new Prior(1.5, 0.7) { Margin = choices.Contains('=', StringComparison.Ordinal) ? 0.4 : 0 };
        foreach (var (a, b) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            var (mean, deviation) = Integrate(features, seen, prior, a, b);
            foreach (var (posterior, tolerance) in new[] { (PosteriorFit.Run(features, seen, prior, null, Cancel), 0.2), (Filtered(features, seen, prior), 0.5) })
            {
                var (at, variance) = posterior.Predict(a, b);
                Assert.InRange(at, mean - (tolerance * deviation), mean + (tolerance * deviation));
                Assert.InRange(Math.Sqrt(variance), 0.9 * deviation, 1.55 * deviation);
            }
        }
    }

    [Fact]
    public void Evidence_is_that_of_integration_over_a_grid()
    {
        var features = TasteFeatures.Of(UnitVectors.Of(Three), [], _ => default, Cancel);
        var seen = Parse("01 02 21 01");
        var prior = new Prior(1.5, 0.7);

        var evidence = PriorSearch.Evidence(features, seen, prior, Cancel) - prior.LogDensity;

        Assert.Equal(Math.Log(Sum(features, seen, prior).Weight / Sum(features, [], prior).Weight), evidence, 0.05);
    }

    [Fact]
    public void What_is_reverted_leaves_no_trace()
    {
        var features = Random(50, 8);
        var model = TasteModel.Learn(features, [Observation.Choice(1, 2), Observation.Choice(3, 4)], null, Cancel);
        var (means, variances) = (model.Means.ToArray(), model.Variances.ToArray());

        var update = model.Absorb(Observation.Choice(7, 9));
        Assert.NotEqual(means[7], model.Means[7]);
        model.Revert(update!);

        Tensors.AssertClose(means, model.Means, 1e-6f, "means"); // float32 of numbers about 1
        Tensors.AssertClose(variances, model.Variances, 1e-6f, "variances");
    }

    [Fact]
    public void A_choice_at_a_time_ends_near_all_at_once()
    {
        var features = Random(60, 12);
        var seen = Person(features, 200, seed: 5);
        var atOnce = TasteModel.Learn(features, seen, null, Cancel);
        var oneByOne = Filtered(features, seen, atOnce.Prior);

        var leads = Enumerable.Range(1, 59).Select(i => (atOnce.Lead(i, 0).Mean, oneByOne.Predict(i, 0).Mean)).ToList();
        Assert.True(Correlation.Pearson([.. leads.Select(l => l.Item1)], [.. leads.Select(l => l.Item2)]) > 0.97);
    }

    [Fact]
    public void Learns_a_direction_from_choices_and_says_what_images_never_judged_are_worth()
    {
        var features = Random(400, 12);
        var truth = Enumerable.Range(0, 400).Select(i => (double)features[i][0] * 4).ToArray();
        var judged = Person(features, 300, seed: 2, images: 200);

        var model = TasteModel.Learn(features, judged, null, Cancel);

        Assert.True(Correlation.Spearman([.. model.Means[200..].Select(m => (double)m)], truth.AsSpan(200)) > 0.85);
        Assert.True(model.Variances[200..].Average() > model.Variances[..200].Average(), "What was never judged is less certain.");
    }

    [Fact]
    public void Ratings_on_any_scale_and_picks_teach_the_same_order_as_choices()
    {
        var features = Random(300, 6);
        var truth = Enumerable.Range(0, 300).Select(i => (double)features[i][0] * 3).ToArray();
        var dice = new Random(3);
        List<Observation> stars = [.. Enumerable.Range(0, 150).Select(i => new Observation(ObservationKind.Rating, i, -1, Math.Clamp(Math.Round(3 + (0.4 * truth[i]) + (0.4 * dice.NextDouble())), 1, 5), 0))];
        List<Observation> hundreds = [.. Enumerable.Range(0, 150).Select(i => new Observation(ObservationKind.Rating, i, -1, 500 - (100 * dice.NextDouble()) + (80 * truth[i]), 1))];
        List<Observation> picks = [.. Enumerable.Range(0, 150).Select(i => new Observation(truth[i] > 1 ? ObservationKind.Keep : ObservationKind.Reject, i, -1, 0, 2))];

        foreach (var seen in new[] { stars, hundreds, picks, [.. stars, .. hundreds, .. picks] })
        {
            var model = TasteModel.Learn(features, seen, null, Cancel);
            Assert.True(Correlation.Spearman([.. model.Means[150..].Select(m => (double)m)], truth.AsSpan(150)) > 0.85);
        }
    }

    [Fact]
    public void A_rater_who_rates_all_alike_teaches_nothing()
    {
        var features = Random(20, 4);
        var model = TasteModel.Learn(features, [.. Enumerable.Range(0, 20).Select(i => new Observation(ObservationKind.Rating, i, -1, 3, 0))], null, Cancel);
        Assert.All(model.Means, mean => Assert.Equal(0, mean, 1e-6f));
    }

    [Fact]
    public void Draws_only_leave_all_images_about_equal_and_finite()
    {
        var features = Random(20, 4);
        var model = TasteModel.Learn(features, [.. Enumerable.Range(0, 60).Select(i => new Observation(ObservationKind.Draw, i % 20, (i + 1 + (i / 20)) % 20))], null, Cancel);
        Assert.All(model.Means, mean => Assert.InRange(mean, -0.3f, 0.3f));
        Assert.All(model.Variances, variance => Assert.True(float.IsFinite(variance) && variance > 0));
    }

    [Fact]
    public void Raters_who_contradict_each_other_leave_the_model_unsure()
    {
        var features = Random(30, 4);
        var dice = new Random(1);
        List<Observation> noise = [.. Enumerable.Range(0, 600).Select(_ => (dice.Next(30), dice.Next(30))).Where(p => p.Item1 != p.Item2).Select(p => Observation.Choice(p.Item1, p.Item2))];
        var model = TasteModel.Learn(features, noise, null, Cancel);
        Assert.All(Enumerable.Range(1, 29), i => Assert.InRange(model.Wins(i, 0), 0.25, 0.75));
    }

    [Fact]
    public void The_same_judgements_give_the_same_bits()
    {
        var features = Random(80, 12);
        var seen = Person(features, 120, seed: 9);
        Assert.Equal(TasteModel.Learn(features, seen, null, Cancel).Means, TasteModel.Learn(features, seen, null, Cancel).Means);
    }

    [Fact]
    public void A_folded_model_scores_raw_vectors_as_it_scores_rows()
    {
        var vectors = Vectors(40, 10);
        var features = TasteFeatures.Of(UnitVectors.Of(vectors), [], _ => default, Cancel);
        var model = TasteModel.Learn(features, Person(features, 60, seed: 4), null, Cancel);
        var head = features.Fold(model.Weights);

        for (var i = 0; i < 40; i++)
        {
            var expected = Enumerable.Range(0, features.Width).Sum(k => model.Weights[k] * features[i][k]);
            Assert.Equal(expected, head.Score(vectors[i].AsSpan()), 1e-4); // float32, ten terms of about 1
        }
    }

    private static Posterior Filtered(TasteFeatures features, List<Observation> seen, Prior prior)
    {
        var filter = new Posterior(features, prior);
        seen.ForEach(s => filter.Absorb(s, prior.Factor(s)!.Value));
        return filter;
    }

    private static double[][] PriorCovariance(TasteFeatures features, Prior prior) => [.. Enumerable.Range(0, 3).Select(i => Enumerable.Range(0, 3).Select(j =>
        (prior.Linear * Enumerable.Range(0, 2).Sum(k => (double)features[i][k] * features[j][k])) + (i == j ? prior.Residue : 0)).ToArray())];

    private static TasteFeatures Random(int count, int dimensions) => TasteFeatures.Of(UnitVectors.Of(Vectors(count, dimensions)), [], _ => default, Cancel);

    private static float[][] Vectors(int count, int dimensions)
    {
        var dice = new Random(11);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions).Select(k => (float)((dice.NextDouble() - 0.5) / (1 + k))).ToArray())];
    }

    /// <summary>Choices of one who likes the first direction.</summary>
    private static List<Observation> Person(TasteFeatures features, int choices, int seed, int images = int.MaxValue)
    {
        var dice = new Random(seed);
        var seen = new List<Observation>();
        while (seen.Count < choices)
        {
            var (a, b) = (dice.Next(Math.Min(features.Count, images)), dice.Next(Math.Min(features.Count, images)));
            if (a != b)
            {
                var isFirst = dice.NextDouble() < Factor.Logistic(4 * (features[a][0] - features[b][0]));
                seen.Add(isFirst ? Observation.Choice(a, b) : Observation.Choice(b, a));
            }
        }

        return seen;
    }

    private static List<Observation> Parse(string choices) => [.. choices.Split(' ').Select(c =>
        new Observation(c.EndsWith('=') ? ObservationKind.Draw : ObservationKind.Choice, c[0] - '0', c[1] - '0'))];

    private static (double Mean, double Deviation) Integrate(TasteFeatures features, List<Observation> seen, Prior prior, int a, int b)
    {
        var sum = Sum(features, seen, prior, a, b);
        var mean = sum.First / sum.Weight;
        return (mean, Math.Sqrt((sum.Second / sum.Weight) - (mean * mean)));
    }

    /// <summary>Prior times likelihood over a grid of the three utilities, whose prior covariance is Linear Φ Φᵀ + Residue I.</summary>
    private static (double Weight, double First, double Second) Sum(TasteFeatures features, List<Observation> seen, Prior prior, int a = 0, int b = 1)
    {
        var covariance = PriorCovariance(features, prior);
        Dense.Factor(covariance);
        const int Steps = 40;
        const double Edge = 5;
        double weight = 0, first = 0, second = 0;
        var z = new double[3];
        var u = new double[3];
        for (var n = 0; n < Steps * Steps * Steps; n++)
        {
            for (int k = 0, rest = n; k < 3; k++, rest /= Steps)
            {
                z[k] = -Edge + (2 * Edge * ((rest % Steps) + 0.5) / Steps);
            }

            for (var i = 0; i < 3; i++)
            {
                u[i] = Dense.Dot(covariance[i].AsSpan(0, i + 1), z.AsSpan(0, i + 1));
            }

            var p = Math.Exp((-0.5 * Dense.Dot(z, z)) + seen.Sum(s => prior.Factor(s)!.Value.At(u[s.Image] - u[s.Other]).Log));
            var lead = u[a] - u[b];
            (weight, first, second) = (weight + p, first + (p * lead), second + (p * lead * lead));
        }

        return (weight, first, second);
    }
}
