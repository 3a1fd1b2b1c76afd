using System.Globalization;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

public enum NextStep
{
    /// <summary>Choose, or choose more.</summary>
    Choose,

    /// <summary>More choices among the same images teach little.</summary>
    AddImages,

    /// <summary>The model agrees with the person as well as the person with themselves.</summary>
    Stop,
}

/// <summary>What to do next, and why, in words with the numbers that say so.</summary>
public sealed record Advice(NextStep Next, string Why)
{
    /// <summary>With fewer held-out choices the interval is wider than 35 points.</summary>
    private const int FewestHeldOut = 30;

    /// <summary>With fewer the ceiling is a guess.</summary>
    private const int FewestRepeats = 10;

    /// <summary>The reference's own measure: about three comparisons an image.</summary>
    private const double ManyPerImage = 3;

    internal static Advice Of(JudgementCounts counts, Agreement agreement, Agreement repeatability, IReadOnlyList<LearningPoint> learning)
    {
        if (counts.Images < 2)
        {
            return new(NextStep.AddImages, $"The studio has {Count(counts.Images, "image")} to rank, and a choice needs 2.");
        }

        if (agreement.Of < FewestHeldOut)
        {
            return new(NextStep.Choose, $"{Count(agreement.Of, "choice")} of {counts.Choices} could be used to check the model; "
                + $"from {FewestHeldOut} on its agreement says something. About one choice in ten is kept for that.");
        }

        var found = $"The model agrees with {Percent(agreement)} of {agreement.Of} choices that it did not learn from "
            + $"(95 % interval {Percent(agreement.Low)} to {Percent(agreement.High)})";
        if (repeatability.Of < FewestRepeats)
        {
            return new(NextStep.Choose, $"{found}. How often you choose the same again is known from {Count(repeatability.Of, "pair")} only; "
                + $"{FewestRepeats} say how much better it could get.");
        }

        var ceiling = $"you agree with yourself on {Percent(repeatability)} of {repeatability.Of}";
        if (agreement.Rate >= repeatability.Rate)
        {
            return new(NextStep.Stop, $"{found}, and {ceiling}: there is little left to learn.");
        }

        var perImage = (counts.Choices + counts.Draws) / (double)counts.Images;
        return perImage >= ManyPerImage && IsFlat(learning)
            ? new(NextStep.AddImages, $"{found}, {ceiling}, and with {perImage.ToString("F1", CultureInfo.InvariantCulture)} choices an image it has stopped rising: "
                + "new images teach more than these.")
            : new(NextStep.Choose, $"{found}, and {ceiling}: choosing more closes the gap of {Points(repeatability.Rate - agreement.Rate)}.");
    }

    /// <summary>Whether the newest window is no better than the one half-way back, as far as the older one's interval can tell.</summary>
    private static bool IsFlat(IReadOnlyList<LearningPoint> learning) =>
        learning.Count >= 2 && learning[^1].Agreement.Rate <= learning[learning.Count / 2].Agreement.High
            && learning[^1].Agreement.Rate - learning[learning.Count / 2].Agreement.Rate < 0.01;

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Percent(Agreement agreement) => Percent(agreement.Rate);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");

    private static string Points(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} points");
}
