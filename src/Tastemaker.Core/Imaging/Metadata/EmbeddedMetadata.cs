using System.Collections.ObjectModel;
using System.Globalization;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>What an image file says about itself, as it stands there, undecoded beyond text.</summary>
public sealed record EmbeddedMetadata
{
    private static readonly EmbeddedMetadata None = new();

    /// <summary>
    /// Text of a PNG (tEXt, zTXt, iTXt, but XMP) in the order of the file; comments of a GIF and of a JPEG, each with the keyword <c>comment</c>.
    /// </summary>
    public IReadOnlyList<TextEntry> Texts { get; init; } = [];

    /// <summary>EXIF's UserComment (0x9286), where A1111 and its kin put their settings into anything but PNG.</summary>
    public string? UserComment { get; init; }

    /// <summary>
    /// EXIF tags that generators and galleries use, as text: ImageDescription 0x010E, Make 0x010F, Model 0x0110, Software 0x0131,
    /// Rating 0x4746, XPComment 0x9C9C, XPKeywords 0x9C9E. Those that are absent or empty are missing.
    /// </summary>
    public IReadOnlyDictionary<int, string> Exif { get; init; } = ReadOnlyDictionary<int, string>.Empty;

    /// <summary>The XMP packet; <see cref="XmpFields"/> reads it.</summary>
    public string? Xmp { get; init; }

    /// <summary>Whether a JPEG carries more XMP in segments of its own (XMP specification, part 3, 1.1.3.1), which is never changed.</summary>
    public bool HasExtendedXmp { get; init; }

    /// <summary>That XMP, a packet without wrapper; null where it is not whole, or belongs to another packet.</summary>
    public string? ExtendedXmp { get; init; }

    /// <summary>Reads JPEG, PNG, WebP, GIF, AVIF and TIFF; of other formats there is nothing to read.</summary>
    /// <exception cref="ImageException">It cannot be read, is no image, or is damaged where the metadata stands.</exception>
    public static EmbeddedMetadata Read(string path)
    {
        var full = Path.GetFullPath(path);
        using var file = ImageSource.OpenFile(full);
        try
        {
            return Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ImageSource.Unreadable(full, e);
        }
    }

    /// <summary>The same of a stream that can seek.</summary>
    internal static EmbeddedMetadata Read(Stream stream)
    {
        if (MetadataContainer.Open(MetadataFile.Of(stream)) is not { } container)
        {
            return None;
        }

        var exif = container.Exif is { } block ? ExifTags.Read(block) : ExifTags.None;
        return new EmbeddedMetadata
        {
            Texts = container.Texts(),
            UserComment = exif.UserComment,
            Exif = exif.Texts,
            Xmp = container.Xmp is { } packet ? XmpText.Show(packet) : null,
            HasExtendedXmp = container.HasExtendedXmp,
            ExtendedXmp = container.ExtendedXmp is { } rest ? XmpText.Show(rest) : null,
        };
    }

    /// <summary>The stars that it states: XMP's, else EXIF's; null where neither has any.</summary>
    /// <returns>-1 (rejected) to 5.</returns>
    /// <exception cref="ImageException">The XMP cannot be read, or its rating is none.</exception>
    public int? Rating()
    {
        if (Xmp is not null && XmpFields.Parse(Xmp).Rating is { } stars)
        {
            return stars;
        }

        return Exif.TryGetValue(ExifTags.Rating, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var rating) && rating is >= 0 and <= 5
            ? rating
            : null;
    }

    /// <summary>The label that its XMP states; null for none.</summary>
    /// <exception cref="ImageException">The XMP cannot be read.</exception>
    public string? Label() => Xmp is null ? null : XmpFields.Parse(Xmp).Label;
}

/// <summary>A piece of text in an image file.</summary>
/// <param name="Keyword">What the file calls it, such as <c>parameters</c> or <c>workflow</c>.</param>
public readonly record struct TextEntry(string Keyword, string Text);
