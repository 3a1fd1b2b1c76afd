using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;
using Tastemaker.Nets.Heads;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Core.Judging;

/// <summary>A session over a real studio whose vectors are drawn, judged by a person who likes their first number.</summary>
public sealed class TasteSessionTests : IDisposable
{
    private const int Dims = 8;

    private static readonly Origin Me = new("me", "test");

    private readonly TestStudio _studio = new();
    private readonly StudioDatabase _database;
    private readonly ImageLibrary _library;
    private readonly JudgementLog _log;
    private readonly VectorStore _vectors;
    private readonly Dictionary<long, float> _likings = [];
    private readonly Dictionary<long, string> _paths = [];
    private readonly Random _person = new(7);

    public TasteSessionTests()
    {
        _database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        (_library, _log) = (new(_database), new(_database));
        _vectors = VectorStore.Open(_database, _studio.Studio, "test", "test", Dims);
    }

    public void Dispose()
    {
        _database.Dispose();
        _studio.Dispose();
    }

    [Fact]
    public void Pairs_do_not_come_again_by_chance_and_sides_are_shuffled()
    {
        Add(40);
        using var session = Open();

        var offers = Play(session, 300);

        var standing = _log.Standing("mine");
        var asked = standing.Where(j => j.Verdict.Purpose != Purpose.Repeat).Select(j => Key(j.Verdict)).ToList();
        Assert.Equal(asked.Count, asked.Distinct().Count());
        Assert.InRange(offers.Count(o => o.Images[0] < o.Images[1]), 110, 190); // 150 ± 4.6 deviations.
    }

    [Fact]
    public void A_tenth_is_held_out_and_a_twentieth_repeats_such_pairs_and_neither_is_learned_from()
    {
        const int Choices = 400;
        Add(60);
        using (var session = Open())
        {
            Play(session, Choices);
            var standing = session.Standing();
            Assert.Equal(Of(Purpose.HeldOut).Count, standing.Agreement.Of);
            Assert.Equal(Of(Purpose.Repeat).Count, standing.Ceiling.Of);
        }

        // Binomial: 40 ± 6 and 20 ± 4.4 (fewer, for a repeat has to ripen).
        Assert.InRange(Of(Purpose.HeldOut).Count, 20, 62);
        Assert.InRange(Of(Purpose.Repeat).Count, 5, 36);
        var heldOut = Of(Purpose.HeldOut).Select(j => Key(j.Verdict)).ToHashSet();
        Assert.All(Of(Purpose.Repeat), repeat => Assert.Contains(Key(repeat.Verdict), heldOut));
        Assert.DoesNotContain(Of(Purpose.Train), j => heldOut.Contains(Key(j.Verdict)));

        // Whoever says the opposite in all that is kept out teaches the same.
        var means = Settled("mine");
        foreach (var act in _log.Standing("mine"))
        {
            var (winner, loser) = (act.Verdict.Image, act.Verdict.Other!.Value);
            _log.Append("other", [act.Verdict.Purpose == Purpose.Train ? act.Verdict : act.Verdict with { Image = loser, Other = winner }], Me);
        }

        Assert.Equal(means, Settled("other"));

        List<Judgement> Of(Purpose purpose) => [.. _log.Standing("mine").Where(j => j.Verdict.Purpose == purpose)];
    }

    [Fact]
    public void What_was_learned_ranks_as_the_person_does()
    {
        Add(80);
        using var session = Open();

        Play(session, 160);
        session.Settle();

        var ranking = session.Ranking;
        var order = Enumerable.Range(0, ranking.Count).Select(place => ranking[place]).ToList();
        Assert.InRange(Correlation.Spearman([.. order.Select(r => (double)r.Mean)], [.. order.Select(r => (double)_likings[r.Image])])!.Value, 0.8, 1);
        Assert.Equal(order.Select(r => r.Mean).OrderDescending(), order.Select(r => r.Mean));
        Assert.InRange(session.Standing().Agreement.High, 0.75, 1); // Of a few held-out pairs; a person like this one is foretold in four of five.
        var (best, worst) = (order[0].Image, order[^1].Image);
        Assert.InRange(session.Wins(best, worst), 0.75, 1);
        Assert.Equal(1, session.Wins(best, worst) + session.Wins(worst, best), 1e-6);
    }

