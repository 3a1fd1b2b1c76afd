namespace Tastemaker.Core.Painting;

/// <summary>
/// Which pictures are painted no further. At a few steps, the rungs, what a picture will be is scored, and it is stopped where its chance of passing is too
/// small: successive halving (Jamieson and Talwalkar 2016), but by what each picture's own score foretells, as docs/decisions/0009 explains.
/// </summary>
/// <remarks>
/// One in three of the studied pictures chooses the rungs and fits, at each step, the final score as a line of the early one, with the spread of what remains.
/// A picture's margin is how many spreads its foretold score lies above the bar. The winners among the other pictures, which had no part in that, say how low the
/// margin may get: of k winners, the share whose least margin at any rung lies below the (m+1)-th lowest is more than r with a probability of
/// P(Binomial(k, r) ≤ m), whatever the scores' distribution (Wilks 1941); m is the largest that makes it 5 % or less. So the risk is that of all rungs together,
/// and holds however badly lines describe the scores; those decide only how much is saved.
/// </remarks>
/// <param name="Bounds">By step, from 1: the least early score that goes on. Empty where looking would cost more than stopping saves.</param>
/// <param name="Risk">The largest share of winners that is lost, with a confidence of 95 %.</param>
/// <param name="Winners">Of the study, those that the bounds go by.</param>
public sealed record PruneRule(IReadOnlyDictionary<int, float> Bounds, double Risk, int Winners)
{
    public const double Confidence = 0.95;

    /// <summary>What a look costs, in steps: a decoding and an encoding take about as long as the UNet's two calls.</summary>
    private const double Look = 1;

    /// <summary>The share of the steps that a rung has to save; less may be chance.</summary>
    private const double Worth = 0.02;

    /// <summary>One picture of so many chooses.</summary>
    private const int Choosing = 3;

    /// <param name="above">The final score of a winner, at least.</param>
    /// <param name="risk">The largest share of winners that may be lost, 0 to 1.</param>
    /// <exception cref="PaintException">The study has too few winners to say so much.</exception>
    public static PruneRule Of(EarlyStudy study, double above, double risk)
    {
        if (risk is not (> 0 and < 1))
        {
            throw new PaintException($"a risk of {risk} is asked for; a share of the winners that may be lost is wanted, such as 0.1.");
        }

        var steps = study.Pictures.Select(picture => picture.Steps.Count).DefaultIfEmpty(0).Max();
        if (steps < 2)
        {
            throw new PaintException($"{steps} steps are too few to stop early; 2 or more are wanted.");
        }

        // Winners first, so that a third of them chooses as well.
        List<EarlyScores> pictures = [.. study.Pictures.Where(picture => picture.Steps.Count == steps).OrderByDescending(picture => picture.Final >= above)];
        List<EarlyScores> choosing = [.. pictures.Where((_, place) => place % Choosing == 0)];
        List<EarlyScores> winners = [.. pictures.Where((picture, place) => place % Choosing != 0 && picture.Final >= above)];
        var lost = MostBelow(winners.Count, risk, 1 - Confidence);
        if (lost < 0)
        {
            var needed = Math.Ceiling(Math.Log(1 - Confidence) / Math.Log(1 - risk));
            throw new PaintException($"of the {study.Pictures.Count} pictures that were studied, {pictures.Count(picture => picture.Final >= above)} score {above} or more; "
                + $"{(int)Math.Ceiling(needed * Choosing / (Choosing - 1))} are needed to stop others at a risk of {risk}. "
                + "Study more with 'taste study early-steps', accept more risk, or ask for a lower score.");
        }

        var rungs = Choose(choosing, steps, above, (double)lost / winners.Count);
        if (rungs.Count == 0)
        {
            return new(new Dictionary<int, float>(), risk, winners.Count);
        }

        var least = winners.Select(winner => rungs.Min(rung => rung.Margin(winner))).Order().ElementAt(lost);
        return new(rungs.ToDictionary(rung => rung.Step, rung => rung.ScoreOf(least)), risk, winners.Count);
    }

