using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Library;

/// <summary>The images that the studio knows, and the files that hold them.</summary>
public sealed class ImageLibrary(StudioDatabase database)
{
    // Large enough that a statement's fixed cost vanishes, small enough that its text stays a few megabytes.
    private const int Chunk = 10_000;

    /// <summary>Which of the files are as they were when the studio last read them; not one of them is opened.</summary>
    /// <returns>One for each file, in their order; null where the file must be read.</returns>
    internal KnownImage?[] Recognise(IReadOnlyList<FoundFile> files, CancellationToken cancel = default)
    {
        var known = new KnownImage?[files.Count];
        for (var start = 0; start < files.Count; start += Chunk)
        {
            cancel.ThrowIfCancellationRequested();
            var part = files.Skip(start).Take(Chunk).ToList();
            database.Read(db => ImageQueries.Recognise(db, part, known, start));
        }

        return known;
    }

    /// <summary>Keeps what was read from one file, and returns its image's id. Known content gains a file, not an image.</summary>
    internal long Add(ReadImage image) => Add([image])[0];

    /// <summary>Keeps what was read from many files, all or none; returns their images' ids in order.</summary>
    internal long[] Add(IReadOnlyList<ReadImage> images) => database.Write(db => ImageQueries.Add(db, images, database.Now));

    /// <summary>The image of that content; null where the studio has none.</summary>
    internal long? Find(byte[] contentId) => database.Read(db => ImageQueries.Find(db, contentId));

    /// <summary>The images without a feature vector of this encoder, oldest first.</summary>
    internal IReadOnlyList<long> ImagesWithout(string encoderFingerprint) =>
        database.Read(db => ImageQueries.Without(db, encoderFingerprint));

    /// <summary>Where the images were last seen; those with no file are absent.</summary>
    public ILookup<long, string> Paths(IReadOnlyCollection<long> imageIds) =>
        database.Read(db => ImageQueries.Paths(db, imageIds)).ToLookup(row => row.ImageId, row => row.Path);

    /// <summary>The images by what they were painted for.</summary>
    public Experiments Experiments => field ??= new(this);

    /// <summary>Every folder that holds a file, once.</summary>
    internal IReadOnlyList<string> Folders() => database.Read(ImageQueries.Folders);

    /// <summary>The images with a file in a folder, at any depth.</summary>
    internal IReadOnlyList<long> In(string folder) => database.Read(db => ImageQueries.In(db, Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));

    /// <summary>By what the images are known; numbers that are none are absent.</summary>
    internal IReadOnlyList<KnownImage> ContentIds(IReadOnlyCollection<long> imageIds) => database.Read(db => ImageQueries.ContentIds(db, imageIds));

    /// <summary>The images of those numbers, in their order; null where there is none.</summary>
    public IReadOnlyList<StudioImage?> Images(IReadOnlyList<long> ids)
    {
        var found = database.Read(db => ImageQueries.Images(db, ids)).ToDictionary(image => image.Id);
        return [.. ids.Select(id => found.GetValueOrDefault(id))];
    }

    /// <summary>The image of that content; null where the studio has none.</summary>
    /// <param name="contentId">64 hexadecimal digits; anything else names no image.</param>
    public StudioImage? Image(string contentId) =>
        contentId.Length == 2 * ContentId.Size && contentId.All(char.IsAsciiHexDigit) && Find(Convert.FromHexString(contentId)) is { } id ? Images([id])[0] : null;

    /// <summary>What has been done with an image.</summary>
    public ImageUse Use(long image) => database.Read(db => ImageQueries.Use(db, image));

    /// <summary>Every image, in the order in which they came.</summary>
    public IReadOnlyList<ListedImage> All() => database.Read(ImageQueries.All);

    public LibraryVersion Version() => database.Read(ImageQueries.Version);

    public LibraryCounts Count() => database.Read(ImageQueries.Count);
}

/// <param name="ContentId">32 bytes.</param>
public sealed record KnownImage(long Id, byte[] ContentId);

/// <summary>What reading a file told.</summary>
/// <param name="File">As it was before it was read, so that a change meanwhile is noticed the next time.</param>
/// <param name="ContentId">32 bytes.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Format">Such as <c>png</c>.</param>
internal sealed record ReadImage(FoundFile File, byte[] ContentId, int Width, int Height, string Format);

/// <param name="Encoders">The names of those that described it.</param>
/// <param name="Judgements">Of all tastes, with it on either side.</param>
public sealed record ImageUse(IReadOnlyList<string> Encoders, long Judgements);

public sealed record LibraryCounts(long Images, long Files, long Encoders, long Vectors);
