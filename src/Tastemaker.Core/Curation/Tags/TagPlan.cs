namespace Tastemaker.Core.Curation.Tags;

/// <summary>Which tags each image of a collection gets.</summary>
public static class TagPlan
{
    /// <summary>Places every image among those of its own group, so that no source or style rules the others, and gives it its tier's tags.</summary>
    /// <param name="groupOf">What an image is compared within.</param>
    /// <param name="seed">Decides what is left to chance.</param>
    /// <returns>In the order of the files.</returns>
    public static IReadOnlyList<TaggedFile> Of(TagScheme scheme, IReadOnlyList<ScoredFile> files, Func<ScoredFile, string> groupOf, int seed)
    {
        var values = new double[files.Count];
        var groups = files.Select(groupOf).ToList();
        foreach (var group in Enumerable.Range(0, files.Count).GroupBy(i => groups[i]))
        {
            int[] members = [.. group];
            double[] raw = [.. members.Select(i => files[i].Raw)];
            foreach (var (i, value) in members.Zip(scheme.ByPercentile ? Percentiles.Of(raw) : raw))
            {
                values[i] = value;
            }
        }

        return [.. files.Select((file, i) =>
        {
            var tier = scheme.TierOf(values[i]);
            return new TaggedFile(file, groups[i], values[i], tier, scheme.TagsOf(tier, seed, file.ContentId ?? Path.GetFileName(file.Path)));
        })];
    }
}

/// <param name="Group">That it was compared within.</param>
/// <param name="Value">Its percentile in the group, 0 to 100, or its raw score, as the scheme asks.</param>
/// <param name="Tier">Null for one that is below every tier.</param>
/// <param name="Tags">In the order in which they are written.</param>
public sealed record TaggedFile(ScoredFile File, string Group, double Value, Tier? Tier, IReadOnlyList<string> Tags);
