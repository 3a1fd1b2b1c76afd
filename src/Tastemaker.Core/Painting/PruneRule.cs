namespace Tastemaker.Core.Painting;

/// <summary>
/// Which pictures are painted no further: those that look worse, at a quarter and at half of their steps, than nearly all winners did there. As in successive
/// halving (Jamieson and Talwalkar 2016), what is left is looked at again when twice the work was spent on it.
/// </summary>
/// <remarks>
/// The bound at a look is an order statistic of the studied winners' scores there. Of k winners, the share that lies below the (m+1)-th lowest is more than r
/// with a probability of P(Binomial(k, r) ≤ m), whatever the scores' distribution (Wilks 1941); m is the largest that makes it 5 % or less, all looks together.
/// Neither risk nor confidence depends on having seen the scores, so the bound holds as stated.
/// </remarks>
/// <param name="Bounds">By step, from 1: the least early score that goes on.</param>
/// <param name="Risk">The largest share of winners that is lost, with a confidence of 95 %.</param>
/// <param name="Winners">Of the study.</param>
public sealed record PruneRule(IReadOnlyDictionary<int, float> Bounds, double Risk, int Winners)
{
    public const double Confidence = 0.95;

    /// <summary>At these shares of the steps is looked.</summary>
    private static readonly double[] Looks = [0.25, 0.5];

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
        List<EarlyScores> winners = [.. study.Pictures.Where(picture => picture.Steps.Count == steps && picture.Final >= above)];
        int[] looks = [.. Looks.Select(share => (int)(share * steps)).Where(step => step > 0).Distinct()];
        if (looks.Length == 0)
        {
            throw new PaintException($"{steps} steps are too few to stop early; 4 or more are wanted.");
        }

        var (share, doubt) = (risk / looks.Length, (1 - Confidence) / looks.Length);
        var lost = MostBelow(winners.Count, share, doubt);
        if (lost < 0)
        {
            var needed = (int)Math.Ceiling(Math.Log(doubt) / Math.Log(1 - share));
            throw new PaintException($"of the {study.Pictures.Count} pictures that were studied, {winners.Count} score {above} or more; {needed} are needed to stop others at a risk of {risk}. "
                + "Study more with 'taste study early-steps', accept more risk, or ask for a lower score.");
        }

        return new(looks.ToDictionary(step => step, step => winners.Select(winner => winner.Steps[step - 1]).Order().ElementAt(lost)), risk, winners.Count);
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
}
