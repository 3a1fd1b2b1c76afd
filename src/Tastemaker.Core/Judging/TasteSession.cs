using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Judging;

/// <summary>
/// One taste, live: offers images to choose among, takes what is said of them into the log and the model, and has the whole
/// studio ranked at every moment. Many threads may call; other processes may add judgements and images at the same time.
/// </summary>
/// <remarks>
/// A judgement is in the log, on the disk, before it is learned. It is learned at once, at a cost that does not grow with their
/// number; now and then the model is fitted anew to all of them, in the background, and takes over when it has caught up.
/// </remarks>
public sealed class TasteSession : IDisposable
{
    private const int MostOffers = 4096;
    private const int Redraws = 50;

    /// <summary>Rounds in which a fit catches up with the choices that came meanwhile, before they have to wait for it.</summary>
    private const int CatchUps = 20;

    /// <summary>New images are taken in at once where they are one in so many or more.</summary>
    private const int Few = 100;

    /// <summary>Directions are found anew when the studio grew by more than this.</summary>
    private const double Outgrown = 1.25;

    private readonly Lock _turn = new();
    private readonly ImageLibrary _library;
    private readonly JudgementLog _log;
    private readonly VectorStore _vectors;
    private readonly IReadOnlyList<ScoringHead> _heads;
    private readonly int _seed;
    private readonly Random _dice;
    private readonly CancellationTokenSource _closing = new();
    private readonly Dictionary<string, (Offer Offer, Purpose Purpose)> _offers = [];
    private readonly Queue<string> _offered = new();
    private readonly Dictionary<OfferRequest, Pool> _pools = [];
    private readonly HashSet<int> _gone = []; // rows whose files were not there when they were to be offered
    private LogFollower _follower;
    private Ranking? _ranking;
    private Task _background = Task.CompletedTask;
    private int _basis; // images that the directions were found from
    private long _seen; // end of the vectors that features were made of
    private long _end; // of the vectors, at the last refresh

    private TasteSession(ImageLibrary library, JudgementLog log, VectorStore vectors, IReadOnlyList<ScoringHead> heads, string taste, int seed)
    {
        (_library, _log, _vectors, _heads, Taste, _seed, _dice) = (library, log, vectors, heads, taste, seed, new(seed));
        (_follower, _seen) = Follow(null);
    }

    public string Taste { get; }

    /// <param name="vectors">Of the encoder whose features the taste is learned from.</param>
    /// <param name="heads">Of the same feature space: what the model believes before the first choice, but for those that learned from this taste.</param>
    /// <param name="seed">Decides what is left to chance.</param>
    /// <exception cref="JudgingException">The name cannot be a taste's.</exception>
    public static TasteSession Open(ImageLibrary library, JudgementLog log, VectorStore vectors, IReadOnlyList<ScoringHead> heads, string taste, int seed) =>
        new(library, log, vectors, PosteriorHead.Before(TasteName.Demand(taste), heads), taste, seed);

    /// <summary>The studio's images as they are ranked now.</summary>
    public Ranking Ranking
    {
        get
        {
            lock (_turn)
            {
                return _ranking ??= new(Model.Features.Images, Model.Means, Model.Variances, Learner.Judged);
            }
        }
    }

    /// <summary>Takes in judgements that came from elsewhere, and sees to it that new images are, in the background. To be called now and then.</summary>
    /// <remarks>While very many come, they are taken in a few hundred at a time; the rest when none came since the last refresh.</remarks>
    public void Refresh()
    {
        lock (_turn)
        {
            Catch();
            _pools.Clear(); // Files come into folders and go.
            var before = _end;
            _end = _vectors.End();
            Work(everything: _end == before);
        }
    }

