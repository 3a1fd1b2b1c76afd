namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// Plans changes of what an image file says about itself, as splices: pixels, other chunks and segments, colour profile, EXIF's other
/// tags and bytes behind the end stay as they are, and so does the content id.
/// </summary>
internal static class MetadataEdit
{
    private const string InfotextKeyword = "parameters";

    /// <summary>Whether files of a format can be changed; others want a sidecar.</summary>
    public static bool IsEditable(ImageFormat format) => format is ImageFormat.Png or ImageFormat.Jpeg or ImageFormat.WebP;

    /// <returns>In rising order of their offsets, none touching another; empty where the file says all of it already.</returns>
    /// <exception cref="ImageException">The file is damaged or ends early, or has no place for what is to be written.</exception>
    public static IReadOnlyList<Splice> Plan(Stream file, ImageFormat format, MetadataChange change)
    {
        Demand(change);
        var source = MetadataFile.Of(file, format);
        if (!IsEditable(format))
        {
            throw source.Unwritable($"is a {format.Title()} file; metadata is written into PNG, JPEG and WebP. Write a sidecar instead.");
        }

        DemandWhole(file, source);
        var container = (EditableContainer)MetadataContainer.Open(source)!;
        var texts = Texts(source, container as PngContainer, change);
        var comment = change.Exif?.UserComment;
        if (change.InfotextScore is { } score)
        {
            var infotext = texts.TryGetValue(InfotextKeyword, out var wanted) ? wanted : (container as PngContainer)?.Text(InfotextKeyword);
            var commented = comment ?? (container.Exif is { } read ? ExifTags.Read(read).UserComment : null);
            var scored = infotext is null ? null : InfotextScore.Write(infotext, score);
            var scoredComment = commented is null ? null : InfotextScore.Write(commented, score);
            if (scored is null && scoredComment is null && !change.WherePossible)
            {
                throw source.Unwritable("has no infotext that a score could be written into. Write the score elsewhere, such as into XMP.");
            }

            comment = scoredComment ?? comment;
            if (scored is not null)
            {
                texts[InfotextKeyword] = scored;
            }
        }

        foreach (var (keyword, text) in texts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            ((PngContainer)container).PutText(keyword, text);
        }

        PutExif(container, source, (change.Exif ?? new()) with { UserComment = comment });
        PutXmp(container, source, change.Xmp);
        return container.Splices();
    }

    /// <exception cref="ArgumentOutOfRangeException">A number is none that may stand there.</exception>
    public static void Demand(XmpChange change)
    {
        if (change.Rating is { } stars)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(stars, -1, nameof(change));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(stars, 5, nameof(change));
        }
    }

    private static void PutExif(EditableContainer container, MetadataFile source, ExifChange change)
    {
        if (change == new ExifChange())
        {
            return;
        }

        var block = container.Exif is { } there ? there.Take(0, there.Length) : null;
        if (ExifEdit.Apply(source, block, change) is var changed && changed != block)
        {
            container.PutExif(changed);
        }
    }

    private static void PutXmp(EditableContainer container, MetadataFile source, XmpChange? change)
    {
        if (change is null or { Rating: null, Tags: null })
        {
            return;
        }

        try
        {
            if (XmpPatch.Embedded(container.Xmp, change) is var packet && packet != container.Xmp)
            {
                container.PutXmp(packet);
            }
        }
        catch (ImageException e)
        {
            throw new ImageException(e.Problem, $"{source.Title} is left as it is: {e.Message}", e);
        }
    }

    private static Dictionary<string, string?> Texts(MetadataFile source, PngContainer? png, MetadataChange change)
    {
        if (change.PngTexts is not { Count: > 0 } texts)
        {
            return [];
        }

        return png is not null ? new(texts, StringComparer.Ordinal)
            : change.WherePossible ? []
            : throw source.Unwritable($"is a {source.Format.Title()} file; chunks of text are written into PNG only. Write into EXIF, XMP or a sidecar instead.");
    }

    private static void DemandWhole(Stream file, MetadataFile source)
    {
        file.Position = 0;
        switch (CodedPicture.Walk(source.Format, file, static _ => { }))
        {
            case CodedPicture.Structure.EndsEarly:
                throw source.EndsEarly();
            case CodedPicture.Structure.Unknown:
                throw source.Damaged("its structure contradicts itself, so nothing is written into it");
        }
    }

    private static void Demand(MetadataChange change)
    {
        if (change.Xmp is { } xmp)
        {
            Demand(xmp);
        }

        if (change.InfotextScore is { } score && !double.IsFinite(score))
        {
            throw new ArgumentOutOfRangeException(nameof(change), score, "A score must be a finite number.");
        }

        Demand(change.Exif?.Rating, 5);
        Demand(change.Exif?.RatingPercent, 100);
    }

    private static void Demand(int? number, int most)
    {
        if (number is { } value)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        }
    }
}
