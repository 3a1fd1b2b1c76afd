using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Nets.Weights;

namespace Tastemaker.App.Web;

/// <summary>
/// Paints what waits in the studio's backlog, one run after the other on a thread of its own, also runs of the command line and those that an earlier
/// server left. Each picture enters the studio as soon as it is a file. A run that cannot be painted keeps its place and says why.
/// </summary>
internal sealed class PaintWorker(Studio studio, ServeRequest request, ImageEndpoints images) : BackgroundService
{
    /// <summary>Other processes add runs as well.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly PaintBacklog _backlog = new(request.Workspace.Database, request.Workspace.Folder);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TimeProvider _clock = TimeProvider.System;

    // Taking a run and being known to paint it are one act, as are giving a run up and finding out who has it.
    private readonly Lock _turn = new();
    private readonly Dictionary<long, string> _troubles = [];
    private PaintProgress? _now;
    private volatile byte[]? _preview;
    private volatile int _finished;

    /// <summary>Of the last step that was taken, as PNG; null until there was one.</summary>
    public byte[]? Preview => _preview;

    /// <summary>Pictures that were finished since the start.</summary>
    public int Finished => _finished;

    /// <summary>What is being painted at one moment, null for nothing, and the other runs that are not done, with why those that failed did.</summary>
    /// <param name="most">Runs that are told of.</param>
    public (PaintMoment? Now, IReadOnlyList<(WaitingRun Run, string? Trouble)> Waiting) Look(int most)
    {
        var runs = _backlog.Overview(most); // First: a run that is taken after this is seen as being painted, and none is missed.
        lock (_turn)
        {
            return (_now?.Moment, [.. runs.Where(run => run.Number != _now?.Run).Select(run => (run, _troubles.GetValueOrDefault(run.Number)))]);
        }
    }

    /// <summary>How many runs are not done.</summary>
    public int Count() => _backlog.Waiting().Count;

    /// <summary>Puts requests at the end of what waits.</summary>
    /// <returns>The run's number.</returns>
    public long Ask(PaintPlan plan, IReadOnlyList<PaintRequest> requests)
    {
        var run = _backlog.Add(plan, requests);
        _wake.Release();
        return run;
    }

    /// <summary>Gives up what is left of a run; finished pictures stay.</summary>
    /// <returns>How many pictures that were.</returns>
    public int Cancel(long number)
    {
        lock (_turn)
        {
            if (_now is { } now && now.Run == number)
            {
                return now.Cancel();
            }

            Known(number);
            using var run = _backlog.Take(number) ?? throw HttpProblem.Conflict($"another process paints run {number}. Stop it there, with Ctrl-C.");
            _troubles.Remove(number);
            return run.Finish();
        }
    }

