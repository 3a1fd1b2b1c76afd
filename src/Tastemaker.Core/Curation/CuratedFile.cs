namespace Tastemaker.Core.Curation;

/// <summary>A file among those of which some are to be kept, and what decides between them.</summary>
/// <param name="ImageId">Of the image that it holds; files with one are copies of each other.</param>
/// <param name="ContentId">Of the same, in hexadecimal.</param>
/// <param name="Score">By the head that decides, on its own scale.</param>
/// <param name="Pixels">Width times height.</param>
/// <param name="Bytes">Of the whole file.</param>
public sealed record CuratedFile(string Path, long ImageId, string ContentId, double Score, long Pixels, long Bytes)
{
    /// <summary>Of equally good ones the larger picture, then the larger file, which has more said in it.</summary>
    internal static IOrderedEnumerable<CuratedFile> Largest(IEnumerable<CuratedFile> files) =>
        files.OrderByDescending(f => f.Pixels).ThenByDescending(f => f.Bytes).ThenBy(f => f.Path, StringComparer.Ordinal);
}
