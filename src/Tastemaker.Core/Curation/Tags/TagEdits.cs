using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation.Tags;

/// <summary>Where tags are written.</summary>
public enum TagTarget
{
    /// <summary>The caption <c>STEM.txt</c> beside the image.</summary>
    Txt,

    /// <summary>The caption <c>STEM.caption</c> beside the image.</summary>
    Caption,

    /// <summary>XMP inside the image.</summary>
    Xmp,

    /// <summary>XMP beside the image.</summary>
    Sidecar,
}

/// <summary>The edits that write tags.</summary>
public static class TagEdits
{
    /// <returns>An edit for each image; images that would share one caption are named, as each would replace the other's tags.</returns>
    public static BatchResult<PlannedEdit> Of(TagTarget target, TagScheme scheme, IReadOnlyList<TaggedFile> tagged)
    {
        var edits = tagged.Select(t => (Image: t.File.Path, Edit: Of(target, t.File.Path, new(scheme.Own, t.Tags)))).ToLookup(pair => pair.Edit.Path);
        return new(
            [.. edits.Where(same => same.Count() == 1).Select(same => same.Single().Edit)],
            [.. edits.Where(same => same.Count() > 1).SelectMany(same => same.Select(pair => new Failure(pair.Image,
                $"'{Path.GetFileName(same.Key)}' would be the caption of {same.Count()} images. Give them names that differ in more than the extension.")))]);
    }

    public static string CaptionPath(TagTarget target, string image) => Path.ChangeExtension(image, target == TagTarget.Caption ? ".caption" : ".txt");

    private static PlannedEdit Of(TagTarget target, string image, TagChange change) => target switch
    {
        TagTarget.Xmp => ImageEdits.Embedded(image, new() { Xmp = new() { Tags = change } }),
        TagTarget.Sidecar => ImageEdits.Sidecar(image, new() { Tags = change }),
        _ => new(CaptionPath(target, image), file => Caption.Plan(file, change)),
    };
}