    /// <summary>Whether a picture of such a score after a step is painted on.</summary>
    public bool GoesOn(int step, float score) => !Bounds.TryGetValue(step, out var least) || score >= least;

    /// <summary>The largest m with P(Binomial(count, share) ≤ m) of at most <paramref name="doubt"/>; -1 where there is none.</summary>
    internal static int MostBelow(int count, double share, double doubt)
    {
        var (logarithm, sum, most) = (count * Math.Log(1 - share), 0.0, -1); // The probability itself may be too small for a number.
        var odds = Math.Log(share / (1 - share));
        for (var m = 0; m < count; m++)
        {
            sum += Math.Exp(logarithm);
            if (sum > doubt)
            {
                break;
            }

            most = m;
            logarithm += Math.Log((count - m) / (m + 1.0)) + odds;
        }

        return most;
    }

    /// <summary>One rung after the other, each the one that saves most, for as long as there is one that saves clearly more than its looks cost.</summary>
    /// <param name="share">Of the winners that are given up.</param>
    /// <returns>In the order of their steps.</returns>
    private static List<Rung> Choose(List<EarlyScores> pictures, int steps, double above, double share)
    {
        List<Rung> candidates = [.. Enumerable.Range(1, steps - 1).Select(step => Rung.Fit(pictures, step, above)).OfType<Rung>()], chosen = [];
        for (var cost = (double)steps; ;)
        {
            var best = candidates.Except(chosen).Select(rung => chosen.Append(rung).OrderBy(r => r.Step).ToList())
                .Select(rungs => (Rungs: rungs, Cost: Cost(rungs))).DefaultIfEmpty((Rungs: [], Cost: double.PositiveInfinity)).MinBy(tried => tried.Cost);
            if (best.Cost > cost - (Worth * steps))
            {
                return chosen;
            }

            (chosen, cost) = best;
        }

        double Cost(List<Rung> rungs)
        {
            double[] winners = [.. pictures.Where(picture => picture.Final >= above).Select(winner => rungs.Min(rung => rung.Margin(winner))).Order()];
            var least = winners[(int)(share * winners.Length)];
            return pictures.Average(picture =>
            {
                var at = rungs.FindIndex(rung => rung.Margin(picture) < least);
                return at < 0 ? steps + (Look * rungs.Count) : rungs[at].Step + (Look * (at + 1));
            });
        }
    }

    /// <summary>What an early score foretells.</summary>
    /// <param name="Spread">Standard deviation of the final scores about the line.</param>
    private sealed record Rung(int Step, double Slope, double Intercept, double Spread, double Above)
    {
        /// <summary>By least squares; null where a better early score foretells no better final one, or not beyond what may be chance.</summary>
        public static Rung? Fit(List<EarlyScores> pictures, int step, double above)
        {
            const double Chance = 2; // Standard errors of a correlation that there is none of.
            const double SmallestSpread = 1e-6; // Of the final scores' own: margins stay numbers where a score foretells everything.
            if (pictures.Count < 3)
            {
                return null;
            }

            var (early, final) = (pictures.Average(picture => (double)picture.Steps[step - 1]), pictures.Average(picture => (double)picture.Final));
            var both = pictures.Sum(picture => (picture.Steps[step - 1] - early) * (picture.Final - final));
            var (square, all) = (pictures.Sum(picture => Math.Pow(picture.Steps[step - 1] - early, 2)), pictures.Sum(picture => Math.Pow(picture.Final - final, 2)));
            var left = Math.Max(all - (both * both / square), all * SmallestSpread * SmallestSpread);
            return both > Chance * Math.Sqrt(square * all / pictures.Count) && left > 0 ? new(step, both / square, final - (both / square * early), Math.Sqrt(left / (pictures.Count - 2)), above) : null;
        }

        /// <summary>How many spreads the foretold score lies above the bar.</summary>
        public double Margin(EarlyScores picture) => (Intercept + (Slope * picture.Steps[Step - 1]) - Above) / Spread;

        /// <summary>The early score of a margin, rounded down so that who is at the limit goes on.</summary>
        public float ScoreOf(double margin) => MathF.BitDecrement((float)((Above + (margin * Spread) - Intercept) / Slope));
    }
}
