namespace Tastemaker.Core.Library;

/// <summary>An image as the studio knows it.</summary>
/// <param name="ContentId">64 hexadecimal digits.</param>
/// <param name="Width">Of the picture as it is stored, in pixels.</param>
/// <param name="Height">The same.</param>
/// <param name="Format">Such as <c>png</c>.</param>
/// <param name="AddedAt">When the studio first met it: UTC, ISO 8601.</param>
/// <param name="Files">That held it when they were last read, by path.</param>
public sealed record StudioImage(long Id, string ContentId, int Width, int Height, string Format, string AddedAt, IReadOnlyList<FoundFile> Files)
{
    /// <summary>Where it was last seen; null for an image without a file.</summary>
    public string? Path => Files.Count > 0 ? Files[0].Path : null;

    /// <summary>Where it is: the first of its files that is as it was when it was read; null where every one is gone or has changed.</summary>
    public string? Whereabouts() => Files.FirstOrDefault(IsUnchanged)?.Path;

    private static bool IsUnchanged(FoundFile file)
    {
        try
        {
            return FoundFile.At(file.Path) == file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
