using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Judging;

/// <summary>Judgements as the taste model takes them: images as rows of features, and everyone who rates on a scale, or picks, by a number of their own.</summary>
internal sealed class JudgementReader
{
    private readonly Dictionary<(string Rater, string Scale), int> _readers = [];

    /// <returns>Null where an image has no features.</returns>
    public Taken? Read(Judgement judgement, TasteFeatures features)
    {
        var (kind, purpose) = (judgement.Verdict.Kind, judgement.Verdict.Purpose);
        var other = judgement.Verdict.Other is { } second ? features.PlaceOf(second) : -1;
        if (features.PlaceOf(judgement.Verdict.Image) is not { } image || other is null)
        {
            return null;
        }

        Observation? seen = kind switch
        {
            JudgementKind.Skip => null,
            JudgementKind.Choice or JudgementKind.Draw when purpose != Purpose.Train => null,
            JudgementKind.Choice => Observation.Choice(image, other.Value),
            JudgementKind.Draw => new(ObservationKind.Draw, image, other.Value),
            JudgementKind.Rating => new(ObservationKind.Rating, image, -1, judgement.Verdict.Value!.Value, Reader(judgement.Origin.Rater, judgement.Verdict.Scale!)),
            JudgementKind.Keep => new(ObservationKind.Keep, image, -1, 0, Reader(judgement.Origin.Rater, "")),
            _ => new(ObservationKind.Reject, image, -1, 0, Reader(judgement.Origin.Rater, "")),
        };
        return new(judgement.Act, kind, image, other.Value, purpose, seen);
    }

    /// <param name="scale">Empty for picks.</param>
    private int Reader(string rater, string scale)
    {
        if (!_readers.TryGetValue((rater, scale), out var reader))
        {
            _readers.Add((rater, scale), reader = _readers.Count);
        }

        return reader;
    }
}
