namespace Tastemaker.Core.Judging;

/// <summary>What stands of a taste's judgements, counted and by image. Each call takes in what the log got since the last; many threads may call.</summary>
public sealed class JudgementTally(JudgementLog log, string taste)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<long, List<Judgement>> _acts = [];
    private readonly Dictionary<long, ImageCount> _images = [];
    private readonly Dictionary<JudgementKind, long> _kinds = [];
    private readonly Dictionary<string, long> _raters = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>What was said of each of these images, in their order.</summary>
    public IReadOnlyList<ImageTally> Of(IReadOnlyList<long> images) =>
        Now(() => images.Select(image => _images.TryGetValue(image, out var count) ? count.Tally : default).ToList());

    /// <summary>Every image that was ever judged, as it stands.</summary>
    public IReadOnlyDictionary<long, ImageTally> Images() => Now(() => _images.ToDictionary(pair => pair.Key, pair => pair.Value.Tally));

    public IReadOnlyDictionary<JudgementKind, long> Kinds() => Now(() => new Dictionary<JudgementKind, long>(_kinds));

    /// <summary>How much each rater judged.</summary>
    public IReadOnlyDictionary<string, long> Raters() => Now(() => new Dictionary<string, long>(_raters, StringComparer.Ordinal));

    private T Now<T>(Func<T> read)
    {
        lock (_turn)
        {
            CatchUp();
            return read();
        }
    }

    private void CatchUp()
    {
        var tail = log.Since(taste, _last);
        _last = tail.Last;
        foreach (var judgement in tail.Added)
        {
            if (!_acts.TryGetValue(judgement.Act, out var act))
            {
                _acts.Add(judgement.Act, act = []);
            }

            act.Add(judgement);
            Count(judgement, 1);
        }

        foreach (var undone in tail.Undone)
        {
            if (_acts.Remove(undone, out var act))
            {
                act.ForEach(judgement => Count(judgement, -1));
            }
        }
    }

    private void Count(Judgement judgement, int by)
    {
        var verdict = judgement.Verdict;
        _kinds[verdict.Kind] = _kinds.GetValueOrDefault(verdict.Kind) + by;
        _raters[judgement.Origin.Rater] = _raters.GetValueOrDefault(judgement.Origin.Rater) + by;
        CountOf(verdict.Image).Add(judgement, by);
        if (verdict.Other is { } other)
        {
            CountOf(other).Add(judgement, by);
        }
    }

    private ImageCount CountOf(long image)
    {
        if (!_images.TryGetValue(image, out var count))
        {
            _images.Add(image, count = new());
        }

        return count;
    }

    private sealed class ImageCount
    {
        private readonly List<Judgement> _picks = [];
        private int _choices;
        private int _ratings;

        public ImageTally Tally => new(_choices, _ratings, _picks.Count > 0 ? _picks[^1].Verdict.Kind == JudgementKind.Keep : null);

        public void Add(Judgement judgement, int by)
        {
            switch (judgement.Verdict.Kind)
            {
                case JudgementKind.Choice or JudgementKind.Draw:
                    _choices += by;
                    break;
                case JudgementKind.Rating:
                    _ratings += by;
                    break;
                case JudgementKind.Keep or JudgementKind.Reject when by > 0:
                    _picks.Add(judgement);
                    break;
                case JudgementKind.Keep or JudgementKind.Reject:
                    _picks.Remove(judgement);
                    break;
            }
        }
    }
}

/// <summary>How an image was judged.</summary>
/// <param name="Choices">Choices and draws that it was in.</param>
/// <param name="IsKept">As it was picked last; null where it never was.</param>
public readonly record struct ImageTally(int Choices, int Ratings, bool? IsKept)
{
    public bool IsJudged => Choices + Ratings > 0 || IsKept is not null;
}
