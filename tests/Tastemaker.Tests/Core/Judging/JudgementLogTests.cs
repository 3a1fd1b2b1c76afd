using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Library;

namespace Tastemaker.Tests.Core.Judging;

public sealed class JudgementLogTests : IDisposable
{
    private static readonly Origin Me = new("me", "test", 1200);
    private static readonly Origin You = new("you", "test");

    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly JudgementLog _log;
    private readonly long[] _images;

    public JudgementLogTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder.Path), TimeProvider.System);
        _log = new(_database);
        _images = new ImageLibrary(_database).Add([.. Enumerable.Range(0, 6).Select(ImageLibraryTests.Image)]);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_kept_comes_back_as_it_was_and_in_order()
    {
        Verdict[] verdicts =
        [
            Verdict.Choice(_images[0], _images[1]) with { Purpose = Purpose.HeldOut, Expected = 0.75 },
            Verdict.Draw(_images[1], _images[2]) with { Purpose = Purpose.Repeat },
            new(JudgementKind.Skip, _images[2], _images[3]),
            Verdict.Rating(_images[3], 4.5, "1-5"),
            new(JudgementKind.Keep, _images[4]),
            new(JudgementKind.Reject, _images[5]),
        ];
        foreach (var verdict in verdicts)
        {
            _log.Append("mine", [verdict], Me);
        }

        var standing = _log.Standing("mine");

        Assert.Equal(verdicts, standing.Select(j => j.Verdict));
        Assert.All(standing, j => Assert.Equal((Me, j.Id), (j.Origin, j.Act)));
        Assert.Equal(standing.Select(j => j.Id).Order(), standing.Select(j => j.Id));
        Assert.Empty(_log.Standing("another"));
        Assert.Equal(("mine", 6), (_log.Tastes().Single().Name, _log.Tastes()[0].Judgements));
    }

    [Theory]
    [InlineData("update judgements set rater = 'me'")]
    [InlineData("delete from judgements")]
    [InlineData("insert or replace into judgements select * from judgements")]
    public void No_statement_changes_or_removes_a_judgement(string sql)
    {
        _log.Append("mine", [Verdict.Choice(_images[0], _images[1])], You);

        Assert.Throws<LibraryException>(() => _database.Write(db => db.Run(sql)));

        Assert.Equal("you", _log.Standing("mine").Single().Origin.Rater);
    }

    [Fact]
    public void An_act_is_taken_back_whole_and_stays_in_the_log()
    {
        _log.Append("mine", [Verdict.Choice(_images[0], _images[1])], Me);
        var act = _log.Append("mine", [Verdict.Choice(_images[2], _images[3]), Verdict.Choice(_images[2], _images[4])], Me);

        var undone = _log.Undo("mine", "me", "test");

        Assert.Equal([act, act], undone.Select(j => j.Act));
        Assert.Equal(_images[0], _log.Standing("mine").Single().Verdict.Image);
        var tail = _log.Since("mine", 0);
        Assert.Equal(3, tail.Added.Count);
        Assert.Equal([act], tail.Undone);
        Assert.Empty(_log.Since("mine", tail.Last).Added);
    }

    [Fact]
    public void Everybody_takes_back_only_their_own()
    {
        _log.Append("mine", [Verdict.Choice(_images[0], _images[1])], Me);
        _log.Append("mine", [Verdict.Choice(_images[1], _images[0])], You);
        _log.Append("other", [Verdict.Choice(_images[2], _images[3])], Me);

        Assert.Equal(_images[0], _log.Undo("mine", "me", "test").Single().Verdict.Image);
        Assert.Empty(_log.Undo("mine", "me", "test"));
        Assert.Empty(_log.Undo("mine", "nobody", "test"));
        Assert.Equal("you", _log.Standing("mine").Single().Origin.Rater);
        Assert.Single(_log.Standing("other"));
    }

    [Fact]
    public void Undo_goes_back_act_by_act()
    {
        var acts = Enumerable.Range(0, 3).Select(i => _log.Append("mine", [Verdict.Choice(_images[i], _images[i + 1])], Me)).ToList();

        Assert.Equal([acts[2], acts[1]], new[] { _log.Undo("mine", "me", "test")[0].Act, _log.Undo("mine", "me", "test")[0].Act });

        var again = _log.Append("mine", [Verdict.Draw(_images[0], _images[1])], Me);
        Assert.Equal([again, acts[0]], new[] { _log.Undo("mine", "me", "test")[0].Act, _log.Undo("mine", "me", "test")[0].Act });
        Assert.Empty(_log.Standing("mine"));
    }

    [Fact]
    public void A_bad_verdict_keeps_every_act_beside_it_out()
    {
        var good = Verdict.Choice(_images[0], _images[1]);
        foreach (var bad in new[]
        {
            Verdict.Choice(_images[0], _images[0]), new(JudgementKind.Draw, _images[0]), Verdict.Rating(_images[0], double.NaN, "1-5"),
            Verdict.Rating(_images[0], double.PositiveInfinity, "1-5"), Verdict.Rating(_images[0], 3, ""), new(JudgementKind.Rating, _images[0]),
        })
        {
            Assert.Throws<JudgingException>(() => _log.Append("mine", [[good], [bad]], Me));
        }

        var unknown = Assert.Throws<JudgingException>(() => _log.Append("mine", [good, new(JudgementKind.Keep, 99_999)], Me));
        Assert.Equal(JudgingFault.UnknownImage, unknown.Fault);
        Assert.Contains("image 99999 is not in the studio", unknown.Message, StringComparison.Ordinal);
        Assert.Empty(_log.Standing("mine"));
        Assert.Empty(_log.Tastes());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" mine")]
    [InlineData("mine.")]
    [InlineData("../mine")]
    [InlineData("a\nb")]
    public void A_name_that_is_none_is_refused(string name)
    {
        Assert.Throws<JudgingException>(() => _log.Append(name, [Verdict.Choice(_images[0], _images[1])], Me));
        Assert.Throws<JudgingException>(() => _log.Append("mine", [Verdict.Choice(_images[0], _images[1])], Me with { Rater = name }));
    }

    [Fact]
    public void A_name_of_a_megabyte_is_refused_in_a_line()
    {
        var message = Assert.Throws<JudgingException>(() => _log.Append(new string('x', 1 << 20), [Verdict.Choice(_images[0], _images[1])], Me)).Message;

        Assert.InRange(message.Length, 1, 400);
        Assert.Contains("1048576 characters", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_who_write_at_once_lose_nothing_and_see_whole_acts()
    {
        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 4 }, worker =>
        {
            using var database = StudioDatabase.Open(new StudioFolder(_folder.Path), TimeProvider.System);
            var log = new JudgementLog(database);
            for (var i = 0; i < 25; i++)
            {
                log.Append("mine", [Verdict.Choice(_images[0], _images[1]), Verdict.Choice(_images[0], _images[2])], Me with { Rater = $"r{worker}", Milliseconds = i });
                if (i % 5 == 4)
                {
                    Assert.Equal(i, log.Undo("mine", $"r{worker}", "test")[0].Origin.Milliseconds);
                }
            }
        });

        var standing = _log.Standing("mine");
        Assert.Equal(4 * 20 * 2, standing.Count);
        Assert.All(standing.GroupBy(j => j.Act), act => Assert.Equal((2, 1), (act.Count(), act.Select(j => j.Origin).Distinct().Count())));
        Assert.Equal(4, standing.CountBy(j => j.Origin.Rater).Count(r => r.Value == 40));
    }
}
