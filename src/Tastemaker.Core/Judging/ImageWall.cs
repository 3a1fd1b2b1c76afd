using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Judging;

/// <summary>
/// All images of a studio, sorted and filtered, a page at a time. Orders are kept until images come or the taste learns, so that
/// paging through 100 000 images sorts once. Many threads may call.
/// </summary>
public sealed class ImageWall(ImageLibrary library, ImageTags tags, VectorStore vectors, IReadOnlyList<ScoringHead> heads, TimeProvider clock)
{
    /// <summary>With so many images, while more keep coming, at most one part in <see cref="Patience"/> of the time goes into looking at them all again.</summary>
    private const int Many = 10_000;

    private const int Patience = 20;

    private readonly Lock _turn = new();
    private Shelf? _shelf;
    private long _shelvedAt;
    private TimeSpan _cost;

    /// <exception cref="JudgingException">What to sort by is neither a head in use nor one of the words.</exception>
    public WallPage Page(Ranking ranking, JudgementTally tally, WallRequest request)
    {
        lock (_turn)
        {
            var shelf = Fresh();
            var order = shelf.Order(request.Sort, ranking);
            var judged = request.Verdict is null ? null : tally.Images();
            IReadOnlySet<long>?[] wanted =
            [
                request.Tag is null ? null : tags.Images(request.Tag),
                request.Experiment is null ? null : library.Experiments.Images(request.Experiment),
            ];
            var (places, total) = (new List<int>(), 0);
            for (var at = 0; at < order.Length; at++)
            {
                var place = order[request.IsReversed ? order.Length - 1 - at : at];
                if (shelf.Passes(place, request, judged, wanted))
                {
                    if (total >= request.Offset && places.Count < request.Limit)
                    {
                        places.Add(place);
                    }

                    total++;
                }
            }

            return new(total, [.. places.Select(place => shelf.Item(place, ranking))]);
        }
    }

    /// <summary>One image's scores and its place under a taste; null for one that the studio does not have.</summary>
    public WallItem? Item(Ranking ranking, long image)
    {
        lock (_turn)
        {
            var shelf = Fresh();
            _ = shelf.Order(WallRequest.ByTaste, ranking);
            return shelf.PlaceOf(image) is { } place ? shelf.Item(place, ranking) : null;
        }
    }

    /// <summary>Places the scores of a vector from elsewhere among the studio's.</summary>
    public IReadOnlyList<Score> Score(ReadOnlySpan<float> vector)
    {
        lock (_turn)
        {
            return Fresh().Sheet.Of(vector);
        }
    }

    private Shelf Fresh()
    {
        if (_shelf is { Count: >= Many } && clock.GetElapsedTime(_shelvedAt) < Patience * _cost)
        {
            return _shelf;
        }

        var (version, described) = (library.Version(), vectors.Count());
        if (_shelf is null || _shelf.Version != version || _shelf.Described != described)
        {
            var since = clock.GetTimestamp();
            _shelf = new(version, described, library.All(), vectors, heads);
            (_cost, _shelvedAt) = (clock.GetElapsedTime(since), clock.GetTimestamp());
        }

        return _shelf;
    }

    /// <summary>The images of one moment, each by its place among them, and the orders that were asked for.</summary>
    private sealed class Shelf
    {
        private readonly IReadOnlyList<ListedImage> _images;
        private readonly Dictionary<long, int> _places;
        private readonly int[] _vectors; // by place: which vector, -1 for none
        private readonly Dictionary<string, int[]> _orders = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, int[]> _ofRanking = new(StringComparer.Ordinal);
        private readonly int[] _ranks; // by place, -1 for none
        private Ranking? _ranking;

