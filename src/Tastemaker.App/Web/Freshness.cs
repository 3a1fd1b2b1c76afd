namespace Tastemaker.App.Web;

/// <summary>Notices what this process and others add to the studio, and lets the open tastes take it in.</summary>
internal sealed class Freshness(Studio studio, ServeRequest request) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var seen = (-1L, -1L);
        using var timer = new PeriodicTimer(Pace);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // By others' changes and our own images; what is judged here the tastes know already.
            var now = (request.Workspace.Database.OthersVersion(), studio.Vectors.Count());
            if (now != seen)
            {
                studio.Refresh();
                seen = now;
            }
        }
    }
}
