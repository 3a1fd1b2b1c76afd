using System.Diagnostics;
using Spectre.Console;
using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Progress = Tastemaker.Core.Platform.Progress;

namespace Tastemaker.App.Cli;

/// <summary>How long work and its failures are told of, the same in every command.</summary>
internal static class Reporting
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>A line with count, speed and what is left, written over at most ten times a second.</summary>
    public static IProgress<Progress> Progress(Terminal terminal) => new Line(terminal);

    /// <summary>Names each on stderr and returns how many there are.</summary>
    public static int Failures(Terminal terminal, IReadOnlyCollection<Failure> failures)
    {
        foreach (var failure in failures)
        {
            terminal.Fail(failure.Reason.Contains(failure.Path, StringComparison.Ordinal) ? failure.Reason : $"'{failure.Path}': {failure.Reason}");
        }

        return failures.Count;
    }

    /// <summary>Bars, one a file, on a terminal; elsewhere only what is worth a line.</summary>
    public static T Transfers<T>(Terminal terminal, Func<IProgress<DownloadProgress>, T> run)
    {
        if (!terminal.ErrorIsTerminal || terminal.IsQuiet)
        {
            return run(new Told(p => Note(terminal, p)));
        }

        return AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(terminal.Error) }).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                Dictionary<string, ProgressTask> bars = [];
                return run(new Told(p =>
                {
                    if (!bars.TryGetValue(p.File, out var bar))
                    {
                        bars[p.File] = bar = context.AddTask(p.File.EscapeMarkup());
                    }

                    bar.IsIndeterminate = p.Total is null;
                    bar.MaxValue = p.Total ?? Math.Max(p.Done, 1);
                    bar.Value = p.Done;
                    Note(terminal, p);
                }));
            });
    }

    private static void Note(Terminal terminal, DownloadProgress progress)
    {
        if (progress.Note is { } note)
        {
            terminal.Note($"{progress.File}: {note}");
        }
    }

    private sealed class Told(Action<DownloadProgress> tell) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => tell(value);
    }

    /// <summary>A path as seen from the working folder, where that is shorter.</summary>
    public static string FromHere(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.Length < path.Length ? relative : path;
    }

    private sealed class Line(Terminal terminal) : IProgress<Progress>
    {
        private readonly Stopwatch _since = Stopwatch.StartNew();
        private TimeSpan _last = TimeSpan.MinValue;
        private string _step = "";

        public void Report(Progress value)
        {
            lock (_since)
            {
                if (value.Step != _step)
                {
                    _step = value.Step;
                    _since.Restart();
                    _last = TimeSpan.MinValue;
                }

                var now = _since.Elapsed;
                if (value.Done < value.Total && _last != TimeSpan.MinValue && now - _last < Pace)
                {
                    return;
                }

                _last = now;
                var rate = value.Done / Math.Max(now.TotalSeconds, 1e-3);
                var left = TimeSpan.FromSeconds((value.Total - value.Done) / Math.Max(rate, 1e-9));
                terminal.Progress(value.Done < value.Total && now.TotalSeconds > 1
                    ? $"{value.Step} {value.Done}/{value.Total} · {rate:F1}/s · {Time(left)} left"
                    : $"{value.Step} {value.Done}/{value.Total}");
            }
        }

        private static string Time(TimeSpan left) => left.TotalHours >= 1 ? $"{left:h\\:mm\\:ss}" : $"{left:m\\:ss}";
    }
}