        public Shelf(LibraryVersion version, long described, IReadOnlyList<ListedImage> images, VectorStore vectors, IReadOnlyList<ScoringHead> heads)
        {
            (Version, Described, _images) = (version, described, images);
            _places = images.Index().ToDictionary(pair => pair.Item.Id, pair => pair.Index);
            (_vectors, _ranks) = (new int[images.Count], new int[images.Count]);
            Array.Fill(_vectors, -1);
            using var rows = vectors.Rows();
            Sheet = ScoreSheet.Of(rows, heads, CancellationToken.None);
            for (var i = 0; i < rows.Count; i++)
            {
                if (_places.TryGetValue(rows.ImageId(i), out var place))
                {
                    _vectors[place] = i;
                }
            }
        }

        public int Count => _images.Count;

        public LibraryVersion Version { get; }

        public long Described { get; }

        public ScoreSheet Sheet { get; }

        public int? PlaceOf(long image) => _places.TryGetValue(image, out var place) ? place : null;

        public int[] Order(string sort, Ranking ranking)
        {
            Follow(ranking);
            var known = sort is WallRequest.ByTaste or WallRequest.ByDisagreement or WallRequest.ByUncertainty ? _ofRanking : _orders;
            if (!known.TryGetValue(sort, out var order))
            {
                known.Add(sort, order = Sorted(sort, ranking));
            }

            return order;
        }

        public bool Passes(int place, WallRequest request, IReadOnlyDictionary<long, ImageTally>? judged, IReadOnlySet<long>?[] wanted)
        {
            var image = _images[place];
            if (request.Folder is { } folder && !IsIn(image.Path, folder))
            {
                return false;
            }

            if (request.Text is { } text && !image.Path.Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            if (wanted.Any(images => images?.Contains(image.Id) == false))
            {
                return false;
            }

            if (judged is not null && !Is(request.Verdict, judged.GetValueOrDefault(image.Id)))
            {
                return false;
            }

            return (request.FromPercentile <= 0 && request.ToPercentile >= 100)
                || (Percentile(place, request.Sort) is { } percentile && percentile >= request.FromPercentile && percentile <= request.ToPercentile);
        }

        public WallItem Item(int place, Ranking ranking) => new(
            _images[place].Id,
            _ranks[place] >= 0 ? ranking[_ranks[place]] : null,
            _vectors[place] >= 0 ? Sheet.Of(_vectors[place]) : null,
            _ranks[place] >= 0 ? Disagreement(place) : null);

        private void Follow(Ranking ranking)
        {
            if (ReferenceEquals(_ranking, ranking))
            {
                return;
            }

            _ranking = ranking;
            _ofRanking.Clear();
            Array.Fill(_ranks, -1);
            for (var rank = 0; rank < ranking.Count; rank++)
            {
                if (_places.TryGetValue(ranking[rank].Image, out var place))
                {
                    _ranks[place] = rank;
                }
            }
        }

        /// <summary>Best, largest or newest first; images that have no such figure are last.</summary>
        private int[] Sorted(string sort, Ranking ranking)
        {
            int[] places = [.. Enumerable.Range(0, _images.Count)];
            switch (sort)
            {
                case WallRequest.ByTaste:
                    return [.. places.OrderBy(place => _ranks[place] < 0 ? ranking.Count : _ranks[place])];
                case WallRequest.ByUncertainty:
                    return [.. places.OrderByDescending(place => _ranks[place] < 0 ? -1 : ranking[_ranks[place]].Deviation)];
                case WallRequest.ByDisagreement:
                    return [.. places.OrderByDescending(place => Disagreement(place) ?? -1)];
                case WallRequest.ByDate:
                    return [.. places.OrderByDescending(place => _images[place].ModifiedNs)];
                case WallRequest.ByName:
                    return [.. places.OrderBy(place => _images[place].Path.Length == 0)
                        .ThenBy(place => Path.GetFileName(_images[place].Path), StringComparer.Ordinal).ThenBy(place => _images[place].Path, StringComparer.Ordinal)];
            }

            var head = HeadOf(sort);
            return [.. places.OrderByDescending(place => _vectors[place] < 0 ? float.NegativeInfinity : Sheet.Of(_vectors[place])[head].Raw)];
        }

        private int HeadOf(string sort)
        {
            var head = Sheet.Heads.ToList().FindIndex(h => h.Name.Equals(sort, StringComparison.OrdinalIgnoreCase));
            return head >= 0 ? head : throw new JudgingException($"'{sort}' is nothing to sort by; "
                + $"{string.Join(", ", WallRequest.Words.Concat(Sheet.Heads.Select(h => h.Name)).Select(word => $"'{word}'"))} are.");
        }

        private double? Percentile(int place, string sort)
        {
            if (sort is not WallRequest.ByDisagreement && !WallRequest.Words.Contains(sort))
            {
                return _vectors[place] < 0 ? null : Sheet.Of(_vectors[place])[HeadOf(sort)].Percentile;
            }

            return _ranks[place] < 0 ? null : _ranking![_ranks[place]].Percentile;
        }

        /// <summary>How far the taste's percentile is from the heads', on average; null where one of the two is missing.</summary>
        private double? Disagreement(int place) => _ranks[place] < 0 || _vectors[place] < 0 || Sheet.Heads.Count == 0
            ? null : Math.Abs(_ranking![_ranks[place]].Percentile - Sheet.Of(_vectors[place]).Average(score => score.Percentile));

        private static bool IsIn(string path, string folder) =>
            path.Length > folder.Length && path.StartsWith(folder, StringComparison.Ordinal) && (Path.EndsInDirectorySeparator(folder) || path[folder.Length] == Path.DirectorySeparatorChar);

        private static bool Is(WallVerdict? verdict, ImageTally tally) => verdict switch
        {
            WallVerdict.Kept => tally.IsKept == true,
            WallVerdict.Rejected => tally.IsKept == false,
            WallVerdict.Unrated => tally.Ratings == 0,
            WallVerdict.Unpicked => tally.IsKept is null,
            _ => !tally.IsJudged,
        };
    }
}

public enum WallVerdict
{
    Kept,
    Rejected,

