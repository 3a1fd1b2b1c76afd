using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>
/// One taste, live: offers images to choose among, takes what is said of them into the log and the model, and has the whole
/// studio ranked at every moment. Many threads may call; other processes may add judgements and images at the same time.
/// </summary>
public sealed class TasteSession : IDisposable
{
    private const int MostOffers = 4096;

    private readonly Lock _turn = new();
    private readonly JudgementLog _log;
    private readonly VectorStore _vectors;
    private readonly IReadOnlyList<ScoringHead> _heads;
    private readonly Random _dice;
    private readonly Dictionary<string, Offer> _offers = [];
    private readonly Queue<string> _offered = new();
    private Ranking _ranking = new([]);
    private long[] _images = [];
    private long _choices;

    private TasteSession(JudgementLog log, VectorStore vectors, IReadOnlyList<ScoringHead> heads, string taste, int seed)
    {
        (_log, _vectors, _heads, Taste, _dice) = (log, vectors, heads, taste, new(seed));
    }

    public string Taste { get; }

    /// <param name="vectors">Of the encoder whose features the taste is learned from.</param>
    /// <param name="heads">Of the same feature space: what the model believes before the first choice.</param>
    /// <param name="seed">Decides what is left to chance.</param>
    /// <exception cref="JudgingException">The name cannot be a taste's.</exception>
    public static TasteSession Open(JudgementLog log, VectorStore vectors, IReadOnlyList<ScoringHead> heads, string taste, int seed)
    {
        var session = new TasteSession(log, vectors, heads, TasteName.Demand(taste), seed);
        session.Refresh();
        return session;
    }

    /// <summary>The studio's images as they are ranked now.</summary>
    public Ranking Ranking
    {
        get
        {
            lock (_turn)
            {
                return _ranking;
            }
        }
    }

    /// <summary>Takes in the images and judgements that came from elsewhere since the last call.</summary>
    public void Refresh()
    {
        lock (_turn)
        {
            using var rows = _vectors.Rows();
            var sheet = ScoreSheet.Of(rows, _heads, default);
            _images = [.. Enumerable.Range(0, rows.Count).Select(rows.ImageId)];
            var ranked = _images.Select((image, i) => (image, z: sheet.Of(i).Select(s => s.Z).DefaultIfEmpty(0).Average())).OrderByDescending(p => p.z).ToList();
            _ranking = new([.. ranked.Select((p, place) => new RankedImage(p.image, (float)p.z, 1, 100f * (ranked.Count - place - 0.5f) / ranked.Count, 0))]);
            _choices = _log.Standing(Taste).Count(j => j.Verdict.Kind is JudgementKind.Choice or JudgementKind.Draw);
        }
    }

    /// <summary>Images to choose among.</summary>
    /// <exception cref="JudgingException">Fewer images than asked for are in the studio, or pass the filter.</exception>
    public Offer Offer(OfferRequest request)
    {
        lock (_turn)
        {
            if (request.Images is < 2 or > 4)
            {
                throw new JudgingException($"{request.Images} images at once are not possible; 2 to 4 are.");
            }

            if (_images.Length < request.Images)
            {
                throw new JudgingException($"a choice needs {request.Images} images, and the studio has {_images.Length}. Name a folder with more: 'taste serve FOLDER'.");
            }

            var picked = new HashSet<long>();
            while (picked.Count < request.Images)
            {
                picked.Add(_images[_dice.Next(_images.Length)]);
            }

            var offer = new Offer(_dice.NextInt64().ToString("x16", CultureInfo.InvariantCulture), [.. picked]);
            _offers.Add(offer.Id, offer);
            _offered.Enqueue(offer.Id);
            while (_offered.Count > MostOffers)
            {
                _offers.Remove(_offered.Dequeue());
            }

            return offer;
        }
    }

    /// <summary>Keeps what was made of an offer, and learns from it. An offer is answered once: a second answer changes nothing.</summary>
    /// <exception cref="JudgingException">No such offer, or no such place in it.</exception>
    public Standing Answer(string offer, Answer answer, Origin origin)
    {
        lock (_turn)
        {
            if (!_offers.Remove(offer, out var found))
            {
                throw new JudgingException($"the pair '{offer}' is not open: it was answered, or offered before the program started. Ask for a new one.");
            }

            var others = found.Images.Where((_, place) => place != answer.Code);
            List<Verdict> act = answer.Code >= 0
                ? [.. others.Select(other => Verdict.Choice(found.Images[answer.Code], other))]
                : [.. found.Images.Skip(1).Select(other => new Verdict(answer == Judging.Answer.Draw ? JudgementKind.Draw : JudgementKind.Skip, found.Images[0], other))];
            _log.Append(Taste, act, origin);
            _choices += answer == Judging.Answer.Skip ? 0 : act.Count;
            return new(_choices, default, default, answer.Code >= 0 ? 0.5 : null);
        }
    }

    /// <summary>Keeps a rating, and learns from it.</summary>
    /// <exception cref="JudgingException">The image is unknown, the value not finite, or the scale not a name.</exception>
    public Standing Rate(long image, double value, string scale, Origin origin) => Keep([Verdict.Rating(image, value, scale)], origin);

    /// <summary>Keeps or rejects images, and learns from it.</summary>
    /// <exception cref="JudgingException">An image is unknown.</exception>
    public Standing Pick(IReadOnlyList<long> images, bool keep, Origin origin) =>
        Keep([.. images.Select(image => new Verdict(keep ? JudgementKind.Keep : JudgementKind.Reject, image))], origin);

    /// <summary>Takes back the rater's last act, and unlearns it.</summary>
    /// <returns>What was taken back; empty where nothing stands.</returns>
    public IReadOnlyList<Judgement> Undo(string rater, string source)
    {
        lock (_turn)
        {
            var undone = _log.Undo(Taste, rater, source);
            _choices -= undone.Count(j => j.Verdict.Kind is JudgementKind.Choice or JudgementKind.Draw);
            return undone;
        }
    }

    public Standing Standing()
    {
        lock (_turn)
        {
            return new(_choices, default, default, null);
        }
    }

    /// <summary>The probability that the person takes <paramref name="image"/> over <paramref name="other"/>.</summary>
    public double Wins(long image, long other) => Mean(other) is { } b && Mean(image) is { } a ? 1 / (1 + Math.Exp(b - a)) : 0.5;

    public void Dispose()
    {
    }

    private double? Mean(long image) => Ranking.PlaceOf(image) is { } place ? Ranking[place].Mean : null;

    private Standing Keep(List<Verdict> act, Origin origin)
    {
        _log.Append(Taste, act, origin);
        return Standing();
    }
}