    /// <summary>Paints a run that failed once more.</summary>
    public void Retry(long number)
    {
        lock (_turn)
        {
            Known(number);
            if (!_troubles.Remove(number))
            {
                throw HttpProblem.Conflict($"run {number} did not fail; it is painted in its turn.");
            }
        }

        _wake.Release();
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => request.Painting is not { } painting ? Task.CompletedTask
        : Task.Factory.StartNew(() => Run(painting, stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(ServedPainting painting, CancellationToken stop)
    {
        try
        {
            TakeIn(painting.Plan.Folder, stop);
            while (true)
            {
                if (!PaintNext(painting, stop))
                {
                    _wake.Wait(Pace, stop);
                }
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // What is left waits for the next start.
        }
    }

    /// <summary>Pictures that a kill kept from entering the studio.</summary>
    private void TakeIn(string folder, CancellationToken stop)
    {
        var left = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.png").Select(FoundFile.At).OfType<FoundFile>().ToList() : [];
        Guarded(() => Bring(left, stop), stop);
    }

    /// <summary>Paints the first run that can be. False where there is none.</summary>
    private bool PaintNext(ServedPainting painting, CancellationToken stop)
    {
        var waiting = Array.Empty<long>();
        Guarded(() => waiting = [.. _backlog.Waiting()], stop);
        foreach (var number in waiting)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
            try
            {
                using var run = Take(number, cancel);
                if (run is not null)
                {
                    Paint(painting, run, cancel.Token, stop);
                    return true;
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                Fail(number, e);
            }
            finally
            {
                lock (_turn)
                {
                    _now = null;
                }
            }
        }

        return false;
    }

    private QueuedRun? Take(long number, CancellationTokenSource cancel)
    {
        lock (_turn)
        {
            var run = _troubles.ContainsKey(number) ? null : _backlog.Take(number);
            _now = run is null ? null : new(run, cancel, _clock);
            return run;
        }
    }

    private void Paint(ServedPainting painting, QueuedRun run, CancellationToken cancel, CancellationToken stop)
    {
        try
        {
            painting.Paint(run, Watch, outcome => Finish(outcome, stop), cancel);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            run.Finish(); // A person gave it up.
        }
    }

    private void Watch(PaintStep step)
    {
        if (step.Live.Any())
        {
            _preview = step.PreviewPng(step.Live.First());
        }

        lock (_turn)
        {
            _now?.Take(step);
        }
    }

    private void Finish(PaintOutcome outcome, CancellationToken stop)
    {
        if (outcome.File is { } file && FoundFile.At(file) is { } found)
        {
            Guarded(() => Bring([found], stop), stop);
            _finished++;
        }

        lock (_turn)
        {
            _now?.Finish();
        }
    }

    private void Bring(IReadOnlyList<FoundFile> files, CancellationToken stop)
    {
        var brought = new Embedder(studio.Library, studio.Vectors, studio.Encoder, _clock).Bring(files, null, stop);
        foreach (var failure in brought.Failures)
        {
            request.Failed(failure);
        }

        studio.Refresh();
        foreach (var file in brought.Done.Where(file => !images.IsPrepared(file.Image)))
        {
            images.Prepare(file.Image, file.File.Path, stop).GetAwaiter().GetResult();
        }
    }

    /// <summary>What goes wrong beside the painting is told, and stops no painting.</summary>
    private void Guarded(Action act, CancellationToken stop)
    {
        try
        {
            act();
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            request.Note($"error: {e.Message}");
        }
    }

    private void Fail(long number, Exception e)
    {
        var isOurs = e is not (PaintException or ModelException or WeightException or ImageException or UserException or LibraryException or EmbeddingException
            or IOException or UnauthorizedAccessException);
        request.Note($"error: run {number}: {(isOurs ? e : e.Message)}");
        lock (_turn)
        {
            _troubles[number] = isOurs ? "This is a fault of the program; the terminal says more." : e.Message;
        }
    }

    private void Known(long number)
    {
        if (!_backlog.Waiting().Contains(number))
        {
            throw HttpProblem.NotFound($"no run {number} waits or is being painted. '/api/paint' lists those that are.");
        }
    }
}

/// <summary>A moment in the painting of a run.</summary>
/// <param name="Picture">The one that is painted, from 1.</param>
/// <param name="Pictures">That were left when painting began.</param>
/// <param name="Step">Steps taken of it; 0 while the checkpoint is opened and the prompt is read.</param>
/// <param name="SecondsPerStep">Of the last step; null before there was one to tell by.</param>
internal sealed record PaintMoment(long Run, PaintRequest Request, int Picture, int Pictures, int Step, int Steps, double? SecondsPerStep)
{
    /// <summary>What the rest of the run takes at this speed.</summary>
    public double? SecondsLeft => SecondsPerStep * (Steps - Step + (Steps * (Pictures - Picture)));
}

/// <summary>How far the run is that is being painted. Under its owner's lock.</summary>
internal sealed class PaintProgress(QueuedRun run, CancellationTokenSource cancel, TimeProvider clock)
{
    private readonly IReadOnlyList<QueuedRequest> _left = run.Waiting();
    private int _done;
    private int _step;
    private int? _steps;
    private double? _each;
    private long _last;

    public long Run { get; } = run.Number;

    public PaintMoment? Moment => _done == _left.Count ? null
        : new(Run, _left[_done].Request, _done + 1, _left.Count, _step, _steps ?? _left[_done].Request.Sampler.Steps, _each);

    public void Take(PaintStep step)
    {
        _each = step.Done > 1 ? clock.GetElapsedTime(_last).TotalSeconds : _each;
        (_step, _steps, _last) = (step.Done, step.Total, clock.GetTimestamp());
    }

    public void Finish() => (_done, _step) = (_done + 1, 0);

    /// <returns>How many pictures will not be painted.</returns>
    public int Cancel()
    {
        cancel.Cancel();
        return _left.Count - _done;
    }
}
