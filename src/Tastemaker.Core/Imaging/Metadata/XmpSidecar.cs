namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The file beside an image that holds its XMP. darktable, digiKam and Immich name it <c>image.ext.xmp</c>, Adobe's programs and
/// Capture One <c>image.xmp</c>; both are read and patched, never replaced.
/// </summary>
public static class XmpSidecar
{
    private static readonly string[] Endings = [".xmp", ".XMP"];

    /// <summary>What else of the same name an <c>image.xmp</c> could belong to: what we read, raw photographs, and films.</summary>
    private static readonly string[] Claimants =
    [
        "jpg", "jpeg", "jfif", "png", "webp", "avif", "gif", "tif", "tiff", "bmp", "heic", "heif", "jxl", "psd",
        "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf", "raf", "orf", "rw2", "pef", "raw", "srw", "x3f", "3fr", "iiq",
        "mp4", "mov", "avi",
    ];

    /// <summary>The sidecar of an image that is there; <c>image.xmp</c> only where it can be no other file's.</summary>
    public static string? Find(string imagePath)
    {
        if (Existing(imagePath) is { } own)
        {
            return own;
        }

        var extension = Path.GetExtension(imagePath);
        var stem = imagePath[..^extension.Length];
        var isAmbiguous = Claimants.Any(claimant => IsAnother($"{stem}.{claimant}") || IsAnother($"{stem}.{claimant.ToUpperInvariant()}"));
        return extension.Length == 0 || isAmbiguous ? null : Existing(stem);

        bool IsAnother(string path) => !path.Equals(imagePath, StringComparison.OrdinalIgnoreCase) && File.Exists(path);
    }

    /// <summary>What one is called that we make.</summary>
    public static string DefaultPath(string imagePath) => $"{imagePath}.xmp";

    /// <summary>What a sidecar says.</summary>
    /// <exception cref="ImageException">It cannot be read, or is no XMP.</exception>
    public static XmpFields Read(string path)
    {
        using var file = ImageSource.OpenFile(path);
        try
        {
            if (file.Length > XmpText.MostBytes)
            {
                throw XmpDocument.Refused($"has {file.Length} bytes; at most {XmpText.MostBytes >> 20} MB was wanted.");
            }

            var bytes = new byte[file.Length];
            return XmpFields.Parse(bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ImageSource.Unreadable(path, e);
        }
    }

    /// <summary>What a sidecar should hold: what it holds, but for the change.</summary>
    /// <param name="existing">The bytes of one that is there; null for one that is made.</param>
    /// <returns>The very bytes where they say it already.</returns>
    /// <exception cref="ImageException">What is there is no XMP, or says what it says in a form that cannot be changed.</exception>
    public static byte[] Patch(byte[]? existing, XmpChange change)
    {
        MetadataEdit.Demand(change);
        return XmpPatch.Sidecar(existing, change);
    }

    private static string? Existing(string path) => Endings.Select(ending => path + ending).FirstOrDefault(File.Exists);
}
