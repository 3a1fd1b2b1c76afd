using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary>Paints runs of any plans one after the other. One checkpoint at a time is open, the last that was asked for; it stays open while only other things change.</summary>
internal sealed class PaintingRoom(Workspace workspace, Terminal terminal) : IDisposable
{
    private readonly Lock _turn = new();
    private PaintWork? _work;

    /// <inheritdoc cref="PaintQueued"/>
    public void Paint(QueuedRun run, Action<PaintStep> watch, Action<PaintOutcome> finished, CancellationToken cancel)
    {
        lock (_turn)
        {
            try
            {
                foreach (var outcome in For(run.Plan, cancel).Paint(run, watch, cancel))
                {
                    finished(outcome);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Close(); // What was wrong, such as a folder that went away, may be mended by opening again.
                throw;
            }
        }
    }

    /// <summary>Waits for the step that is being painted.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            Close();
        }
    }

    /// <summary>A plan made ready, with what is open if that serves it; the room's to close. For one thread.</summary>
    public PaintWork For(PaintPlan plan, CancellationToken cancel)
    {
        if (_work?.Serves(plan) != true)
        {
            Close();
            _work = PaintWork.Open(plan, workspace, terminal, cancel);
        }

        return _work!;
    }

    /// <summary>So that the next plan opens what it needs again.</summary>
    public void Close()
    {
        _work?.Dispose();
        _work = null;
    }
}
