using Tastemaker.Core.Embedding;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Curation;

/// <summary>Files that hold the same picture, or nearly the same, and which of each group to keep.</summary>
public static class Duplicates
{
    /// <summary>
    /// Least cosine of near duplicates for features of CLIP: what users of such tools settled on. A picture that was scaled or saved
    /// again lies above it, a variation of the same prompt below.
    /// </summary>
    public const double UsualThreshold = 0.97;

    /// <summary>
    /// The same for the built-in encoder, whose features change more with size and compression: of painted pictures at half their size, or
    /// as JPEG of quality 75, 95 in 100 lie above 0.965 and all above 0.949; of 7 140 pairs of different ones two lie above 0.95.
    /// </summary>
    public const double GistThreshold = 0.95;

    /// <summary>
    /// Scores that differ by less, in deviations of all files', are as good as equal: with the built-in encoder, halving a picture or saving
    /// it again moved nine scores of ten by up to 0.4 and all by up to 0.64. Without this the taste would choose between artefacts.
    /// </summary>
    private const double Tie = 0.5;

    /// <param name="encoder">By its name.</param>
    public static double ThresholdFor(string encoder) => encoder == GistImageEncoder.BuiltIn ? GistThreshold : UsualThreshold;

    /// <param name="vectors">Hold one for every file's image; without a threshold they are not looked at.</param>
    /// <param name="threshold">Least cosine of near duplicates; null for copies of the same picture alone.</param>
    /// <returns>The largest group first.</returns>
    public static IReadOnlyList<DuplicateGroup> Find(
        VectorStore vectors, IReadOnlyList<CuratedFile> files, double? threshold, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var tie = Tie * Deviation(files);
        var byImage = files.ToLookup(f => f.ImageId);
        if (threshold is not { } least)
        {
            return Sorted(byImage.Where(copies => copies.Skip(1).Any()).Select(copies => Group([.. copies], tie, (_, _) => 1)));
        }

        using var rows = vectors.Rows();
        var units = UnitVectors.Of(rows);
        var wanted = units.Only([.. Enumerable.Range(0, rows.Count).Where(row => byImage.Contains(rows.ImageId(row)))]);
        var near = NearDuplicates.Of(wanted, least, progress, cancel);
        var place = Enumerable.Range(0, wanted.Count).ToDictionary(wanted.Image);
        var grouped = near.SelectMany(group => group).Select(wanted.Image).ToHashSet();
        var alone = byImage.Where(copies => !grouped.Contains(copies.Key)).Select(copies => copies.ToList());
        var groups = near.Select(group => group.SelectMany(i => byImage[wanted.Image(i)]).ToList()).Concat(alone);
        return Sorted(groups.Where(group => group.Count > 1).Select(group => Group(group, tie, (a, b) => Cosine(wanted, place[a], place[b]))));
    }

    private static DuplicateGroup Group(List<CuratedFile> files, double tie, Func<long, long, double> cosine)
    {
        var best = files.Max(f => f.Score);
        var kept = CuratedFile.Largest(files.Where(f => f.Score >= best - tie)).First();
        var others = files.Where(f => f != kept).Select(f => new Duplicate(
            f, f.ImageId == kept.ImageId, f.ImageId == kept.ImageId ? 1 : cosine(f.ImageId, kept.ImageId)));
        return new(kept, [.. others.OrderByDescending(d => d.IsExact).ThenByDescending(d => d.Similarity).ThenBy(d => d.File.Path, StringComparer.Ordinal)]);
    }

    private static List<DuplicateGroup> Sorted(IEnumerable<DuplicateGroup> groups) =>
        [.. groups.OrderByDescending(g => g.Others.Count).ThenBy(g => g.Kept.Path, StringComparer.Ordinal)];

    private static double Cosine(UnitVectors vectors, int a, int b)
    {
        var (first, second) = (new float[vectors.Padded], new float[vectors.Padded]);
        vectors.Read(a, first);
        vectors.Read(b, second);
        return Math.Min(NearDuplicates.Cosine(first, second), 1);
    }

    private static double Deviation(IReadOnlyList<CuratedFile> files)
    {
        var mean = files.Count > 0 ? files.Average(f => f.Score) : 0;
        return files.Count > 0 ? Math.Sqrt(files.Average(f => (f.Score - mean) * (f.Score - mean))) : 0;
    }
}

/// <param name="Kept">The best of the group; of those that are as good, the largest.</param>
/// <param name="Others">Copies first, then the most alike.</param>
public sealed record DuplicateGroup(CuratedFile Kept, IReadOnlyList<Duplicate> Others);

/// <param name="IsExact">Whether it holds the very picture that is kept.</param>
/// <param name="Similarity">Cosine of its features and those of what is kept; less than the threshold where only others link them.</param>
public sealed record Duplicate(CuratedFile File, bool IsExact, double Similarity);
