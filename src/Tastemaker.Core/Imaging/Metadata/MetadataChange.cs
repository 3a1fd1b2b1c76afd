namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>What an image file should say about itself from now on. Whatever is null is left alone.</summary>
public sealed record MetadataChange
{
    /// <summary>Text of a PNG by keyword; null takes it out. Other formats have no place for it.</summary>
    public IReadOnlyDictionary<string, string?>? PngTexts { get; init; }

    /// <summary>
    /// The key <c>Score</c> of A1111's infotext, wherever the file has one: a PNG's <c>parameters</c>, EXIF's UserComment.
    /// Written with two decimals.
    /// </summary>
    public double? InfotextScore { get; init; }

    /// <summary>The embedded packet.</summary>
    public XmpChange? Xmp { get; init; }

    public ExifChange? Exif { get; init; }

    /// <summary>Whether texts and a score that the file has no place for are passed over, as it gets the rest; otherwise such a file is refused.</summary>
    public bool WherePossible { get; init; }
}

/// <summary>What an XMP packet should say.</summary>
public sealed record XmpChange
{
    /// <summary><c>xmp:Rating</c>: 0 to 5 stars, -1 for a reject. A <c>MicrosoftPhoto:Rating</c> that is there follows it.</summary>
    public int? Rating { get; init; }

    public TagChange? Tags { get; init; }
}

/// <summary>
/// Tags as <c>dc:subject</c>, <c>lr:hierarchicalSubject</c> and <c>digiKam:TagsList</c> should have them: <see cref="Tags"/> are in,
/// the others of <see cref="Own"/> are out, and all that is neither stays.
/// </summary>
/// <param name="Own">Every tag that could have been put there by the same hand.</param>
/// <param name="Tags">Those that should stand there. They are written as they are: <c>|</c> and <c>/</c> part levels where a list has them.</param>
public sealed record TagChange(IReadOnlySet<string> Own, IReadOnlyList<string> Tags);

/// <summary>What EXIF should say.</summary>
public sealed record ExifChange
{
    /// <summary>0x4746, 0–5, as Windows writes it.</summary>
    public int? Rating { get; init; }

    /// <summary>0x4749, 0–100: Windows has 1, 25, 50, 75, 99 for one to five stars.</summary>
    public int? RatingPercent { get; init; }

    /// <summary>0x9286.</summary>
    public string? UserComment { get; init; }
}
