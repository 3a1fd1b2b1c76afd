using Tastemaker.Core.Painting.Diffusion;

namespace Tastemaker.Core.Painting;

/// <summary>Paints one request after the other into a folder, and keeps what passes.</summary>
/// <param name="judge">Null where nothing is scored.</param>
public sealed class PaintRun(Painter painter, PaintedFolder folder, PictureJudge? judge)
{
    /// <summary>How many are painted step by step together, at most.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Only pictures whose first score is at least this become files; null for all.</summary>
    public double? Above { get; init; }

    /// <summary>Which pictures are painted no further; null where all are finished. By the first score.</summary>
    public PruneRule? Prune { get; init; }

    /// <summary>What reads the prompts of a request; null for the checkpoint's own text encoder.</summary>
    public Func<PaintRequest, IPromptStates?> States { get; init; } = _ => null;

    /// <summary>What infotexts say beyond the requests.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> More { get; init; } = [];

    /// <summary>Paints as the result is read on, and no more than is read.</summary>
    /// <param name="watch">Told after each step of each batch.</param>
    /// <param name="about">Told the place of a request and the path of the file that is about to be written for it.</param>
    /// <exception cref="PaintException">A file cannot be written, as when the disk is full; those before it stay.</exception>
    public IEnumerable<PaintOutcome> Paint(IReadOnlyList<PaintRequest> requests, Action<PaintStep>? watch, Action<int, string>? about, CancellationToken cancel)
    {
        for (var first = 0; first < requests.Count;)
        {
            PaintRequest[] batch = [.. requests.Skip(first).Take(Batch).TakeWhile(request => request.GoesWith(requests[first]))];
            var (stopped, steps) = (new List<PaintOutcome>(), 0);
            var finished = painter.Paint(batch, States(batch[0]), step =>
            {
                watch?.Invoke(step);
                stopped.AddRange(Stop(step, first, batch, cancel));
                steps = step.Total;
            }, cancel);
            foreach (var outcome in stopped)
            {
                yield return outcome;
            }

            foreach (var painted in finished)
            {
                yield return Keep(first + painted.Place, painted, about, cancel) with { Steps = steps };
            }

            first += batch.Length;
        }
    }

    /// <summary>Looks at the pictures where the rule has a bound, and stops those below it.</summary>
    private List<PaintOutcome> Stop(PaintStep step, int first, PaintRequest[] batch, CancellationToken cancel)
    {
        var stopped = new List<PaintOutcome>();
        if (Prune?.Bounds.ContainsKey(step.Done) == true)
        {
            foreach (var place in step.Live.ToList())
            {
                var scores = judge!.Score(step.Picture(place, cancel), cancel);
                if (!Prune.GoesOn(step.Done, scores[0]))
                {
                    step.Stop(place);
                    stopped.Add(new(first + place, batch[place], null, scores) { StoppedAt = step.Done, Steps = step.Total });
                }
            }
        }

        return stopped;
    }

    private PaintOutcome Keep(int place, Painted painted, Action<int, string>? about, CancellationToken cancel)
    {
        var scores = judge?.Score(painted.Picture, cancel) ?? [];
        if (Above is { } least && !(scores[0] >= least))
        {
            return new(place, painted.Request, null, scores);
        }

        var infotext = PaintInfotext.Of(painted.Request, painter.Checkpoint.Name, painter.Checkpoint.ShortHash(), More);
        return new(place, painted.Request, folder.Write(painted, infotext, file => about?.Invoke(place, file)), scores);
    }
}

/// <summary>What became of a request.</summary>
/// <param name="Place">Of the request among those that were handed in.</param>
/// <param name="File">Null where the picture did not pass, or was stopped.</param>
/// <param name="Scores">Of each head of the judge; empty without one.</param>
public sealed record PaintOutcome(int Place, PaintRequest Request, string? File, IReadOnlyList<float> Scores)
{
    /// <summary>The step after which the picture was painted no further, and which <see cref="Scores"/> are of; null where it was finished.</summary>
    public int? StoppedAt { get; init; }

    /// <summary>That the whole picture takes.</summary>
    public int Steps { get; init; }
}
