using System.Text.Json;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Painting;

/// <summary>What a head says of pictures after each step of their painting, and of the finished ones.</summary>
/// <param name="Checkpoint">Its short hash.</param>
/// <param name="Model">The head's name.</param>
/// <param name="Sampler">As <see cref="Key"/> writes it.</param>
public sealed record EarlyStudy(string Checkpoint, string Model, string Sampler, IReadOnlyList<EarlyScores> Pictures)
{
    /// <summary>Scores the predicted clean picture after every step of every request: a decoding for each.</summary>
    /// <param name="judge">Its first head counts.</param>
    /// <param name="watch">Told after each step.</param>
    public static EarlyStudy Make(Painter painter, PictureJudge judge, IReadOnlyList<PaintRequest> requests, Action<PaintStep>? watch, CancellationToken cancel)
    {
        var pictures = new List<EarlyScores>();
        foreach (var request in requests)
        {
            var steps = new List<float>();
            var painted = painter.Paint([request], null, step =>
            {
                watch?.Invoke(step);
                steps.Add(judge.Score(step.Picture(0, cancel), cancel)[0]);
            }, cancel)[0];
            pictures.Add(new(steps, judge.Score(painted.Picture, cancel)[0]));
        }

        return new(painter.Checkpoint.ShortHash(), judge.Heads[0].Name, Key(requests[0]), pictures);
    }

    /// <summary>What must be the same for a study to tell anything of a request: the sampler, its levels, and the number of steps.</summary>
    public static string Key(PaintRequest request) => $"{request.Sampler.Method.Title()} {SamplerNames.Schedule(request.Sampler)} {request.Sampler.Steps}".Replace("  ", " ", StringComparison.Ordinal);

    /// <summary>How early scores go together with the final ones, step by step; a picture that took fewer steps than others is left out.</summary>
    public IReadOnlyList<EarlyCorrelation> Correlations()
    {
        var steps = Pictures.Select(picture => picture.Steps.Count).DefaultIfEmpty(0).Max();
        List<EarlyScores> whole = [.. Pictures.Where(picture => picture.Steps.Count == steps)];
        double[] final = [.. whole.Select(picture => (double)picture.Final)];
        return [.. Enumerable.Range(0, steps).Select(step =>
        {
            double[] early = [.. whole.Select(picture => (double)picture.Steps[step])];
            return new EarlyCorrelation(step + 1, Correlation.Pearson(early, final), Correlation.Spearman(early, final));
        })];
    }

    /// <summary>Keeps the study for those who paint with the same checkpoint, head and sampler.</summary>
    public void Keep(StudioDatabase database) => database.Write(db => db.Run(
        "insert into early_studies (checkpoint, model, sampler, scores, made_at) values ($checkpoint, $model, $sampler, $scores, $now)",
        ("$checkpoint", Checkpoint), ("$model", Model), ("$sampler", Sampler), ("$scores", JsonSerializer.Serialize(Pictures)), ("$now", database.Now)));

    /// <summary>All pictures of all studies of a checkpoint, a head and a sampler; null where there is none.</summary>
    /// <exception cref="PaintException">What the studio keeps cannot be read.</exception>
    public static EarlyStudy? Find(StudioDatabase database, string checkpoint, string model, string sampler)
    {
        var kept = database.Read(db => db.Rows(
            "select scores from early_studies where checkpoint = $checkpoint and model = $model and sampler = $sampler order by id", row => row.GetString(0),
            ("$checkpoint", checkpoint), ("$model", model), ("$sampler", sampler)));
        try
        {
            return kept.Count == 0 ? null : new(checkpoint, model, sampler, [.. kept.SelectMany(scores => JsonSerializer.Deserialize<List<EarlyScores>>(scores) ?? [])]);
        }
        catch (JsonException e)
        {
            throw new PaintException($"a study of early steps in '{database.Path}' is no JSON of one: {e.Message}", e);
        }
    }
}

/// <param name="Steps">After the first step, the second, and so on.</param>
public sealed record EarlyScores(IReadOnlyList<float> Steps, float Final);

/// <param name="Step">From 1.</param>
/// <param name="Pearson">Null for fewer than three pictures, or where all scores are the same.</param>
/// <param name="Spearman">The same, of ranks.</param>
public sealed record EarlyCorrelation(int Step, double? Pearson, double? Spearman);
