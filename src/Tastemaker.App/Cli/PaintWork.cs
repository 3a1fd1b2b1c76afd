using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary>A plan made ready: the checkpoint open, the judge at hand, what prompts are drawn towards found.</summary>
internal sealed class PaintWork : IDisposable
{
    private readonly PaintPlan _plan;
    private readonly Workspace _workspace;
    private readonly Terminal _terminal;
    private readonly JudgeChoice? _judge;
    private DrawnPrompts? _drawn;

    private PaintWork(PaintPlan plan, Painter painter, JudgeChoice? judge, Workspace workspace, Terminal terminal) =>
        (_plan, Painter, _judge, _workspace, _terminal) = (plan, painter, judge, workspace, terminal);

    public Painter Painter { get; }

    /// <summary>Null where nothing is to be scored.</summary>
    public PictureJudge? Judge => _judge?.Judge;

    public static PaintWork Open(PaintPlan plan, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        PaintNames.Parse(plan.Names); // Before anything large is opened.
        var device = Device.Resolve(plan.Device, why => terminal.Note($"note: {why}"));
        var painter = Painter.Open(plan.Checkpoint, new() { Precision = EncoderChoice.Named(plan.Precision), Device = device }, workspace.Models, cancel);
        var work = default(PaintWork);
        try
        {
            Warn(painter, terminal);
            work = new(plan, painter, JudgeChoice.Of(plan, workspace, terminal, cancel), workspace, terminal);
            work.Draw(plan.Aesthetic);
            return work;
        }
        catch
        {
            work?._judge?.Dispose();
            painter.Dispose();
            throw;
        }
    }

    /// <summary>Whether runs of a plan can be painted with what is open: the same checkpoint, computed in the same way, and the same judges.</summary>
    public bool Serves(PaintPlan plan)
    {
        return Opened(plan) == Opened(_plan);

        static string Opened(PaintPlan of) => new PaintPlan
        {
            Checkpoint = of.Checkpoint, Precision = of.Precision, Device = of.Device, IsScored = of.IsScored, Models = of.Models, Encoder = of.Encoder, Folder = "",
        }.ToJson();
    }

    /// <summary>Paints what of a run is left.</summary>
    /// <returns>The exit code.</returns>
    public int Paint(QueuedRun run, bool isPreviewed, bool isJson, CancellationToken cancel)
    {
        var (waiting, kept, outcomes) = (run.Waiting().Count, run.Kept(), new List<PaintOutcome>());
        var display = new PaintDisplay(_terminal, waiting, isPreviewed && PaintDisplay.CanPreview(_terminal));
        var printer = new Printer(isJson, _judge, _terminal, display);
        try
        {
            foreach (var outcome in Paint(run, display.Show, cancel))
            {
                outcomes.Add(outcome);
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

        TellStopped(run.Plan, outcomes);
        if (kept < run.Plan.Until)
        {
            _terminal.Note($"{kept} of {run.Plan.Until} passed in {waiting} pictures.");
        }

        return kept < run.Plan.Until ? ExitCode.SomeFailed : ExitCode.Done;
    }

    /// <summary>The same as the result is read on: each picture is settled before it is told of.</summary>
    /// <param name="run">Of a plan that <see cref="Serves"/>.</param>
    /// <param name="watch">Told after each step.</param>
    public IEnumerable<PaintOutcome> Paint(QueuedRun run, Action<PaintStep> watch, CancellationToken cancel)
    {
        var (plan, waiting) = (run.Plan, run.Waiting());
        Draw(plan.Aesthetic);
        var painting = new PaintRun(Painter, new(plan.Folder, PaintNames.Parse(plan.Names), TimeProvider.System), Judge)
        {
            Prune = Rule(plan, waiting),
            Batch = plan.Batch,
            Above = plan.Above,
            States = request => _drawn?.For(request.ClipSkip),
            More = [.. _drawn?.Infotext ?? [], .. plan.Precision == "f32" ? Array.Empty<KeyValuePair<string, string>>() : [new("Precision", plan.Precision)]],
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
                if (kept == plan.Until)
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

    /// <summary>Takes up what a plan's prompts are drawn towards; what was drawn before is kept where it is the same.</summary>
    private void Draw(AestheticPlan? plan)
    {
        var target = plan?.Target(_workspace.Models);
        if (_drawn?.IsFor(target, plan?.Settings) != true)
        {
            _drawn?.Dispose();
            _drawn = null; // What comes may be refused.
            _drawn = target is null ? null : new(target, plan!.Settings, Painter, _workspace, _terminal);
        }
    }

    /// <summary>What earlier studies say of early scores; told with its risk.</summary>
    private PruneRule? Rule(PaintPlan plan, IReadOnlyList<QueuedRequest> waiting)
    {
        if (plan is not { Prune: { } risk, Above: { } above } || waiting.Count == 0)
        {
            return null;
        }

        var study = EarlyStudy.Of(_workspace.Database, Painter.Checkpoint.ShortHash(), Judge!.Heads[0].Name, EarlyStudy.Key(waiting[0].Request));
        var rule = PruneRule.Of(study, above, risk);
        _terminal.Note(rule.Bounds.Count == 0 ? "No picture is stopped early: by the study, looking at them would take longer than stopping some would save."
            : $"Pictures are stopped {string.Join(" and ", rule.Bounds.Select(bound => Text($"after step {bound.Key} below {bound.Value:F4}")))}: {Risk(risk)}, by {rule.Winners} that passed in the study.");
        return rule;
    }

    /// <summary>What stopping early spared, and at what risk.</summary>
    private void TellStopped(PaintPlan plan, List<PaintOutcome> outcomes)
    {
        var stopped = outcomes.Where(outcome => outcome.StoppedAt is not null).ToList();
        if (plan.Prune is { } risk && stopped.Count > 0)
        {
            var (spared, all) = (stopped.Sum(outcome => outcome.Steps - outcome.StoppedAt!.Value), outcomes.Sum(outcome => outcome.Steps));
            _terminal.Note(Text($"Stopped early: {stopped.Count} of {outcomes.Count} pictures, which spared {spared} of {all} steps ({Percent.Of((double)spared / all)}); {Risk(risk)}."));
        }
    }

    private static string Risk(double risk) => $"of those that would pass, {Percent.Of(risk)} at most are lost so, {Percent.Of(PruneRule.Confidence)} sure";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

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
