namespace Tastemaker.App.Web;

/// <summary>Notices what this process and others add to the studio, and lets the open tastes take it in.</summary>
internal sealed class Freshness(Studio studio) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            studio.Refresh();
        }
    }
}