    [Fact]
    public void A_picture_from_elsewhere_is_placed_where_its_like_is()
    {
        Add(80);
        using var session = Open();
        Assert.InRange(session.Predict(new float[] { 3, 1, 1, 1, 1, 1, 1, 1 })!.Percentile, 0, 100);

        Play(session, 160);

        var (good, bad) = (session.Predict(Vector(3))!, session.Predict(Vector(-3))!);
        Assert.True(good.Mean > bad.Mean);
        Assert.True(good.Percentile > 75 && bad.Percentile < 25, $"{good} {bad}");
        Assert.InRange(good.Deviation, 0.01, 5);

        static float[] Vector(float liked) => [liked, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f];
    }

    [Fact]
    public void New_images_are_seen_soon_and_what_was_said_of_them_before_counts()
    {
        Add(30);
        using var session = Open();
        Play(session, 100);
        var late = Describe(_library.Add(Images(30, 10)), describe: false);
        _log.Append("mine", [Verdict.Choice(late[0], late[1])], Me); // Said elsewhere, before they had features here.
        Assert.Equal(100, session.Standing().Choices);

        Describe(late, describe: true);
        session.Settle();

        Assert.Equal((40, 101), (session.Ranking.Count, session.Standing().Choices));
        var shown = Play(session, 20).SelectMany(o => o.Images).ToHashSet();
        Assert.Subset(shown, late[2..].ToHashSet());
    }

