namespace Tastemaker.Core.Curation.Tags;

/// <summary>A line of tags with commas between them, as trainers read it.</summary>
internal static class TagLine
{
    /// <summary>Puts tags in front of a line, and takes out those that the same hand put there before. All else stays character for character.</summary>
    /// <param name="own">Tags that are taken out wherever they stand alone between commas.</param>
    /// <param name="tags">That come first.</param>
    public static string With(string line, IReadOnlySet<string> own, IReadOnlyList<string> tags)
    {
        var words = line.Split(',');
        var kept = words.Where(word => !own.Contains(word.Trim())).ToList();
        var rest = string.Join(',', kept);
        if (own.Contains(words[0].Trim()) && rest.StartsWith(' '))
        {
            rest = rest[1..]; // the one that followed our comma
        }

        return string.IsNullOrWhiteSpace(rest) && tags.Count > 0 ? string.Join(", ", tags)
            : string.Join(", ", [.. tags, rest]);
    }
}
