using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Judging;

/// <summary>Keeps a learner up with a taste's log, whoever writes to it. Calls come one at a time.</summary>
/// <remarks>What was said of images without features is passed over: when they get some, a new follower reads the log from its start.</remarks>
internal sealed class LogFollower(JudgementLog log, string taste, TasteFeatures features, int seed)
{
    private readonly JudgementReader _reader = new();
    private long _last; // row of the log up to which judgements were taken

    public Learner Learner { get; } = new(features, seed);

    /// <summary>Takes in what the log has and the learner has not.</summary>
    /// <param name="learn">Whether the model learns it at once, rather than with the next fit.</param>
    /// <returns>Whether anything was new.</returns>
    public bool Catch(bool learn)
    {
        var tail = log.Since(taste, _last);
        if (tail.Last == _last)
        {
            return false;
        }

        var undone = tail.Undone.ToHashSet();
        foreach (var judgement in tail.Added.Where(j => !undone.Contains(j.Act)))
        {
            if (_reader.Read(judgement, features) is { } taken)
            {
                Learner.Take(taken, learn);
            }
        }

        foreach (var act in tail.Undone)
        {
            Learner.Retract(act);
        }

        _last = tail.Last;
        return true;
    }
}