    /// <summary>In no choice, not rated, not picked.</summary>
    Unjudged,

    /// <summary>Not rated, whatever else was said of it.</summary>
    Unrated,

    /// <summary>Neither kept nor rejected, whatever else was said of it.</summary>
    Unpicked,
}

/// <summary>Which images are wanted, and in which order.</summary>
/// <param name="Offset">Images that pass, from the first on, that are left out.</param>
public sealed record WallRequest(int Offset, int Limit)
{
    public const string ByTaste = "taste", ByDisagreement = "disagreement", ByDate = "date", ByName = "name", ByUncertainty = "unsure";

    /// <summary>What can be sorted by besides heads.</summary>
    public static IReadOnlyList<string> Words { get; } = [ByTaste, ByUncertainty, ByDisagreement, ByDate, ByName];

    /// <summary>One of <see cref="Words"/>, or a head: best, most unsure, most disputed, newest or first by file name.</summary>
    public string Sort { get; init; } = ByTaste;

    public bool IsReversed { get; init; }

    /// <summary>Only images with their first file in this folder, at any depth.</summary>
    public string? Folder { get; init; }

    /// <summary>Only images of this experiment; null for all.</summary>
    public string? Experiment { get; init; }

    /// <summary>Only images whose path has this in it, in any case.</summary>
    public string? Text { get; init; }

    public WallVerdict? Verdict { get; init; }

    /// <summary>Only images that bear this tag in the studio.</summary>
    public string? Tag { get; init; }

    /// <summary>Only from this percentile on, of the head that sorts, else of the taste; 0 to 100.</summary>
    public double FromPercentile { get; init; }

    /// <summary>Only up to this percentile; 0 to 100.</summary>
    public double ToPercentile { get; init; } = 100;
}

/// <param name="Total">Images that pass, on all pages.</param>
public sealed record WallPage(int Total, IReadOnlyList<WallItem> Items);

/// <param name="Ranked">Null for an image without features.</param>
/// <param name="Scores">In the order of the heads; null for an image without features.</param>
/// <param name="Disagreement">Between the taste's percentile and the heads' mean one, 0 to 100.</param>
public sealed record WallItem(long Image, RankedImage? Ranked, IReadOnlyList<Score>? Scores, double? Disagreement);
