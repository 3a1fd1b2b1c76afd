namespace Tastemaker.Core.Judging;

/// <summary>
/// The rating of chrisgoringe/Custom-classifier-training (<c>src/ap/database.py</c>): every image starts at 0, a lead of 1 stands for
/// odds of 10 : 1, and the winner of a pair takes <c>K · (1 − p)</c> from the loser, where p is what the scores foretold.
/// </summary>
public sealed class Elo(double k = Elo.DefaultK)
{
    /// <summary>In every version of the reference's code; its text says 0.8.</summary>
    public const double DefaultK = 0.7;

    /// <summary>Seconds that an ordinary choice takes (the reference's <c>--weight_by_speed</c>).</summary>
    private const double UsualSeconds = 1.5;

    private readonly Dictionary<long, (double Score, int Comparisons)> _images = [];

    /// <summary>Every image that was compared or placed.</summary>
    public IReadOnlyCollection<long> Images => _images.Keys;

    /// <summary>0 for an image that was never compared.</summary>
    public double Score(long image) => _images.GetValueOrDefault(image).Score;

    public int Comparisons(long image) => _images.GetValueOrDefault(image).Comparisons;

    /// <summary>The probability that an image with this lead wins: <c>1 / (1 + 10^-lead)</c>.</summary>
    public static double Wins(double lead) => 1 / (1 + Math.Pow(10, -lead));

    /// <summary>How much more, or less, a choice counts that took so long: <c>clamp(1.5 / seconds, 0.5, 2)</c>.</summary>
    public static double SpeedFactor(double seconds) => Math.Clamp(UsualSeconds / seconds, 0.5, 2);

    /// <summary>How often an image is offered, against one that was never compared: <c>(1 − weight)^comparisons</c>.</summary>
    /// <param name="weight">The reference's <c>low_count_weight</c>, 0.3 or, later, 0.4.</param>
    public static double OfferWeight(double weight, int comparisons) => Math.Pow(1 - weight, comparisons);

    /// <summary>
    /// How many comparisons bring the share of pairs whose order is known to <paramref name="share"/>, by the recurrence of the
    /// reference's <c>research/on_ab_scoring.py</c>: each adds <c>(1 − D)(2 + 2DN) / N²</c>.
    /// </summary>
    /// <param name="images">2 to a million.</param>
    /// <param name="share">Above 0, below 1.</param>
    public static long ComparisonsNeeded(int images, double share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(images, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        long needed = 0;
        for (double known = 0; known < share; needed++)
        {
            known += (1 - known) * (2 + (2 * known * images)) / ((double)images * images);
        }

        return needed;
    }

    /// <summary>
    /// Scores for images that were never compared, on the scale of those that were (the reference's <c>aesthetic_score_from_model.py</c>):
    /// predictions are standardised over the compared images, and take their scores' mean and sample deviation.
    /// </summary>
    /// <param name="compared">A model's prediction and the score of each compared image; two at least.</param>
    /// <param name="predictions">Of the images that were not compared.</param>
    /// <exception cref="JudgingException">Fewer than two images were compared, or the model does not tell them apart.</exception>
    public static IReadOnlyList<double> Scores(IReadOnlyList<(double Prediction, double Score)> compared, IReadOnlyList<double> predictions)
    {
        var (mean, deviation) = Moments([.. Demand(compared).Select(c => c.Prediction)]);
        var (scoreMean, scoreDeviation) = Moments([.. compared.Select(c => c.Score)]);
        return [.. predictions.Select(p => (scoreDeviation * (p - mean) / Apart(deviation)) + scoreMean)];
    }

    /// <summary>The reference's earlier rule: <c>tanh</c> of the prediction less the mean of all, stretched to the compared scores' deviation.</summary>
    /// <inheritdoc cref="Scores"/>
    public static IReadOnlyList<double> BoundedScores(IReadOnlyList<(double Prediction, double Score)> compared, IReadOnlyList<double> predictions)
    {
        var mean = Demand(compared).Select(c => c.Prediction).Concat(predictions).Average();
        var bounded = predictions.Select(p => Math.Tanh(p - mean)).ToList();
        var deviation = bounded.Count < 2 ? 0 : Moments(bounded).Deviation;
        return [.. bounded.Select(b => b * Moments([.. compared.Select(c => c.Score)]).Deviation / Apart(deviation))];
    }

    /// <summary>Sets the score that an image got elsewhere, and how often it was compared there.</summary>
    public void Place(long image, double score, int comparisons = 0) => _images[image] = (score, comparisons);

    /// <summary>One image was chosen over another.</summary>
    /// <param name="factor">Of K, such as <see cref="SpeedFactor"/>.</param>
    /// <returns>The winner's lead before the scores moved.</returns>
    public double Play(long winner, long loser, double factor = 1)
    {
        var (won, lost) = (_images.GetValueOrDefault(winner), _images.GetValueOrDefault(loser));
        var lead = won.Score - lost.Score;
        var moved = k * factor * (1 - Wins(lead));
        _images[winner] = (won.Score + moved, won.Comparisons + 1);
        _images[loser] = (lost.Score - moved, lost.Comparisons + 1);
        return lead;
    }

    private static IReadOnlyList<(double Prediction, double Score)> Demand(IReadOnlyList<(double Prediction, double Score)> compared) => compared.Count >= 2
        ? compared
        : throw new JudgingException($"{compared.Count} compared images give no scale; 2 at least do. Compare more images first.");

    private static double Apart(double deviation) => deviation > 0
        ? deviation
        : throw new JudgingException("the model gives every image the same score, so it cannot place new ones. Train it on more choices.");

    private static (double Mean, double Deviation) Moments(List<double> values)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }
}
