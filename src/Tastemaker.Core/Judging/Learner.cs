using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Judging;

/// <summary>
/// One person's judgements and the model learned from them, without files: what to show next, what to learn from and what to keep
/// out, when to fit anew. Images are rows of <see cref="TasteFeatures"/>. Calls come one at a time.
/// </summary>
internal sealed class Learner
{
    /// <summary>Share of the choices that are drawn at random and kept out of training.</summary>
    public const double HeldOutShare = 0.1;

    /// <summary>Share that shows an older held-out pair again.</summary>
    public const double RepeatShare = 0.05;

    /// <summary>A repeat comes no sooner than after this many others, so that the person does not just remember.</summary>
    private const int Forgotten = 20;

    /// <summary>A fit is due when training grew by this share.</summary>
    private const double Growth = 0.15;

    /// <summary>Pairs that several people may have before them at once, or a page may have asked for in advance.</summary>
    private const int MostOpen = 24;

    private readonly Random _dice;
    private readonly PairChooser _chooser;
    private readonly int[] _judged;
    private readonly List<Taken> _taken = [];
    private readonly Stack<(Taken Taken, Update? Update)> _absorbed = new(); // since the model was fitted
    private readonly Dictionary<(int, int), int> _asked = []; // pairs, with how many choices there were then
    private readonly List<(int Winner, int Loser)> _heldOut = [];
    private readonly HashSet<(int, int)> _repeated = [];
    private readonly Queue<(int, int)> _open = new(); // pairs offered last, perhaps not answered yet
    private int _trained;
    private int _fitted; // how many observations the model was last fitted to
    private bool _isStale; // the model knows what was taken back

    public Learner(TasteFeatures features, int seed)
    {
        _dice = new(seed);
        _chooser = new(_dice);
        _judged = new int[features.Count];
        Model = TasteModel.Learn(features, [], null, default);
    }

    public TasteModel Model { get; private set; }

    /// <summary>Repeats that gave the answer of the first time.</summary>
    public Agreement Repeatability { get; private set; }

    /// <summary>Choices and draws.</summary>
    public int Choices { get; private set; }

    /// <summary>Changes when something that was learned is taken back.</summary>
    public int Retractions { get; private set; }

    /// <summary>What the model learns from.</summary>
    public IEnumerable<Observation> Training => _taken.Where(t => t.Seen is not null).Select(t => t.Seen!.Value);

    /// <summary>In how many choices each image was.</summary>
    public ReadOnlySpan<int> Judged => _judged;

    /// <summary>Agreement of the model as it is now with the choices that were kept out of its training.</summary>
    public Agreement HeldOut => new(_heldOut.Count(pair => Model.Means[pair.Winner] > Model.Means[pair.Loser]), _heldOut.Count);

    /// <summary>Whether enough came since the last fit that another pays.</summary>
    public bool IsFitDue => _isStale || Math.Abs(_trained - _fitted) >= Math.Max(4, _fitted * Growth);

    /// <param name="pool">Rows that may be shown, at least <paramref name="count"/>.</param>
    /// <param name="explore">Share drawn at random besides those kept out.</param>
    /// <param name="isFiltered">Whether the pool leaves images out on purpose: the honest figure is of the whole studio.</param>
    public (int[] Images, Purpose Purpose) Next(IReadOnlyList<int> pool, int count, double explore, bool isFiltered = false)
    {
        var (images, purpose) = Draw(pool, count, explore, isFiltered);
        _dice.Shuffle(images);
        foreach (var (i, image) in images.Index())
        {
            foreach (var other in images.Skip(i + 1))
            {
                _open.Enqueue(Key(image, other));
            }
        }

        while (_open.Count > MostOpen)
        {
            _open.Dequeue();
        }

        return (images, purpose);
    }

    private (int[] Images, Purpose Purpose) Draw(IReadOnlyList<int> pool, int count, double explore, bool isFiltered)
    {
        var chance = count == 2 && !isFiltered ? _dice.NextDouble() : 1;
        if (chance < RepeatShare && Ripe() is { } again)
        {
            return ([again.Winner, again.Loser], Purpose.Repeat);
        }

        if (chance is >= RepeatShare and < RepeatShare + HeldOutShare)
        {
            return (_chooser.AtRandom(pool, IsAsked, 2), Purpose.HeldOut);
        }

        var images = _dice.NextDouble() < explore ? _chooser.AtRandom(pool, IsAsked, count) : _chooser.Telling(Model, pool, _judged, IsAsked, count);
        return (images, Purpose.Train);
    }

