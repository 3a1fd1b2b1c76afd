using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>How well the model foretold the held-out choices of one window, each before it was made.</summary>
/// <param name="Choices">Choices and draws made up to the middle of the window.</param>
public sealed record LearningPoint(int Choices, Agreement Agreement)
{
    /// <summary>With fewer choices a window's interval is wider than what there is to see.</summary>
    private const int Narrowest = 20;

    private const int Widest = 100;
    private const int MostPoints = 100;

    internal static List<LearningPoint> Curve(IReadOnlyList<Judgement> standing)
    {
        var (foretold, choices) = (new List<(int Choices, bool IsRight)>(), 0);
        foreach (var verdict in standing.Select(j => j.Verdict).Where(v => v.Kind is JudgementKind.Choice or JudgementKind.Draw))
        {
            choices++;
            if (verdict is { Kind: JudgementKind.Choice, Purpose: Purpose.HeldOut, Expected: { } expected })
            {
                foretold.Add((choices, expected > 0.5));
            }
        }

        var width = Math.Clamp(foretold.Count / 4, Narrowest, Widest);
        var points = new List<LearningPoint>();
        var step = Math.Max(1, (int)Math.Ceiling((foretold.Count - width + 1) / (double)MostPoints));
        for (var end = width; end <= foretold.Count; end += step)
        {
            var right = foretold[(end - width)..end].Count(f => f.IsRight);
            points.Add(new(foretold[end - ((width + 1) / 2)].Choices, new(right, width)));
        }

        return points;
    }
}
