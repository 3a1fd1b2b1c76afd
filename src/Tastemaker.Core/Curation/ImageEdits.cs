using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Core.Curation;

/// <summary>Edits of what is said about an image: inside its file, or in the sidecar beside it.</summary>
public static class ImageEdits
{
    private const int MostSidecarBytes = 4 << 20;

    public static PlannedEdit Embedded(string image, MetadataChange change) => new(image, file =>
    {
        var head = new byte[ImageFormats.HeadBytes];
        var count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return ImageFormats.Recognise(head.AsSpan(0, count)) is { } format && MetadataEdit.IsEditable(format)
            ? MetadataEdit.Plan(file, format, change)
            : throw new CurationException("is not a PNG, JPEG or WebP file, and others are not written into. '--write sidecar' puts it beside the file.");
    });

    public static PlannedEdit Sidecar(string image, XmpChange change) => new(XmpSidecar.Find(image) ?? XmpSidecar.DefaultPath(image), file =>
    {
        if (file.Length > MostSidecarBytes)
        {
            throw new CurationException($"has {file.Length} bytes; a sidecar of at most {MostSidecarBytes} was wanted.");
        }

        var before = new byte[file.Length];
        file.ReadExactly(before);
        return Between(before, XmpSidecar.Patch(before.Length == 0 ? null : before, change));
    });

    /// <summary>The one stretch in which two contents differ.</summary>
    private static IReadOnlyList<Splice> Between(byte[] before, byte[] after)
    {
        var start = before.AsSpan().CommonPrefixLength(after);
        if (start == before.Length && start == after.Length)
        {
            return [];
        }

        var end = 0;
        while (end < Math.Min(before.Length, after.Length) - start && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }

        return [new(start, before.AsMemory(start, before.Length - start - end), after.AsMemory(start, after.Length - start - end))];
    }
}
