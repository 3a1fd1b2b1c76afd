namespace Tastemaker.Core.Judging;

/// <summary>What a taste rests on. A choice among n images counts as n − 1.</summary>
/// <param name="HeldOut">Choices and draws that were kept out of training, repeated pairs aside.</param>
/// <param name="Repeats">Choices and draws on a pair that was shown again.</param>
/// <param name="Judged">Images that at least one choice, draw, rating or pick is of.</param>
/// <param name="Images">That are ranked.</param>
public sealed record JudgementCounts(
    int Choices, int Draws, int Skips, int Ratings, int Keeps, int Rejects, int HeldOut, int Repeats, int Judged, int Images)
{
    internal static JudgementCounts Of(IReadOnlyList<Judgement> standing, int images)
    {
        var counts = new JudgementCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, images);
        var judged = new HashSet<long>();
        foreach (var verdict in standing.Select(j => j.Verdict))
        {
            counts = counts.With(verdict.Kind);
            if (verdict.Kind is JudgementKind.Choice or JudgementKind.Draw)
            {
                counts = verdict.Purpose switch
                {
                    Purpose.HeldOut => counts with { HeldOut = counts.HeldOut + 1 },
                    Purpose.Repeat => counts with { Repeats = counts.Repeats + 1 },
                    _ => counts,
                };
            }

            if (verdict.Kind != JudgementKind.Skip)
            {
                judged.Add(verdict.Image);
                judged.Add(verdict.Other ?? verdict.Image);
            }
        }

        return counts with { Judged = judged.Count };
    }

    private JudgementCounts With(JudgementKind kind) => kind switch
    {
        JudgementKind.Choice => this with { Choices = Choices + 1 },
        JudgementKind.Draw => this with { Draws = Draws + 1 },
        JudgementKind.Skip => this with { Skips = Skips + 1 },
        JudgementKind.Rating => this with { Ratings = Ratings + 1 },
        JudgementKind.Keep => this with { Keeps = Keeps + 1 },
        _ => this with { Rejects = Rejects + 1 },
    };
}
