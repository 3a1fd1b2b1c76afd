using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Painting;

/// <summary>What a head says of pictures after each step of their painting, and of the finished ones.</summary>
/// <param name="Checkpoint">Its short hash.</param>
/// <param name="Model">The head's name.</param>
/// <param name="Settings">As <see cref="Key"/> writes them.</param>
public sealed record EarlyStudy(string Checkpoint, string Model, string Settings, IReadOnlyList<EarlyScores> Pictures)
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

    /// <summary>What must be the same for a study to tell anything of a request: all but its prompts, its seed and whose noise that is for.</summary>
    public static string Key(PaintRequest request)
    {
        var sampler = request.Sampler;
        return string.Join(' ', new[]
        {
            sampler.Method.Title(),
            SamplerNames.Schedule(sampler),
            sampler.Eta > 0 ? Text($"eta {sampler.Eta}") : null,
            Text($"{sampler.Steps} steps {request.Width}x{request.Height} cfg {request.Guidance}"),
            request.ClipSkip > 1 ? Text($"clip skip {request.ClipSkip}") : null,
            request.Start is null ? null : Text($"strength {sampler.Strength}"),
        }.OfType<string>());
    }

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

    /// <summary>Keeps the study for those who paint with the same checkpoint, head and settings.</summary>
    public void Keep(StudioDatabase database) => database.Write(db => db.Run(
        "insert into early_studies (checkpoint, model, sampler, scores, made_at) values ($checkpoint, $model, $sampler, $scores, $now)",
        ("$checkpoint", Checkpoint), ("$model", Model), ("$sampler", Settings), ("$scores", JsonSerializer.Serialize(Pictures)), ("$now", database.Now)));

    /// <summary>All pictures of all studies of a checkpoint, a head and settings.</summary>
    /// <exception cref="PaintException">There is none, or what the studio keeps cannot be read.</exception>
    public static EarlyStudy Of(StudioDatabase database, string checkpoint, string model, string settings)
    {
        const int MostNamed = 5;
        var kept = database.Read(db => db.Rows(
            "select sampler, scores from early_studies where checkpoint = $checkpoint and model = $model order by id", row => (Settings: row.GetString(0), Scores: row.GetString(1)),
            ("$checkpoint", checkpoint), ("$model", model)));
        if (!kept.Exists(study => study.Settings == settings))
        {
            List<string> measured = [.. kept.Select(study => study.Settings).Distinct()];
            var named = measured.Count == 0 ? "nothing" : string.Join("; ", measured.Take(MostNamed)) + (measured.Count > MostNamed ? "; …" : "");
            throw new PaintException($"early scores by '{model}' are not known for these settings with this checkpoint. Measured: {named}. Wanted: {settings}. "
                + "'taste study early-steps' measures them.");
        }

        try
        {
            return new(checkpoint, model, settings,
                [.. kept.Where(study => study.Settings == settings).SelectMany(study => JsonSerializer.Deserialize<List<EarlyScores>>(study.Scores) ?? [])]);
        }
        catch (JsonException e)
        {
            throw new PaintException($"a study of early steps in '{database.Path}' is no JSON of one: {e.Message}", e);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Steps">After the first step, the second, and so on.</param>
public sealed record EarlyScores(IReadOnlyList<float> Steps, float Final);

/// <param name="Step">From 1.</param>
/// <param name="Pearson">Null for fewer than three pictures, or where all scores are the same.</param>
/// <param name="Spearman">The same, of ranks.</param>
public sealed record EarlyCorrelation(int Step, double? Pearson, double? Spearman);