    /// <summary>Takes in one judgement.</summary>
    /// <param name="learn">Whether the model learns it at once, rather than with the next fit.</param>
    public void Take(Taken taken, bool learn)
    {
        _taken.Add(taken);
        Count(taken);
        if (learn && taken.Seen is { } seen)
        {
            _absorbed.Push((taken, Model.Absorb(seen)));
        }
    }

    /// <summary>Takes judgements back: the last one is unlearned at once, older ones with the next fit.</summary>
    public void Retract(long act)
    {
        if (_taken.TrueForAll(t => t.Act != act))
        {
            return;
        }

        while (_absorbed.TryPeek(out var last) && last.Taken.Act == act)
        {
            _absorbed.Pop();
            _taken.Remove(last.Taken);
            if (last.Update is { } update)
            {
                Model.Revert(update);
            }
        }

        _isStale |= _taken.Any(t => t.Act == act && t.Seen is not null);
        _taken.RemoveAll(t => t.Act == act);
        Retractions++;
        (_trained, Choices, Repeatability) = (0, 0, default);
        Array.Clear(_judged);
        _asked.Clear();
        _heldOut.Clear();
        _repeated.Clear();
        foreach (var taken in _taken)
        {
            Count(taken);
        }
    }

    /// <summary>Fits the model anew to all that was learned.</summary>
    public void Fit(CancellationToken cancel) => Adopt(TasteModel.Learn(Model.Features, [.. Training], Model.Learned, cancel), _trained);

    /// <summary>Takes a model that was fitted elsewhere to the first of the observations, and that has absorbed the others.</summary>
    public void Adopt(TasteModel model, int fitted)
    {
        (Model, _fitted, _isStale) = (model, fitted, false);
        _absorbed.Clear();
    }

    private void Count(Taken taken)
    {
        _trained += taken.Seen is null ? 0 : 1;
        if (taken.Other < 0)
        {
            return;
        }

        var pair = Key(taken.Image, taken.Other);
        _asked[pair] = Choices;
        if (taken.Kind == JudgementKind.Skip)
        {
            return;
        }

        Choices++;
        _judged[taken.Image]++;
        _judged[taken.Other]++;
        if (taken.Kind == JudgementKind.Choice && taken.Purpose == Purpose.HeldOut)
        {
            _heldOut.Add((taken.Image, taken.Other));
        }
        else if (taken.Kind == JudgementKind.Choice && taken.Purpose == Purpose.Repeat)
        {
            _repeated.Add(pair);
            Repeatability = new(Repeatability.Agreed + (_heldOut.Contains((taken.Image, taken.Other)) ? 1 : 0), Repeatability.Of + 1);
        }
    }

    private bool IsAsked(int image, int other) => _asked.ContainsKey(Key(image, other)) || _open.Contains(Key(image, other));

    private (int Winner, int Loser)? Ripe()
    {
        var ripe = _heldOut.Where(pair => !_repeated.Contains(Key(pair.Winner, pair.Loser)) && Choices - _asked[Key(pair.Winner, pair.Loser)] >= Forgotten).ToList();
        return ripe.Count == 0 ? null : ripe[_dice.Next(ripe.Count)];
    }

    private static (int, int) Key(int a, int b) => a < b ? (a, b) : (b, a);
}

/// <summary>A judgement in terms of rows of features.</summary>
/// <param name="Other">−1 where one image was judged.</param>
/// <param name="Seen">What is to be learned; null for what is kept out and for skips.</param>
internal sealed record Taken(long Act, JudgementKind Kind, int Image, int Other, Purpose Purpose, Observation? Seen)
{
    public static Taken Choice(long act, int winner, int loser, Purpose purpose) =>
        new(act, JudgementKind.Choice, winner, loser, purpose, purpose == Purpose.Train ? Observation.Choice(winner, loser) : null);
}
