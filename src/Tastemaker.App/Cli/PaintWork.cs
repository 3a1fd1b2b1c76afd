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
    private readonly PaintedFolder _folder;

    private PaintWork(PaintPlan plan, Painter painter, JudgeChoice? judge, PaintedFolder folder, Workspace workspace, Terminal terminal) =>
        (_plan, Painter, _judge, _folder, _workspace, _terminal) = (plan, painter, judge, folder, workspace, terminal);

    public Painter Painter { get; }

    public static PaintWork Open(PaintPlan plan, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        var names = PaintNames.Parse(plan.Names);
        var device = Device.Resolve(plan.Device, why => terminal.Note($"note: {why}"));
        var painter = Painter.Open(plan.Checkpoint, new() { Precision = EncoderChoice.Named(plan.Precision), Device = device }, workspace.Models, cancel);
        JudgeChoice? judge = null;
        try
        {
            Warn(painter, terminal);
            judge = JudgeChoice.Of(plan, workspace, terminal, cancel);
            return new(plan, painter, judge, new(plan.Folder, names, TimeProvider.System), workspace, terminal);
        }
        catch
        {
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
        try
        {
            foreach (var outcome in Paint(run, display.Show, cancel))
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

    /// <summary>The same as it is read on: each picture is settled before it is told of.</summary>
    /// <param name="watch">Told after each step.</param>
    public IEnumerable<PaintOutcome> Paint(QueuedRun run, Action<PaintStep> watch, CancellationToken cancel)
    {
        var (waiting, kept) = (run.Waiting(), run.Kept());
        var painting = new PaintRun(Painter, _folder, _judge?.Judge)
        {
            Batch = _plan.Batch,
            Above = _plan.Above,
            More = _plan.Precision == "f32" ? [] : [new("Precision", _plan.Precision)],
        };
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

    public void Dispose()
    {
        _judge?.Dispose();
        Painter.Dispose();
    }

    private static void Warn(Painter painter, Terminal terminal)
    {
        const int Shown = 3;
        if (painter.Checkpoint.Unused is { Count: > 0 } unused)
        {
            terminal.Note($"note: {unused.Count} weights of '{painter.Checkpoint.Path}' are not used, and may be meant to change the pictures: "
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
                    outcome.File, request.Prompt, request.Negative, request.Seed, request.Width, request.Height, request.Sampler.Steps, sampler = request.Sampler.Method.Title(),
                    schedule = SamplerNames.Schedule(request.Sampler), cfg = request.Guidance, scores = scores.Select(score => new { score.Model, score.Raw }),
                });
            }
            else if (outcome.File is { } file)
            {
                terminal.Out.WriteLine(string.Join('\t', scores.Select(score => Text($"{score.Model} {score.Raw:F4}")).Prepend(Reporting.FromHere(file))));
            }
            else
            {
                terminal.Note(Text($"seed {outcome.Request.Seed}: {scores[0].Raw:F4} by {scores[0].Model}, not kept."));
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
