using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>Held-out choices of which the model was about equally sure, and how often it was right.</summary>
/// <param name="From">Of the claim, 0.5 to 1.</param>
/// <param name="Claimed">Mean of the claims; the bin's middle where it is empty.</param>
public sealed record CalibrationBin(double From, double To, double Claimed, Agreement Right)
{
    /// <summary>A choice that the model gave even odds claims nothing, and is in no bin.</summary>
    internal static List<CalibrationBin> Of(IEnumerable<Judgement> heldOut, int count)
    {
        var claims = heldOut.Select(j => j.Verdict.Expected).OfType<double>().Where(p => p != 0.5)
            .ToLookup(p => Math.Min((int)((Math.Max(p, 1 - p) - 0.5) * 2 * count), count - 1));
        return [.. Enumerable.Range(0, count).Select(bin =>
        {
            var (from, to) = (0.5 + (bin / (2.0 * count)), 0.5 + ((bin + 1) / (2.0 * count)));
            var claimed = claims[bin].Select(p => Math.Max(p, 1 - p)).DefaultIfEmpty((from + to) / 2).Average();
            return new CalibrationBin(from, to, claimed, new(claims[bin].Count(p => p > 0.5), claims[bin].Count()));
        })];
    }
}
