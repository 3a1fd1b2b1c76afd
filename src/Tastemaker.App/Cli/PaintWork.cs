using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary>A plan made ready: the checkpoint open, the judge at hand, the folder there.</summary>
internal sealed class PaintWork : IDisposable
{
    private readonly PaintPlan _plan;
    private readonly Workspace _workspace;
    private readonly Terminal _terminal;
    private readonly JudgeChoice? _judge;
    private readonly DrawnPrompts? _drawn;

    private PaintWork(PaintPlan plan, Painter painter, JudgeChoice? judge, DrawnPrompts? drawn, Workspace workspace, Terminal terminal) =>
        (_plan, Painter, _judge, _drawn, _workspace, _terminal) = (plan, painter, judge, drawn, workspace, terminal);

    public Painter Painter { get; }

    /// <summary>Null where nothing is to be scored.</summary>
    public PictureJudge? Judge => _judge?.Judge;

    public static PaintWork Open(PaintPlan plan, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        PaintNames.Parse(plan.Names); // Before anything large is opened.
        var device = Device.Resolve(plan.Device, why => terminal.Note($"note: {why}"));
        var painter = Painter.Open(plan.Checkpoint, new() { Precision = EncoderChoice.Named(plan.Precision), Device = device }, workspace.Models, cancel);
        JudgeChoice? judge = null;
        DrawnPrompts? drawn = null;
        try
        {
            Warn(painter, terminal);
            judge = JudgeChoice.Of(plan, workspace, terminal, cancel);
            drawn = plan.Aesthetic is { } aesthetic ? new(aesthetic, painter, workspace, terminal) : null;
            return new(plan, painter, judge, drawn, workspace, terminal);
        }
        catch
        {
            drawn?.Dispose();
            judge?.Dispose();
            painter.Dispose();
            throw;
        }
    }

    /// <summary>Paints what of a run is left.</summary>
    /// <returns>The exit code.</returns>
    public int Paint(QueuedRun run, bool isPreviewed, bool isJson, CancellationToken cancel)
    {
        var (waiting, kept) = (run.Waiting().Count, run.Kept());
        var display = new PaintDisplay(_terminal, waiting, isPreviewed && PaintDisplay.CanPreview(_terminal));
        var printer = new Printer(isJson, _judge, _terminal, display);
        var outcomes = Paint(run, display.Show, cancel);
        try
        {
            foreach (var outcome in outcomes)
            {
                kept += outcome.File is null ? 0 : 1;
                printer.Print(outcome);
            }
        }
        catch (PaintException e) when (kept > 0)
        {
            display.Leave();
            _terminal.Fail($"{e.Message} 'taste paint --resume' goes on from there.");
            return ExitCode.SomeFailed;
        }
        catch (OperationCanceledException)
        {
            display.Leave();
            _terminal.Note("'taste paint --resume' paints what is left.");
            throw;
        }
        finally
        {
            printer.End();
        }

        if (kept < _plan.Until)
        {
            _terminal.Note($"{kept} of {_plan.Until} passed in {waiting} pictures.");
        }

        return kept < _plan.Until ? ExitCode.SomeFailed : ExitCode.Done;
    }

    /// <summary>The same as the result is read on: each picture is settled before it is told of.</summary>
    /// <param name="watch">Told after each step.</param>
    public IEnumerable<PaintOutcome> Paint(QueuedRun run, Action<PaintStep> watch, CancellationToken cancel)
    {
        var waiting = run.Waiting();
        var painting = new PaintRun(Painter, new(_plan.Folder, PaintNames.Parse(_plan.Names), TimeProvider.System), Judge)
        {
            Prune = Rule(waiting),
            Batch = _plan.Batch,
            Above = _plan.Above,
            States = request => _drawn?.For(request.ClipSkip),
            More = [.. _drawn?.Infotext ?? [], .. _plan.Precision == "f32" ? Array.Empty<KeyValuePair<string, string>>() : [new("Precision", _plan.Precision)]],
        };
        return Outcomes();

        IEnumerable<PaintOutcome> Outcomes()
        {
            var kept = run.Kept();
            foreach (var outcome in painting.Paint([.. waiting.Select(w => w.Request)], watch, (place, file) => run.About(waiting[place], file), cancel))
            {
                run.Settle(waiting[outcome.Place], outcome.File);
                kept += outcome.File is null ? 0 : 1;
                Bring(outcome.File, cancel);
                yield return outcome;
                if (kept == _plan.Until)
                {
                    break;
                }
            }

            run.Finish();
        }
    }

