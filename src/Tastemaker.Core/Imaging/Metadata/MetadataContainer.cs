namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>Where a file format keeps EXIF, XMP and text.</summary>
internal abstract class MetadataContainer
{
    /// <summary>The EXIF block, from its TIFF header on; of a TIFF the file itself.</summary>
    public MetadataFile? Exif { get; protected init; }

    /// <summary>The bytes of the XMP packet.</summary>
    public byte[]? Xmp { get; protected init; }

    /// <summary>Whether there is more XMP than fits into one place.</summary>
    public bool HasExtendedXmp { get; protected init; }

    /// <summary>The rest of the XMP, a packet of its own; null where there is none, or it is not whole.</summary>
    public byte[]? ExtendedXmp { get; protected init; }

    /// <summary>Looks through a file; null for a format that is not looked into.</summary>
    /// <exception cref="ImageException">It ends early or contradicts its format.</exception>
    public static MetadataContainer? Open(MetadataFile file) => file.Format switch
    {
        ImageFormat.Png => new PngContainer(file),
        ImageFormat.Jpeg => new JpegContainer(file),
        ImageFormat.WebP => new WebPContainer(file),
        ImageFormat.Avif => new AvifContainer(file),
        ImageFormat.Gif => new GifContainer(file),
        ImageFormat.Tiff => new TiffContainer(file),
        _ => null,
    };

    /// <summary>Text that is neither EXIF nor XMP, in the order of the file.</summary>
    public virtual IReadOnlyList<TextEntry> Texts() => [];
}

/// <summary>One that can be written to: what is put into it becomes splices.</summary>
internal abstract class EditableContainer : MetadataContainer
{
    /// <summary>Puts an EXIF block, from its TIFF header on, in the place of the one that is there.</summary>
    public abstract void PutExif(byte[] block);

    /// <summary>Puts a packet in the place of the one that is there.</summary>
    public abstract void PutXmp(byte[] packet);

    /// <summary>All that was put, as changes of the file.</summary>
    public abstract IReadOnlyList<Splice> Splices();
}