    /// <summary>Images to choose among. Those whose files are gone or have changed are not offered.</summary>
    /// <exception cref="JudgingException">Fewer images than asked for are in the studio, have their files, or pass the filter.</exception>
    public Offer Offer(OfferRequest request)
    {
        if (request.Images is < 2 or > 4)
        {
            throw new JudgingException($"{request.Images} images at once are not possible; 2 to 4 are.");
        }

        lock (_turn)
        {
            Catch();
            Work();
            var lookedAgain = false;
            for (var attempt = 0; attempt < Redraws; attempt++)
            {
                var pool = PoolFor(request);
                if (pool.Length < request.Images && _gone.Count > 0 && !lookedAgain)
                {
                    lookedAgain = true;
                    _gone.Clear();
                    _pools.Clear();
                    continue;
                }

                Demand(pool, request);
                var (rows, purpose) = Learner.Next(pool, request.Images, request.Explore, request.IsFiltered);
                var missing = Missing(rows);
                if (missing.Count == 0)
                {
                    return Remember([.. rows.Select(row => Model.Features.Images[row])], purpose);
                }

                _gone.UnionWith(missing);
                _pools.Clear();
            }

            throw new JudgingException("the files of too many images are gone or have changed. Put them back, or name their folder anew: 'taste serve FOLDER'.", JudgingFault.NotNow);
        }
    }

    /// <summary>Keeps what was made of an offer, and learns from it. An offer is answered once.</summary>
    /// <exception cref="JudgingException">No such offer, or no such place in it.</exception>
    public Standing Answer(string offer, Answer answer, Origin origin)
    {
        lock (_turn)
        {
            if (!_offers.TryGetValue(offer, out var open))
            {
                throw new JudgingException($"the pair '{offer}' is not open: it was answered, or offered before the program started. Ask for a new one.", JudgingFault.NotNow);
            }

            if (answer.Code >= open.Offer.Images.Count)
            {
                throw new JudgingException($"place {answer.Code + 1} cannot win: {open.Offer.Images.Count} images were shown.");
            }

            var act = Act(open.Offer, answer, open.Purpose);
            _log.Append(Taste, act, origin);
            _offers.Remove(offer);
            Catch();
            Work();
            return Stand(act[0].Expected);
        }
    }

    /// <summary>Keeps a rating, and learns from it.</summary>
    /// <exception cref="JudgingException">The value is not finite, or the scale not a name.</exception>
    public Standing Rate(long image, double value, string scale, Origin origin) => Keep([Verdict.Rating(image, value, scale)], origin);

    /// <summary>Keeps or rejects images, and learns from it.</summary>
    public Standing Pick(IReadOnlyList<long> images, bool keep, Origin origin) =>
        Keep([.. images.Select(image => new Verdict(keep ? JudgementKind.Keep : JudgementKind.Reject, image))], origin);

    /// <summary>Takes back the rater's last act, and unlearns it.</summary>
    /// <returns>What was taken back; empty where nothing stands.</returns>
    public IReadOnlyList<Judgement> Undo(string rater, string source)
    {
        lock (_turn)
        {
            var undone = _log.Undo(Taste, rater, source);
            Catch();
            Work();
            return undone;
        }
    }

    /// <summary>Opens what was taken back again, for another answer, its sides shuffled anew; null where it was no choice, or a file is gone.</summary>
    /// <param name="undone">One act, as <see cref="Undo"/> gave it.</param>
    public Offer? OfferAgain(IReadOnlyList<Judgement> undone)
    {
        long[] images = [.. undone.SelectMany(judgement => new[] { judgement.Verdict.Image, judgement.Verdict.Other ?? 0 }).Distinct()];
        if (images.Length < 2 || undone.Any(judgement => judgement.Verdict.Other is null) || _library.Images(images).Any(image => image?.Whereabouts() is null))
        {
            return null;
        }

        lock (_turn)
        {
            _dice.Shuffle(images);
            return Remember(images, undone[0].Verdict.Purpose);
        }
    }

    public Standing Standing()
    {
        lock (_turn)
        {
            Catch();
            return Stand(null);
        }
    }

    /// <summary>The probability that the person takes <paramref name="image"/> over <paramref name="other"/>; a half where one has no features.</summary>
    public double Wins(long image, long other)
    {
        lock (_turn)
        {
            var features = Model.Features;
            return features.PlaceOf(image) is { } a && features.PlaceOf(other) is { } b && a != b ? Model.Wins(a, b) : 0.5;
        }
    }

