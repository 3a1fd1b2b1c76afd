using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Imaging;

/// <summary>Small WebP pictures of images, each made once and kept in the studio's <c>thumbnails/</c>. They can always be made again.</summary>
public sealed class Thumbnails(StudioFolder studio)
{
    /// <summary>The squares that a thumbnail fits, in pixels; a smaller picture is not enlarged.</summary>
    public static IReadOnlyList<int> Sides { get; } = [256, 512, 1024];

    /// <summary>Where the thumbnail of that content is; null where it has not been made.</summary>
    public string? Find(string contentId, int side) => PathOf(contentId, side) is var path && File.Exists(path) ? path : null;

    /// <summary>Where the thumbnail is, once it is made if it was not.</summary>
    /// <param name="file">Holds the image of that content.</param>
    /// <exception cref="ImageException">The file cannot be used as an image.</exception>
    public string Make(string contentId, string file, int side, CancellationToken cancel)
    {
        var path = PathOf(contentId, side);
        if (!File.Exists(path))
        {
            var thumbnail = ImageDecoder.Thumbnail(file, side, cancel);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Replace(path, stream => stream.Write(thumbnail));
        }

        return path;
    }

    // Folders of a few hundred files each, however many images there are.
    private string PathOf(string contentId, int side)
    {
        if (!Sides.Contains(side))
        {
            throw new ArgumentOutOfRangeException(nameof(side), side, $"One of {string.Join(", ", Sides)} was wanted.");
        }

        if (contentId.Length != 2 * ContentId.Size || !contentId.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException($"'{contentId}' is no content id.", nameof(contentId));
        }

        return Path.Combine(studio.Thumbnails, $"{side}", contentId[..2], $"{contentId}.webp");
    }
}
