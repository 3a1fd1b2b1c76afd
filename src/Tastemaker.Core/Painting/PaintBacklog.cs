using System.Globalization;
using Microsoft.Data.Sqlite;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Painting;

/// <summary>
/// The studio's runs of requests, so that a killed one can be gone on with. A request's file is named here before it is written, and every file is
/// whole or not there, so that no picture is painted twice and none is half.
/// </summary>
public sealed class PaintBacklog(StudioDatabase database, StudioFolder studio)
{
    /// <summary>Keeps a run; nothing of it is painted yet.</summary>
    /// <returns>The run's number.</returns>
    public long Add(PaintPlan plan, IReadOnlyList<PaintRequest> requests) => database.Write(db =>
    {
        db.Run("insert into paint_runs (plan, asked_at) values ($plan, $now)", ("$plan", plan.ToJson()), ("$now", database.Now));
        var run = db.Number("select last_insert_rowid()");
        foreach (var request in requests)
        {
            db.Run("insert into paint_requests (run_id, request, state) values ($run, $request, 'waiting')", ("$run", run), ("$request", request.ToJson()));
        }

        return run;
    });

    /// <summary>The numbers of the runs that are not done, the oldest first.</summary>
    public IReadOnlyList<long> Waiting() => database.Read(db => db.Rows("select id from paint_runs where done_at is null order by id", row => row.GetInt64(0)));

    /// <summary>The same with what is left of each, as far as a person wants to see it.</summary>
    /// <param name="most">That are told of.</param>
    public IReadOnlyList<WaitingRun> Overview(int most) => database.Read(db => db.Rows(
        """
        select id, pictures, (select request from paint_requests where id = first) from (
            select run.id id, count(*) pictures, min(next.id) first
            from paint_runs run join paint_requests next on next.run_id = run.id and next.state = 'waiting'
            where run.done_at is null group by run.id order by run.id limit $most)
        order by id
        """,
        (SqliteDataReader row) => new WaitingRun(row.GetInt64(0), row.GetInt32(1), PromptOf(row.GetString(2))), ("$most", most)));

    /// <summary>A run to go on with; null where another process paints it, or nothing of it is left.</summary>
    /// <exception cref="PaintException">What the studio says of it cannot be read.</exception>
    public QueuedRun? Take(long run)
    {
        var lockFile = Path.Combine(studio.Root, "painting", string.Create(CultureInfo.InvariantCulture, $"run-{run}.lock"));
        var held = StoreLock.TryTake(lockFile);
        if (held is null)
        {
            return null;
        }

        try
        {
            var plan = database.Read(db => db.Rows("select plan from paint_runs where id = $run and done_at is null", row => row.GetString(0), ("$run", run))).FirstOrDefault();
            if (plan is not null)
            {
                var taken = new QueuedRun(database, run, PaintPlan.FromJson(plan), held, lockFile);
                taken.SettleWritten();
                return taken;
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }

        held.Dispose();
        return null;
    }

    /// <summary>Gives up what is left of every run that no process paints. Returns how many pictures that were.</summary>
    public int Forget(CancellationToken cancel)
    {
        var forgotten = 0;
        foreach (var number in Waiting())
        {
            cancel.ThrowIfCancellationRequested();
            using var run = Take(number);
            forgotten += run?.Finish() ?? 0;
        }

        return forgotten;
    }

    /// <summary>Of a request that cannot be read, nothing: who paints it is told.</summary>
    private static string PromptOf(string request)
    {
        try
        {
            return PaintRequest.FromJson(request).Prompt;
        }
        catch (PaintException)
        {
            return "";
        }
    }
}

/// <summary>A run that is not done.</summary>
/// <param name="Pictures">That are left of it.</param>
/// <param name="Prompt">Of the next.</param>
public sealed record WaitingRun(long Number, int Pictures, string Prompt);

/// <summary>A run that this process paints, and no other until it is disposed of.</summary>
public sealed class QueuedRun : IDisposable
{
    private readonly StudioDatabase _database;
    private readonly IDisposable _held;
    private readonly string _lock;
    private bool _isFinished;

    internal QueuedRun(StudioDatabase database, long number, PaintPlan plan, IDisposable held, string lockFile) =>
        (_database, Number, Plan, _held, _lock) = (database, number, plan, held, lockFile);

    public long Number { get; }

    public PaintPlan Plan { get; }

    /// <summary>What is not painted yet, in its order.</summary>
    public IReadOnlyList<QueuedRequest> Waiting() => Requests("waiting");

    /// <summary>How many pictures were kept.</summary>
    public long Kept() => _database.Read(db => db.Number("select count(*) from paint_requests where run_id = $run and state = 'kept'", ("$run", Number)));

    /// <summary>A file is about to be written for a request.</summary>
    public void About(QueuedRequest request, string file) => Set(request.Id, "waiting", file);

    /// <summary>A request was painted.</summary>
    /// <param name="file">Null where its picture did not pass.</param>
    public void Settle(QueuedRequest request, string? file) => Set(request.Id, file is null ? "dropped" : "kept", file);

    /// <summary>Nothing more of it is to be painted. Returns how many requests still waited.</summary>
    public int Finish()
    {
        _isFinished = true;
        return _database.Write(db =>
        {
            var spared = db.Run("update paint_requests set state = 'spared', file = null where run_id = $run and state = 'waiting'", ("$run", Number));
            db.Run("update paint_runs set done_at = $now where id = $run", ("$run", Number), ("$now", _database.Now));
            return spared;
        });
    }

    public void Dispose()
    {
        _held.Dispose();
        if (_isFinished)
        {
            try
            {
                File.Delete(_lock);
            }
            catch (IOException)
            {
                // Another process has it, and finds that the run is done.
            }
        }
    }

    /// <summary>Files that were written when a kill kept their requests from being settled.</summary>
    internal void SettleWritten()
    {
        foreach (var request in Waiting().Where(request => request.File is not null && IsOf(request.File, request.Request)))
        {
            Settle(request, request.File);
        }
    }

    /// <summary>Another's file may have taken the name before ours was there.</summary>
    private static bool IsOf(string file, PaintRequest request)
    {
        try
        {
            return File.Exists(file) && GenerationInfo.Of(file) is { } made
                && (made.Seed, made.Steps, made.Width, made.Height) == (request.Seed, request.Sampler.Steps, request.Width, request.Height);
        }
        catch (ImageException)
        {
            return false;
        }
    }

    private void Set(long id, string state, string? file) => _database.Write(db => db.Run(
        "update paint_requests set state = $state, file = $file where id = $id", ("$state", state), ("$file", file), ("$id", id)));

    private List<QueuedRequest> Requests(string state) => _database.Read(db => db.Rows(
        "select id, request, file from paint_requests where run_id = $run and state = $state order by id",
        (SqliteDataReader row) => new QueuedRequest(row.GetInt64(0), PaintRequest.FromJson(row.GetString(1)), row.IsDBNull(2) ? null : row.GetString(2)),
        ("$run", Number), ("$state", state)));
}

/// <summary>A picture of a run.</summary>
/// <param name="File">Of one that waits, what was about to be written for it when the run was killed.</param>
public sealed record QueuedRequest(long Id, PaintRequest Request, string? File);
