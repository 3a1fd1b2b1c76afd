using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.App.Web;

/// <summary>
/// Brings the images of the named paths into the studio beside everything else, and those that come later: folders are
/// watched, and looked through now and then because a watch may miss things or be impossible. A file that cannot be read
/// may be half-written; it is tried again until it has rested.
/// </summary>
internal sealed class Intake(Studio studio, ServeRequest request, ImageEndpoints images) : BackgroundService, IProgress<Progress>
{
    /// <summary>A file that was changed less long ago may still be being written.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Rounds = TimeSpan.FromMinutes(1);

    /// <summary>When more files than this have changed, their folder is looked through instead.</summary>
    private const int MostChanged = 10_000;

    private const string Idle = "idle";

    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly TimeProvider _clock = TimeProvider.System;
    private volatile Progress _progress = new(Idle, 0, 0);
    private volatile int _failed;

    /// <summary>What is being done; the step is <c>idle</c> when all is in.</summary>
    public IntakeState State
    {
        get
        {
            var progress = _progress;
            return new(progress.Step, progress.Done, progress.Total, _failed);
        }
    }

    public void Report(Progress value) => _progress = value;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => Run(stoppingToken), stoppingToken);

    public override void Dispose()
    {
        _watchers.ForEach(watcher => watcher.Dispose());
        base.Dispose();
    }

    private async Task Run(CancellationToken cancel)
    {
        if (request.Paths.Count == 0)
        {
            return;
        }

        foreach (var folder in request.Paths.Where(Directory.Exists))
        {
            Watch(Path.GetFullPath(folder));
        }

        while (true)
        {
            await Bring(request.Paths, cancel);
            for (var since = _clock.GetTimestamp(); _clock.GetElapsedTime(since) < Rounds;)
            {
                await Task.Delay(_changed.IsEmpty ? Pause : Debounce, _clock, cancel);
                if (!_changed.IsEmpty)
                {
                    await Bring(TakeChanged(), cancel);
                }
            }
        }
    }

    private async Task Bring(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        try
        {
            Report(new("looking for images", 0, 0));
            var found = FolderScan.Run(paths, TextReader.Null, studio.Folder, cancel);
            var brought = new Embedder(studio.Library, studio.Vectors, studio.Encoder, _clock).Bring(found.Done, this, cancel);
            Consider([.. found.Failures, .. brought.Failures]);
            await MakeThumbnails(brought.Done, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever is wrong with this round (a full disk, a studio in use) may be gone in the next.
            request.Note($"error: {e.Message}");
            await Task.Delay(Rest, _clock, cancel);
        }
        finally
        {
            Report(new(Idle, 0, 0));
        }
    }

    private async Task MakeThumbnails(IReadOnlyList<EmbeddedFile> files, CancellationToken cancel)
    {
        var wanted = files.DistinctBy(file => file.Image.Id).Where(file => !images.IsPrepared(file.Image)).ToList();
        foreach (var (index, file) in wanted.Index())
        {
            Report(new("making thumbnails", index, wanted.Count));
            try
            {
                await images.Prepare(file.Image, file.File.Path, cancel);
            }
            catch (Exception e) when (e is Core.Imaging.ImageException or IOException or UnauthorizedAccessException)
            {
                // Whoever looks at the image is told.
            }
        }
    }

    /// <summary>Tells of files that cannot be used, each once, and keeps those that may be half-written for another try.</summary>
    private void Consider(IReadOnlyList<Failure> failures)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        foreach (var failure in failures)
        {
            if (now - File.GetLastWriteTimeUtc(failure.Path) is var age && age >= TimeSpan.Zero && age < Rest)
            {
                _changed[failure.Path] = true;
            }
            else if (_unreadable.Add(failure.Path))
            {
                _failed++;
                request.Failed(failure);
            }
        }
    }

    private List<string> TakeChanged() => [.. _changed.Keys.Where(path => _changed.TryRemove(path, out _))];

    /// <summary>Sees in a watched folder what <see cref="FolderScan"/> sees: images by their extension, nothing hidden, nothing of the studio's own.</summary>
    private void Changed(string folder, string path)
    {
        var isHidden = Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.'));
        var isOurs = path.StartsWith(studio.Folder.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (isHidden || isOurs || !(Directory.Exists(path) || FolderScan.Extensions.Contains(Path.GetExtension(path).TrimStart('.'), StringComparer.OrdinalIgnoreCase)))
        {
            return;
        }

        if (_changed.Count >= MostChanged)
        {
            _changed.Clear();
            path = folder;
        }

        _changed[path] = true;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Disposed with the intake.")]
    private void Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder)
            {
                IncludeSubdirectories = true,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += (_, change) => Changed(folder, change.FullPath);
            watcher.Changed += (_, change) => Changed(folder, change.FullPath);
            watcher.Renamed += (_, change) => Changed(folder, change.FullPath);
            watcher.Error += (_, _) => _changed[folder] = true;
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            request.Note($"note: '{folder}' cannot be watched ({e.Message}); it is looked through every {Rounds.TotalSeconds:F0} s.");
        }
    }
}

/// <param name="Step">Such as <c>encoding</c>, or <c>idle</c>.</param>
/// <param name="Failed">Files that could not be used since the start.</param>
internal readonly record struct IntakeState(string Step, int Done, int Total, int Failed);