    public void Dispose()
    {
        _drawn?.Dispose();
        _judge?.Dispose();
        Painter.Dispose();
    }

    /// <summary>What earlier studies say of early scores; told with its risk.</summary>
    private PruneRule? Rule(IReadOnlyList<QueuedRequest> waiting)
    {
        if (_plan is not { Prune: { } risk, Above: { } above } || waiting.Count == 0)
        {
            return null;
        }

        var (head, sampler) = (Judge!.Heads[0].Name, EarlyStudy.Key(waiting[0].Request));
        var study = EarlyStudy.Find(_workspace.Database, Painter.Checkpoint.ShortHash(), head, sampler) ?? throw new UserException(
            $"nothing is known of early scores by '{head}' with this checkpoint and {sampler} steps. 'taste study early-steps' measures them.");
        var rule = PruneRule.Of(study, above, risk);
        _terminal.Note(string.Create(CultureInfo.InvariantCulture,
            $"Pictures are stopped {string.Join(" and ", rule.Bounds.Select(bound => $"after step {bound.Key} below {bound.Value:F4}"))}: of those that would pass, {risk:P0} at most are lost so ({PruneRule.Confidence:P0} sure, by {rule.Winners} that passed in the study)."));
        return rule;
    }

    private static void Warn(Painter painter, Terminal terminal)
    {
        const int Shown = 3;
        if (painter.Checkpoint.Unused is { Count: > 0 } unused)
        {
            terminal.Note($"note: '{painter.Checkpoint.Path}' has weights that are not used, and may be meant to change the pictures ({unused.Count} in all): "
                + $"{string.Join(", ", unused.Take(Shown).Select(name => $"'{name}'"))}{(unused.Count > Shown ? ", …" : "")}.");
        }
    }

    /// <summary>Pictures that are scored belong to the studio, as those that <c>taste score</c> is given.</summary>
    private void Bring(string? file, CancellationToken cancel)
    {
        if (_judge is not null && file is not null && FoundFile.At(file) is { } found)
        {
            new Embedder(_workspace.Library, _workspace.Vectors(_judge.Encoder), _judge.Encoder, TimeProvider.System).Bring([found], null, cancel);
        }
    }

    /// <summary>Tells what became of each picture: a line when it is done, or JSON of all at the end.</summary>
    private sealed class Printer(bool isJson, JudgeChoice? judge, Terminal terminal, PaintDisplay display)
    {
        private readonly List<object> _all = [];
        private int _done;

        public void Print(PaintOutcome outcome)
        {
            display.Finished(++_done);
            display.Leave();
            var scores = (judge?.Judge.Heads ?? []).Zip(outcome.Scores, (head, score) => (Model: head.Name, Raw: score)).ToList();
            if (isJson)
            {
                var request = outcome.Request;
                _all.Add(new
                {
                    outcome.File, outcome.StoppedAt, request.Prompt, request.Negative, request.Seed, request.Width, request.Height, request.Sampler.Steps, sampler = request.Sampler.Method.Title(),
                    schedule = SamplerNames.Schedule(request.Sampler), cfg = request.Guidance, scores = scores.Select(score => new { score.Model, score.Raw }),
                });
            }
            else if (outcome.File is { } file)
            {
                terminal.Out.WriteLine(string.Join('\t', scores.Select(score => Text($"{score.Model} {score.Raw:F4}")).Prepend(Reporting.FromHere(file))));
            }
            else
            {
                var when = outcome.StoppedAt is { } step ? Text($"after step {step}, painted no further.") : "not kept.";
                terminal.Note(Text($"seed {outcome.Request.Seed}: {scores[0].Raw:F4} by {scores[0].Model}, {when}"));
            }
        }

        public void End()
        {
            display.Leave();
            if (isJson)
            {
                terminal.Json(_all);
            }
        }

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