    /// <summary>What the model expects of a picture that is not in the studio; null where the studio has none to place it among.</summary>
    /// <param name="vector">As the studio's encoder gave it.</param>
    public Prediction? Predict(ReadOnlySpan<float> vector)
    {
        (double Mean, double Variance) utility;
        lock (_turn)
        {
            utility = Model.Predict(Model.Features.RowOf(vector));
        }

        var ranking = Ranking;
        return ranking.Count == 0 ? null : new((float)utility.Mean, (float)Math.Sqrt(utility.Variance), ranking.PercentileOf((float)utility.Mean));
    }

    /// <summary>Waits until the model has been fitted to all that was said, and new images are in.</summary>
    public void Settle()
    {
        while (true)
        {
            Task busy;
            lock (_turn)
            {
                Catch();
                Work(everything: true);
                busy = _background;
            }

            if (busy.IsCompleted)
            {
                return;
            }

            busy.Wait();
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        Task busy;
        lock (_turn)
        {
            busy = _background;
        }

        Task.WaitAny(busy); // Whatever befell it: the log has everything.
        _closing.Dispose();
    }

    private Learner Learner => _follower.Learner;

    private TasteModel Model => _follower.Learner.Model;

    private Standing Keep(List<Verdict> act, Origin origin)
    {
        lock (_turn)
        {
            _log.Append(Taste, act, origin);
            Catch();
            Work();
            return Stand(null);
        }
    }

    private Standing Stand(double? expected) => new(Learner.Choices, Learner.HeldOut, Learner.Repeatability, expected);

    /// <summary>Takes in what the log has that the model has not.</summary>
    private void Catch()
    {
        if (_follower.Catch(learn: true))
        {
            _ranking = null;
        }
    }

    /// <summary>A learner over the images that are there now, that has read the whole log.</summary>
    /// <returns>Also the end of the vectors that it knows.</returns>
    private (LogFollower Follower, long Seen) Follow(TasteFeatures? known)
    {
        var seen = _vectors.End();
        using var rows = _vectors.Rows();
        TasteFeatures features;
        if (known is not null && rows.Count <= _basis * Outgrown)
        {
            features = known.Follow(rows, _closing.Token);
        }
        else
        {
            features = TasteFeatures.Of(rows, _heads, _closing.Token);
            _basis = rows.Count;
        }

        var follower = new LogFollower(_log, Taste, features, known is null ? _seed : _seed ^ (int)seen);
        follower.Catch(learn: false);
        follower.Learner.Fit(_closing.Token);
        return (follower, seen);
    }

    /// <summary>Starts, where it is due and nothing runs, a fit, or taking in new images.</summary>
    /// <param name="everything">Whether a few new images are reason enough even in a large studio.</param>
    private void Work(bool everything = false)
    {
        if (!_background.IsCompleted || _closing.IsCancellationRequested)
        {
            return;
        }

        var news = _vectors.End() - _seen;
        if (news != 0 && (everything || news < 0 || news * Few >= Model.Features.Count))
        {
            _background = Task.Run(TakeInImages);
        }
        else if (Learner.IsFitDue)
        {
            var (training, learned, retractions) = (Learner.Training.ToList(), Model.Learned, Learner.Retractions);
            _background = Task.Run(() => Refit(training, learned, retractions));
        }
    }

    private void Refit(List<Observation> training, Learned learned, int retractions)
    {
        try
        {
            var model = TasteModel.Learn(learned.Features, training, learned, _closing.Token);
            var known = training.Count;
            for (var round = 0; ; round++)
            {
                List<Observation> news;
                lock (_turn)
                {
                    news = [.. Learner.Training.Skip(known)];
                    if (Learner.Retractions != retractions || Model.Features != learned.Features)
                    {
                        return; // What it was fitted to does not stand any more.
                    }

                    if (news.Count == 0 || round >= CatchUps)
                    {
                        news.ForEach(seen => model.Absorb(seen));
                        Learner.Adopt(model, training.Count);
                        _ranking = null;
                        return;
                    }
                }

                news.ForEach(seen => model.Absorb(seen));
                known += news.Count;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void TakeInImages()
    {
        try
        {
            TasteFeatures known;
            lock (_turn)
            {
                known = Model.Features;
            }

            var (follower, seen) = Follow(known);
            lock (_turn)
            {
                (_follower, _seen, _ranking) = (follower, seen, null);
                _pools.Clear();
                _gone.Clear();
                Catch();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private List<Verdict> Act(Offer offer, Answer answer, Purpose purpose)
    {
        if (answer.Code >= 0)
        {
            var winner = offer.Images[answer.Code];
            return [.. offer.Images.Where(image => image != winner).Select(loser => Verdict.Choice(winner, loser) with { Purpose = purpose, Expected = Wins(winner, loser) })];
        }

        var kind = answer == Judging.Answer.Draw ? JudgementKind.Draw : JudgementKind.Skip;
        return [.. offer.Images.Skip(1).Select(other => new Verdict(kind, offer.Images[0], other) { Purpose = purpose })];
    }

    private Offer Remember(IReadOnlyList<long> images, Purpose purpose)
    {
        Offer offer = new(_dice.NextInt64().ToString("x16", CultureInfo.InvariantCulture), images);
        _offers.Add(offer.Id, (offer, purpose));
        _offered.Enqueue(offer.Id);
        while (_offered.Count > MostOffers)
        {
            _offers.Remove(_offered.Dequeue());
        }

        return offer;
    }

    private List<int> Missing(int[] rows)
    {
        var images = _library.Images([.. rows.Select(row => Model.Features.Images[row])]);
        return [.. rows.Zip(images).Where(pair => pair.Second?.Whereabouts() is null).Select(pair => pair.First)];
    }

    private void Demand(int[] pool, OfferRequest request)
    {
        if (pool.Length < request.Images)
        {
            var gone = _gone.Count == 0 ? "" : $", the files of {_gone.Count} others being gone or changed";
            throw new JudgingException(
                request.IsFiltered ? $"a choice needs {request.Images} images, and {pool.Length} pass the filter{gone}. Widen the folder, the experiment or the percentiles."
                : $"a choice needs {request.Images} images, and the studio has {pool.Length} with features and a file{gone}. Name a folder with more: 'taste serve FOLDER'.",
                JudgingFault.NotNow);
        }
    }

    /// <summary>Rows that pass the filter; looked at again when the studio is or, for a band of percentiles, a few choices were made since.</summary>
    private int[] PoolFor(OfferRequest request)
    {
        const int Stale = 10;
        const int MostFilters = 16;
        var filter = request with { Images = 2, Explore = 0 };
        if (_pools.TryGetValue(filter, out var known) && !(filter.IsBand && Learner.Choices - known.At >= Stale))
        {
            return known.Rows;
        }

        IEnumerable<int> inside = filter.IsBand ? Ranking.Rows(filter.FromPercentile, filter.ToPercentile) : Enumerable.Range(0, Model.Features.Count);
        if (filter.Folder is { } folder)
        {
            inside = inside.Intersect(RowsOf(_library.In(folder)));
        }

        if (filter.Experiment is { } experiment)
        {
            inside = inside.Intersect(RowsOf(_library.Experiments.Images(experiment)));
        }

        if (_pools.Count >= MostFilters)
        {
            _pools.Clear();
        }

        var pool = new Pool([.. inside.Where(row => !_gone.Contains(row))], Learner.Choices);
        _pools[filter] = pool;
        return pool.Rows;

        IEnumerable<int> RowsOf(IEnumerable<long> images) => images.Select(image => Model.Features.PlaceOf(image) ?? -1);
    }

    /// <param name="At">Choices when it was looked at.</param>
    private sealed record Pool(int[] Rows, int At);
}
