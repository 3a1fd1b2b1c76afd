using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>What a collection looks like to its heads: how their scores lie, how they agree, and which images are where.</summary>
public sealed class CollectionReport
{
    /// <summary>More would make a page of hundreds of comparisons.</summary>
    public const int MostHeads = 12;

    private CollectionReport(string encoder, IReadOnlyList<Scored> images, IReadOnlyList<HeadReport> heads, IReadOnlyList<HeadPair> pairs) =>
        (Encoder, Images, Heads, Pairs) = (encoder, images, heads, pairs);

    public string Encoder { get; }

    public IReadOnlyList<Scored> Images { get; }

    public IReadOnlyList<HeadReport> Heads { get; }

    /// <summary>Images that a head could give no number for; they are in nothing else here.</summary>
    public IReadOnlyList<Failure> Unscored { get; private init; } = [];

    /// <summary>Every two heads.</summary>
    public IReadOnlyList<HeadPair> Pairs { get; }

    /// <param name="encoder">The name of what the scores were made from.</param>
    /// <param name="heads">As many as each image has scores.</param>
    /// <exception cref="CurationException">There are no images, too many heads, or a threshold for a head that is not there.</exception>
    public static CollectionReport Of(string encoder, IReadOnlyList<ScoringHead> heads, IReadOnlyList<Scored> images, ReportOptions options)
    {
        var isScored = images.ToLookup(image => image.Scores.All(score => float.IsFinite(score.Raw)));
        images = [.. isScored[true]];
        if (images.Count == 0)
        {
            throw new CurationException("there is no image to report on. Name files or folders with images that can be read.");
        }

        if (heads.Count > MostHeads)
        {
            throw new CurationException($"{heads.Count} heads are too many for one report, which compares every two of them; {MostHeads} are possible. Name some with --model.");
        }

        options.Demand(heads);
        string[] names = [.. images.Select(i => i.Name)];
        double[][] scores = [.. heads.Select((_, h) => images.Select(i => (double)i.Scores[h].Raw).ToArray())];
        var reports = heads.Select((head, h) => HeadReport.Of(head, scores[h], names, options));
        var pairs = from first in Enumerable.Range(0, heads.Count)
                    from second in Enumerable.Range(first + 1, heads.Count - first - 1)
                    select HeadPair.Of(first, second, scores);
        return new(encoder, images, [.. reports], [.. pairs])
        {
            Unscored = [.. isScored[false].Select(image => new Failure(image.Name, "a head gives a score for it that is no finite number; it is left out."))],
        };
    }

    /// <summary>The figures, with the images that stand out, as JSON.</summary>
    public string Json() => ReportJson.Of(this, image => image.Name);

    /// <summary>One HTML page that needs nothing beside it: small pictures are inside, and it may not load anything.</summary>
    /// <param name="madeAt">Is written on the page.</param>
    /// <returns>The page, and the pictures that could not be shown on it.</returns>
    public (string Html, IReadOnlyList<Failure> Failures) Page(DateTimeOffset madeAt, IProgress<Progress>? progress, CancellationToken cancel) =>
        ReportPage.Write(this, madeAt, progress, cancel);
}
