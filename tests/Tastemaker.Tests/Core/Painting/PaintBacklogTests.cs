using Tastemaker.Core.Library;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PaintBacklogTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly PaintBacklog _backlog;

    public PaintBacklogTests()
    {
        var studio = new StudioFolder(_folder["studio"]);
        _database = StudioDatabase.Open(studio, TimeProvider.System);
        _backlog = new(_database, studio);
    }

    private PaintPlan Plan => new() { Checkpoint = "/c", Folder = _folder["out"], Models = ["mine"], Above = 0.5, Until = 2, Precision = "f16" };

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_run_comes_back_as_it_was_asked_for_until_nothing_is_left_of_it()
    {
        var number = _backlog.Add(Plan, [Request(1), Request(2), Request(3)]);
        using (var run = _backlog.Take(number)!)
        {
            Assert.Equal(Plan.ToJson(), run.Plan.ToJson());
            Assert.Equal([Request(1), Request(2), Request(3)], run.Waiting().Select(waiting => waiting.Request));
            run.Settle(run.Waiting()[0], "/a.png");
            run.Settle(run.Waiting()[0], null);
        }

        Assert.Equal([number], _backlog.Waiting());
        using (var again = _backlog.Take(number)!)
        {
            Assert.Equal(Request(3), Assert.Single(again.Waiting()).Request);
            Assert.Equal(1, again.Kept());
            Assert.Equal(1, again.Finish());
        }

        Assert.Empty(_backlog.Waiting());
        Assert.Null(_backlog.Take(number));
    }

    [Fact]
    public void What_waits_is_told_in_order_with_the_next_prompt_and_no_more_than_is_wanted()
    {
        var first = _backlog.Add(Plan, [Request(1), Request(2) with { Prompt = "a dog" }]);
        var second = _backlog.Add(Plan, [Request(3)]);
        using (var run = _backlog.Take(first)!)
        {
            run.Settle(run.Waiting()[0], "/a.png");
        }

        Assert.Equal([new(first, 1, "a dog"), new(second, 1, "a cat")], _backlog.Overview(10));
        Assert.Equal(first, Assert.Single(_backlog.Overview(1)).Number);
        _database.Write(db => db.Run("update paint_requests set request = '[1'"));
        Assert.All(_backlog.Overview(10), run => Assert.Empty(run.Prompt));
    }

    [Fact]
    public void Who_paints_a_run_paints_it_alone()
    {
        var number = _backlog.Add(Plan, [Request(1)]);
        using (_backlog.Take(number))
        {
            Assert.Null(_backlog.Take(number));
            Assert.Equal(0, _backlog.Forget(TestContext.Current.CancellationToken));
        }

        Assert.Equal(1, _backlog.Forget(TestContext.Current.CancellationToken));
        Assert.Empty(_backlog.Waiting());
    }

    [Fact]
    public void A_file_that_was_written_before_a_kill_counts_and_anothers_does_not()
    {
        var number = _backlog.Add(Plan, [Request(1), Request(2), Request(3)]);
        var folder = new PaintedFolder(_folder["out"], PaintNames.Parse("[seed]"), TimeProvider.System);
        using (var run = _backlog.Take(number)!)
        {
            var waiting = run.Waiting();
            Write(Request(1), file => run.About(waiting[0], file));
            Write(Request(9), file => run.About(waiting[1], file));
            run.About(waiting[2], _folder["out/3.png"]);
        }

        using var again = _backlog.Take(number)!;
        Assert.Equal([2UL, 3UL], again.Waiting().Select(waiting => waiting.Request.Seed));
        Assert.Equal(1, again.Kept());

        void Write(PaintRequest request, Action<string> about) =>
            folder.Write(new(0, request, new(8, 8, PixelMode.Rgb, new byte[192]), default), PaintInfotext.Of(request, "m", "00", []), about);
    }

    [Theory]
    [InlineData("paint_runs", "plan")]
    [InlineData("paint_requests", "request")]
    public void What_cannot_be_read_is_told(string table, string column)
    {
        var number = _backlog.Add(Plan, [Request(1)]);
        _database.Write(db => db.Run($"update {table} set {column} = '[1'"));

        Assert.Contains("is no JSON of one", Assert.Throws<PaintException>(() => _backlog.Take(number)).Message, StringComparison.Ordinal);
    }

    private static PaintRequest Request(ulong seed) => new() { Prompt = "a cat", Seed = seed, Width = 8, Height = 8 };
}