    [Fact]
    public void A_filter_keeps_to_the_folder_the_experiment_and_the_band()
    {
        Add(40);
        using var session = Open();
        Play(session, 40);
        session.Settle();
        var folder = Path.GetDirectoryName(_paths.Values.First(p => p.Contains("odd", StringComparison.Ordinal)))!;
        File.WriteAllText(Path.Combine(folder, Experiments.Log), "");

        for (var i = 0; i < 20; i++)
        {
            Assert.All(session.Offer(new() { Folder = folder }).Images, image => Assert.StartsWith(folder, _paths[image], StringComparison.Ordinal));
            Assert.All(session.Offer(new() { Experiment = "odd" }).Images, image => Assert.StartsWith(folder, _paths[image], StringComparison.Ordinal));
            var ranking = session.Ranking;
            Assert.All(session.Offer(new() { FromPercentile = 75 }).Images, image => Assert.InRange(ranking.PlaceOf(image)!.Value, 0, 9));
            Assert.All(session.Offer(new() { ToPercentile = 25 }).Images, image => Assert.InRange(ranking.PlaceOf(image)!.Value, 30, 39));
        }

        var none = Assert.Throws<JudgingException>(() => session.Offer(new() { Folder = _studio["nowhere"] }));
        Assert.Equal(JudgingFault.NotNow, none.Fault);
        Assert.Contains("0 pass the filter", none.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_choice_among_more_is_one_act_of_pairs(int count)
    {
        Add(12);
        using var session = Open();

        var offer = session.Offer(new(count) { Explore = 1 });
        Assert.Equal(count, offer.Images.Distinct().Count());
        var standing = session.Answer(offer.Id, Answer.Won(count - 1), Me);

        Assert.Equal(count - 1, standing.Choices);
        var act = _log.Standing("mine");
        Assert.Single(act.DistinctBy(j => j.Act));
        Assert.All(act, j => Assert.Equal((offer.Images[^1], Purpose.Train), (j.Verdict.Image, j.Verdict.Purpose)));
        Assert.Equal(offer.Images.SkipLast(1).Order(), act.Select(j => j.Verdict.Other!.Value).Order());
        var undone = session.Undo("me", "test");
        Assert.Equal(count - 1, undone.Count);
        Assert.Equal(0, session.Standing().Choices);

        // What was taken back can be answered anew.
        var again = session.OfferAgain(undone)!;
        Assert.Equal(offer.Images.Order(), again.Images.Order());
        session.Answer(again.Id, Answer.Draw, Me);
        Assert.Equal(count - 1, _log.Standing("mine").Count(j => j.Verdict.Kind == JudgementKind.Draw));

        session.Rate(offer.Images[0], 4, "1-5", Me);
        Assert.Null(session.OfferAgain(session.Undo("me", "test")));
        File.Delete(_paths[offer.Images[0]]);
        Assert.Null(session.OfferAgain(session.Undo("me", "test")));
    }

    [Fact]
    public void Undo_leaves_no_trace()
    {
        Add(30);
        Play(Open(), 25, close: true);
        using var session = Open();
        var before = Means(session);

        // The last at once.
        Train(session);
        Assert.NotEqual(before, Means(session));
        session.Undo("me", "test");
        AssertClose(before, Means(session));

        // An older one once all is fitted anew: as if it never had been.
        Train(session);
        _log.Append("mine", [Verdict.Choice(_paths.Keys.First(), _paths.Keys.Last())], new("you", "test"));
        session.Undo("me", "test");
        session.Undo("you", "test");
        session.Settle();
        AssertClose(Settled("mine"), Means(session));
        Assert.Empty(session.Undo("nobody", "test"));
    }

    [Fact]
    public void What_other_processes_say_and_take_back_is_taken_in()
    {
        Add(20);
        using var session = Open();
        using var other = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        var log = new JudgementLog(other);
        long[] images = [.. _paths.Keys];

        log.Append("mine", [Verdict.Choice(images[0], images[1])], new("you", "import"));
        session.Refresh();
        Assert.True(session.Wins(images[0], images[1]) > 0.5);

        log.Append("mine", [Verdict.Choice(images[2], images[3])], new("you", "import"));
        log.Undo("mine", "you", "import");
        Assert.Equal(1, session.Standing().Choices);

        log.Undo("mine", "you", "import");
        Assert.Equal(0, session.Standing().Choices);
    }

    [Fact]
    public void A_fit_takes_over_while_choices_keep_coming()
    {
        Add(60);
        using var session = Open();
        using var second = Open();

        Parallel.Invoke(() => Play(session, 120, person: 1), () => Play(second, 120, person: 2));
        session.Settle();
        second.Settle();

        Assert.Equal(240, _log.Standing("mine").Count);
        Assert.Equal((240, 240), (session.Standing().Choices, second.Standing().Choices));
        Assert.Equal(240 * 2, session.Ranking.Slice(0, 60).Sum(r => r.Choices));
    }

    [Fact]
    public void Deleted_and_changed_files_are_not_offered_until_they_are_back()
    {
        Add(6);
        using var session = Open();
        var (kept, gone) = (_paths.Values.Take(2).ToList(), _paths.Values.Skip(2).ToList());
        gone.Take(3).ToList().ForEach(File.Delete);
        File.AppendAllText(gone[3], "more");

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(kept.Order(), session.Offer(new()).Images.Select(image => _paths[image]).Order());
        }

        File.Delete(kept[0]);
        var none = Assert.Throws<JudgingException>(() => session.Offer(new()));
        Assert.Equal(JudgingFault.NotNow, none.Fault);
        Assert.Contains("gone or changed", none.Message, StringComparison.Ordinal);

        Write(kept[0], 0);
        Assert.Equal(kept.Order(), session.Offer(new()).Images.Select(image => _paths[image]).Order());
    }

    [Fact]
    public void The_honest_figure_goes_on_when_a_file_is_gone()
    {
        Add(60);
        using var session = Open();
        File.Delete(_paths.Values.First());

        Play(session, 200);

        Assert.InRange(_log.Standing("mine").Count(j => j.Verdict.Purpose == Purpose.HeldOut), 5, 40);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Too_few_images_are_told_with_what_to_do(int count)
    {
        Add(count);
        using var session = Open();

        var refusal = Assert.Throws<JudgingException>(() => session.Offer(new()));

        Assert.Equal(JudgingFault.NotNow, refusal.Fault);
        Assert.Contains($"needs 2 images, and the studio has {count}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(count, session.Ranking.Count);
        Assert.Equal(count == 0, session.Predict(new float[Dims]) is null);
    }

    [Fact]
    public void An_answer_that_cannot_be_is_refused_and_the_pair_stays_open()
    {
        Add(5);
        using var session = Open();
        var offer = session.Offer(new());

        Assert.Equal(JudgingFault.Invalid, Assert.Throws<JudgingException>(() => session.Answer(offer.Id, Answer.Won(3), Me)).Fault);
        Assert.Equal(JudgingFault.Invalid, Assert.Throws<JudgingException>(() => session.Answer(offer.Id, Answer.Draw, Me with { Rater = "" })).Fault);
        session.Answer(offer.Id, Answer.Draw, Me);

        Assert.Equal(JudgingFault.NotNow, Assert.Throws<JudgingException>(() => session.Answer(offer.Id, Answer.Draw, Me)).Fault);
        Assert.Equal(JudgingFault.UnknownImage, Assert.Throws<JudgingException>(() => session.Rate(99_999, 3, "1-5", Me)).Fault);
        Assert.Equal(JudgingFault.Invalid, Assert.Throws<JudgingException>(() => session.Rate(offer.Images[0], double.NaN, "1-5", Me)).Fault);
        Assert.Equal(JudgingFault.Invalid, Assert.Throws<JudgingException>(() => session.Offer(new(5))).Fault);
        Assert.Single(_log.Standing("mine"));
    }

    [Fact]
    public void Nothing_but_draws_and_skips_says_that_all_are_alike()
    {
        Add(20);
        using var session = Open();
        for (var i = 0; i < 80; i++)
        {
            session.Answer(session.Offer(new()).Id, i % 4 == 0 ? Answer.Skip : Answer.Draw, Me);
        }

        session.Settle();

        Assert.Equal((60, 0), (session.Standing().Choices, session.Standing().Agreement.Of));
        Assert.All(Means(session), mean => Assert.InRange(mean, -0.5, 0.5));
    }

    [Fact]
    public void Ten_who_contradict_each_other_leave_a_finite_and_unsure_taste()
    {
        Add(10);
        long[] images = [.. _paths.Keys];
        using var session = Open();
        for (var rater = 0; rater < 10; rater++)
        {
            var origin = Me with { Rater = $"r{rater}" };
            for (var i = 0; i < images.Length; i++)
            {
                var (a, b) = (images[i], images[(i + 1) % images.Length]);
                _log.Append("mine", [rater % 2 == 0 ? Verdict.Choice(a, b) : Verdict.Choice(b, a)], origin);
                session.Rate(a, rater % 2 == 0 ? i : 10 - i, "1-10", origin);
                session.Pick([a], (rater + i) % 2 == 0, origin);
            }
        }

        session.Settle();

        Assert.Equal(100, session.Standing().Choices);
        Assert.All(session.Ranking.Slice(0, 10), r => Assert.True(Math.Abs(r.Mean) < 1.5 && r.Deviation > 0.05, $"{r}"));
    }

    [Fact]
    public void Ratings_and_picks_alone_rank()
    {
        Add(40);
        using var session = Open();
        foreach (var (image, liking) in _likings)
        {
            session.Rate(image, Math.Round(3 + liking), "1-5", Me);
            session.Pick([image], liking > 0.5, Me);
        }

        session.Settle();

        var ranked = session.Ranking.Slice(0, 40);
        Assert.InRange(Correlation.Spearman([.. ranked.Select(r => (double)r.Mean)], [.. ranked.Select(r => (double)_likings[r.Image])])!.Value, 0.85, 1);
        Assert.Equal(0, session.Standing().Choices);
    }

    [Fact]
    public void A_head_is_believed_before_the_first_choice()
    {
        Add(30);
        var head = new ScoringHead("first", new(null, Dims), new AffineHead([1, 0, 0, 0, 0, 0, 0, 0], 0));
        using var session = TasteSession.Open(_library, _log, _vectors, [head], "mine", 1);

        var ranked = session.Ranking.Slice(0, 30);

        Assert.InRange(Correlation.Spearman([.. ranked.Select(r => (double)r.Mean)], [.. ranked.Select(r => (double)_likings[r.Image])])!.Value, 0.8, 1);
    }

    private TasteSession Open(string taste = "mine") => TasteSession.Open(_library, _log, _vectors, [], taste, 1);

    /// <summary>Adds images with files and vectors, of which the person likes the first number.</summary>
    private void Add(int count) => Describe(_library.Add(Images(0, count)), describe: true);

    private List<ReadImage> Images(int first, int count) => [.. Enumerable.Range(first, count).Select(number =>
    {
        var path = Path.Combine(_studio.Folder.Folder(number % 2 == 0 ? "even" : "odd"), $"{number:D4}.png");
        Write(path, number);
        var content = new byte[32];
        BitConverter.TryWriteBytes(content, number);
        return new ReadImage(FoundFile.At(path)!, content, 8, 8, "png");
    })];

    private long[] Describe(long[] ids, bool describe)
    {
        foreach (var (id, image) in ids.Zip(_library.Images(ids)))
        {
            var dice = new Random((int)id);
            float[] vector = [.. Enumerable.Range(0, Dims).Select(_ => (float)(dice.NextDouble() + dice.NextDouble() + dice.NextDouble() - 1.5))];
            (_likings[id], _paths[id]) = (2 * vector[0] / MathF.Sqrt(vector.Sum(x => x * x)), image!.Path!);
            if (describe)
            {
                _vectors.Append([new(id, vector)]);
            }
        }

        return ids;
    }

    private static void Write(string path, int number)
    {
        File.WriteAllText(path, number.ToString("D8", CultureInfo.InvariantCulture));
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(number + 1));
    }

    /// <summary>Choices as the person makes them, who is not always sure.</summary>
    private List<Offer> Play(TasteSession session, int choices, bool close = false, int? person = null)
    {
        var dice = person is { } seed ? new Random(seed) : _person;
        var offers = new List<Offer>();
        for (var i = 0; i < choices; i++)
        {
            offers.Add(session.Offer(new()));
            var lead = 3 * (_likings[offers[^1].Images[0]] - _likings[offers[^1].Images[1]]);
            session.Answer(offers[^1].Id, Answer.Won(dice.NextDouble() < 1 / (1 + Math.Exp(-lead)) ? 0 : 1), Me);
            if (person is null)
            {
                session.Settle(); // So that the same seeds offer the same pairs, whatever else the machine does.
            }
        }

        if (close)
        {
            session.Dispose();
        }

        return offers;
    }

    /// <summary>A choice that is learned from.</summary>
    private static void Train(TasteSession session) => session.Answer(session.Offer(new(3)).Id, Answer.Won(0), Me);

    private float[] Means(TasteSession session) => [.. _paths.Keys.Select(image => session.Ranking[session.Ranking.PlaceOf(image)!.Value].Mean)];

    private float[] Settled(string taste)
    {
        using var session = Open(taste);
        session.Settle();
        return Means(session);
    }

    /// <summary>Unlearning subtracts in float what learning added; a fit stops within 1e-7 of the mode's value, at means within about 1e-3.</summary>
    private static void AssertClose(float[] expected, float[] actual)
    {
        foreach (var (a, b) in expected.Zip(actual))
        {
            Assert.Equal(a, b, 5e-3f);
        }
    }

    private static (long, long) Key(Verdict verdict) => (Math.Min(verdict.Image, verdict.Other!.Value), Math.Max(verdict.Image, verdict.Other!.Value));
}
