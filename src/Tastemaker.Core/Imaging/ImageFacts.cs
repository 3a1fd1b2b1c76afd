using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Core.Imaging;

/// <summary>What an image file is, and what is said about it in itself and beside it.</summary>
public sealed record ImageFacts
{
    /// <summary>What a rating's place is called that stands in the file itself.</summary>
    public const string Embedded = "embedded";

    /// <summary>Such as <c>PNG</c>.</summary>
    public required string Format { get; init; }

    /// <summary>In pixels, as they are stored.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>64 hexadecimal digits.</summary>
    public required string ContentId { get; init; }

    /// <summary>How it was made; null where nobody says.</summary>
    public GenerationInfo? Generation { get; init; }

    /// <summary>Stars, of XMP beside it first.</summary>
    public IReadOnlyList<PlacedRating> Ratings { get; init; } = [];

    /// <summary>Colour labels, of XMP beside it first.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Every keyword once: plain ones, then hierarchies as their programs write them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether a JPEG has further segments of XMP that are not read: pieces are missing, they belong to another packet, or are too many.</summary>
    public bool HasUnreadXmp { get; init; }

    /// <summary>The files beside it that are about it: text, captions, XMP.</summary>
    public IReadOnlyList<string> Sidecars { get; init; } = [];

    /// <summary>What stands there and cannot be read, in sentences.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];

    /// <summary>Reads the file, and the text and XMP beside it; decodes pixels only where they may hide how it was made.</summary>
    /// <exception cref="ImageException">It cannot be read, is no image, or is damaged where the metadata stands.</exception>
    public static ImageFacts Of(string path, CancellationToken cancel = default)
    {
        var header = ImageDecoder.Inspect(path);
        var metadata = EmbeddedMetadata.Read(path);
        var troubles = new List<string>();
        var sidecar = XmpSidecar.Find(path);
        XmpFields?[] fields =
        [
            sidecar is null ? null : Try(() => XmpSidecar.Read(sidecar), sidecar),
            metadata.Xmp is not { } packet ? null : Try(() => XmpFields.Parse(packet), path),
            metadata.ExtendedXmp is not { } rest ? null : Try(() => XmpFields.Parse(rest), path),
        ];
        var known = fields.OfType<XmpFields>().ToList();
        var embedded = metadata.Xmp is null || fields[1] is not null ? metadata.Rating() : null;
        return new()
        {
            Format = header.Format.Title(),
            Width = header.Width,
            Height = header.Height,
            ContentId = Convert.ToHexStringLower(Imaging.ContentId.Of(path, cancel)),
            Generation = GenerationInfo.Of(path, metadata, cancel),
            Ratings = [.. fields[0]?.Rating is { } beside ? [new(sidecar!, beside)] : Array.Empty<PlacedRating>(), .. embedded is { } stars ? [new(Embedded, stars)] : Array.Empty<PlacedRating>()],
            Labels = [.. known.Select(f => f.Label).OfType<string>().Where(label => label.Length > 0).Distinct(StringComparer.Ordinal)],
            Tags = [.. known.SelectMany(f => f.Tags.Concat(f.HierarchicalTags).Concat(f.TagPaths)).Distinct(StringComparer.Ordinal)],
            HasUnreadXmp = metadata is { HasExtendedXmp: true, ExtendedXmp: null },
            Sidecars = [.. Captions(path).Concat(sidecar is null ? [] : [sidecar])],
            Troubles = troubles,
        };

        XmpFields? Try(Func<XmpFields> read, string place)
        {
            try
            {
                return read();
            }
            catch (ImageException e)
            {
                troubles.Add(e.Message.Contains(place, StringComparison.Ordinal) ? e.Message : $"'{place}': {e.Message}");
                return null;
            }
        }
    }

    private static IEnumerable<string> Captions(string path) =>
        ((string[])[".txt", ".caption"]).Select(extension => Path.ChangeExtension(path, extension)).Where(File.Exists);
}

/// <param name="Place"><see cref="ImageFacts.Embedded"/>, or the path of a sidecar.</param>
/// <param name="Stars">-1 (rejected) to 5.</param>
public readonly record struct PlacedRating(string Place, int Stars);
