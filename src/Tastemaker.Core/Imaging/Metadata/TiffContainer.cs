namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>A TIFF is an EXIF block itself, and has XMP in a tag of its first directory (XMP specification, part 3, 1.1.4). Read only.</summary>
internal sealed class TiffContainer : MetadataContainer
{
    private const int XmpTag = 700;

    public TiffContainer(MetadataFile file)
    {
        Exif = file;
        if (TiffBlock.Open(file) is { } block && block.Directory(block.First) is { } directory)
        {
            Xmp = directory.Find(XmpTag) is { } entry ? block.Value(entry) : null;
        }
    }
}
