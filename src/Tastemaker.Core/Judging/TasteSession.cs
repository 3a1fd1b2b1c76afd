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
    private readonly JudgementReader _reader = new();
    private readonly List<Judgement> _unknown = []; // of images without features yet
    private readonly HashSet<int> _gone = []; // rows whose files are not there any more
    private Learner _learner;
    private Pool _pool = new(null, [], 0);
    private Ranking? _ranking;
    private Task _background = Task.CompletedTask;
    private long _last; // row of the log up to which judgements were taken
    private int _basis; // images that the directions were found from
    private long _seen; // end of the vectors that features were made of

    private TasteSession(ImageLibrary library, JudgementLog log, VectorStore vectors, IReadOnlyList<ScoringHead> heads, string taste, int seed)
    {
        (_library, _log, _vectors, _heads, Taste, _seed, _dice) = (library, log, vectors, heads, taste, seed, new(seed));
        _learner = new(See(null), seed);
        Catch(learn: false);
        _learner.Fit(_closing.Token);
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
                return _ranking ??= new(_learner.Model.Features.Images, _learner.Model.Means, _learner.Model.Variances, _learner.Judged);
            }
        }
    }

    /// <summary>Takes in judgements that came from elsewhere, and sees to it that new images are, in the background.</summary>
    public void Refresh()
    {
        lock (_turn)
        {
            Catch(learn: true);
            Work();
        }
    }

    /// <summary>Images to choose among. Those whose files are gone are not offered.</summary>
    /// <exception cref="JudgingException">Fewer images than asked for are in the studio, or pass the filter.</exception>
    public Offer Offer(OfferRequest request)
    {
        if (request.Images is < 2 or > 4)
        {
            throw new JudgingException($"{request.Images} images at once are not possible; 2 to 4 are.");
        }

        lock (_turn)
        {
            Catch(learn: true);
            Work();
            for (var attempt = 0; attempt < Redraws; attempt++)
            {
                var pool = PoolFor(request);
                Demand(pool, request);
                var (rows, purpose) = _learner.Next(pool, request.Images, request.Explore);
                var missing = Missing(rows);
                if (missing.Count == 0)
                {
                    return Remember(new(_dice.NextInt64().ToString("x16", CultureInfo.InvariantCulture), [.. rows.Select(row => _learner.Model.Features.Images[row])]), purpose);
                }

                _gone.UnionWith(missing);
                _pool = new(null, [], 0);
            }

            throw new JudgingException("the files of too many images are gone. Bring the folder back, or name it anew: 'taste serve FOLDER'.");
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
                throw new JudgingException($"the pair '{offer}' is not open: it was answered, or offered before the program started. Ask for a new one.");
            }

            if (answer.Code >= open.Offer.Images.Count)
            {
                throw new JudgingException($"place {answer.Code + 1} cannot win: {open.Offer.Images.Count} images were shown.");
            }

            var act = Act(open.Offer, answer, open.Purpose);
            _log.Append(Taste, act, origin);
            _offers.Remove(offer);
            Catch(learn: true);
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
            Catch(learn: true);
            Work();
            return undone;
        }
    }

    public Standing Standing()
    {
        lock (_turn)
        {
            Catch(learn: true);
            return Stand(null);
        }
    }

    /// <summary>The probability that the person takes <paramref name="image"/> over <paramref name="other"/>; a half where one has no features.</summary>
    public double Wins(long image, long other)
    {
        lock (_turn)
        {
            var features = _learner.Model.Features;
            return features.PlaceOf(image) is { } a && features.PlaceOf(other) is { } b && a != b ? _learner.Model.Wins(a, b) : 0.5;
        }
    }

    /// <summary>Waits until the model has been fitted to all that was said, and new images are in.</summary>
    public void Settle()
    {
        while (true)
        {
            Task busy;
            lock (_turn)
            {
                Catch(learn: true);
                Work();
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
        _background.Wait();
        _closing.Dispose();
    }

    private Standing Keep(List<Verdict> act, Origin origin)
    {
        lock (_turn)
        {
            _log.Append(Taste, act, origin);
            Catch(learn: true);
            Work();
            return Stand(null);
        }
    }

    private Standing Stand(double? expected) => new(_learner.Choices, _learner.HeldOut, _learner.Repeatability, expected);

    /// <summary>Takes in what the log has that the model has not.</summary>
    private void Catch(bool learn)
    {
        var tail = _log.Since(Taste, _last);
        if (tail.Last == _last)
        {
            return;
        }

        var undone = tail.Undone.ToHashSet();
        foreach (var judgement in tail.Added.Where(j => !undone.Contains(j.Act)))
        {
            if (!Take(judgement, learn))
            {
                _unknown.Add(judgement);
            }
        }

        foreach (var act in tail.Undone)
        {
            _learner.Retract(act);
            _unknown.RemoveAll(j => j.Act == act);
        }

        (_last, _ranking) = (tail.Last, null);
    }

    /// <returns>Whether the images are known.</returns>
    private bool Take(Judgement judgement, bool learn)
    {
        if (_reader.Read(judgement, _learner.Model.Features) is not { } taken)
        {
            return false;
        }

        _learner.Take(taken, learn);
        return true;
    }

    private TasteFeatures See(TasteFeatures? known)
    {
        _seen = _vectors.End();
        using var rows = _vectors.Rows();
        if (known is not null && rows.Count <= _basis * Outgrown)
        {
            return known.Follow(rows, _closing.Token);
        }

        _basis = rows.Count;
        return TasteFeatures.Of(rows, _heads, _closing.Token);
    }

    /// <summary>Starts, where it is due and nothing runs, a fit, or taking in new images.</summary>
    private void Work()
    {
        if (!_background.IsCompleted || _closing.IsCancellationRequested)
        {
            return;
        }

        if (_vectors.End() != _seen)
        {
            _background = Task.Run(TakeInImages);
        }
        else if (_learner.IsFitDue)
        {
            var (training, learned, retractions) = (_learner.Training.ToList(), _learner.Model.Learned, _learner.Retractions);
            _background = Task.Run(() => Refit(training, learned, retractions));
        }
    }

    private void Refit(List<Observation> training, Learned learned, int retractions)
    {
        try
        {
            var model = TasteModel.Learn(learned.Features, training, learned, _closing.Token);
            var known = training.Count;
            while (true)
            {
                List<Observation> news;
                lock (_turn)
                {
                    news = [.. _learner.Training.Skip(known)];
                    if (_learner.Retractions != retractions || _learner.Model.Features != learned.Features)
                    {
                        return; // What it was fitted to does not stand any more.
                    }

                    if (news.Count <= 2)
                    {
                        news.ForEach(seen => model.Absorb(seen));
                        _learner.Adopt(model, training.Count);
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
            var learner = new Learner(See(_learner.Model.Features), _seed ^ (int)_vectors.End());
            lock (_turn)
            {
                (_learner, _last, _ranking) = (learner, 0, null);
                _pool = new(null, [], 0);
                _gone.Clear();
                _unknown.Clear();
                Catch(learn: false);
                _learner.Fit(_closing.Token);
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

    private Offer Remember(Offer offer, Purpose purpose)
    {
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
        var images = _learner.Model.Features.Images;
        var paths = _library.Paths([.. rows.Select(row => images[row])]);
        return [.. rows.Where(row => !paths[images[row]].Any(File.Exists))];
    }

    private static void Demand(int[] pool, OfferRequest request)
    {
        if (pool.Length < request.Images)
        {
            var isFiltered = request.Folder is not null || request.FromPercentile > 0 || request.ToPercentile < 100;
            throw new JudgingException(isFiltered
                ? $"a choice needs {request.Images} images, and {pool.Length} pass the filter. Widen the folder or the percentiles."
                : $"a choice needs {request.Images} images, and the studio has {pool.Length} with features and a file. Name a folder with more: 'taste serve FOLDER'.");
        }
    }

    /// <summary>Rows that pass the filter; it is looked at again when the studio or, for a band of percentiles, a few choices were made since.</summary>
    private int[] PoolFor(OfferRequest request)
    {
        const int Stale = 10;
        var filter = request with { Images = 2, Explore = 0 };
        var isRanked = request.FromPercentile > 0 || request.ToPercentile < 100;
        if (_pool.Filter != filter || (isRanked && _learner.Choices - _pool.At >= Stale))
        {
            var features = _learner.Model.Features;
            var inside = request.Folder is { } folder ? _library.In(folder).Select(image => features.PlaceOf(image) ?? -1).Where(row => row >= 0) : Enumerable.Range(0, features.Count);
            if (isRanked)
            {
                var ranking = Ranking;
                inside = inside.Where(row => ranking.PercentileOf(features.Images[row]) is { } p && p >= request.FromPercentile && p <= request.ToPercentile);
            }

            _pool = new(filter, [.. inside.Where(row => !_gone.Contains(row))], _learner.Choices);
        }

        return _pool.Rows;
    }

    private sealed record Pool(OfferRequest? Filter, int[] Rows, int At);
}
