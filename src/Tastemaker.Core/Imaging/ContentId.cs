using System.Security.Cryptography;

namespace Tastemaker.Core.Imaging;

/// <summary>
/// What an image is known by: SHA-256 over the coded picture alone, so that it survives renames, moves and every edit of metadata.
/// <see cref="CodedPicture.Walk"/> says which bytes count. Of containers that are not walked, and of files that contradict their
/// own format or end early, every byte counts.
/// </summary>
public static class ContentId
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 32;

    private const int BufferBytes = 1 << 16;

    /// <summary>The id of a file, which may be of any size and any content.</summary>
    /// <exception cref="ImageException">It cannot be read.</exception>
    public static byte[] Of(string path, CancellationToken cancel = default)
    {
        var full = Path.GetFullPath(path);
        using var file = ImageSource.OpenFile(full);
        try
        {
            return Of(file, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ImageSource.Unreadable(full, e);
        }
    }

    /// <summary>The id of a stream that can seek, from its start on.</summary>
    public static byte[] Of(Stream file, CancellationToken cancel = default)
    {
        var head = new byte[ImageFormats.HeadBytes];
        file.Position = 0;
        var count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (ImageFormats.Recognise(head.AsSpan(0, count)) is { } format)
        {
            using var picture = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            file.Position = 0;
            var structure = CodedPicture.Walk(format, file, bytes =>
            {
                cancel.ThrowIfCancellationRequested();
                picture.AppendData(bytes);
            });
            if (structure == CodedPicture.Structure.Whole)
            {
                return picture.GetHashAndReset();
            }
        }

        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        file.Position = 0;
        while ((count = file.Read(buffer)) > 0)
        {
            cancel.ThrowIfCancellationRequested();
            whole.AppendData(buffer, 0, count);
        }

        return whole.GetHashAndReset();
    }
}
