using System.Globalization;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>What an XMP packet or sidecar says about a picture.</summary>
/// <param name="Rating">
/// <c>xmp:Rating</c>: 1 to 5 stars, 0 for none, -1 for a reject (XMP specification, part 2); else the stars of <c>MicrosoftPhoto:Rating</c>.
/// </param>
/// <param name="Label"><c>xmp:Label</c>: the name of a colour, in whatever language the program spoke.</param>
/// <param name="Tags"><c>dc:subject</c>.</param>
/// <param name="HierarchicalTags"><c>lr:hierarchicalSubject</c>, levels parted by <c>|</c>.</param>
/// <param name="TagPaths"><c>digiKam:TagsList</c>, levels parted by <c>/</c>.</param>
public sealed record XmpFields(int? Rating, string? Label, IReadOnlyList<string> Tags, IReadOnlyList<string> HierarchicalTags, IReadOnlyList<string> TagPaths)
{
    private const int LongestShown = 60;

    /// <exception cref="ImageException">It is no XMP, or its rating is none.</exception>
    public static XmpFields Parse(string packet)
    {
        var document = XmpDocument.Parse(packet);
        if (document.Root is null)
        {
            throw XmpDocument.Refused("has no rdf:RDF. Is it an XMP packet?");
        }

        var rating = Single(document, XmpNames.Xmp, XmpNames.Rating) is { Length: > 0 } stars ? Stars(stars)
            : Single(document, XmpNames.Microsoft, XmpNames.Rating) is { Length: > 0 } percent ? StarsOfPercent(percent)
            : (int?)null;
        return new(rating, Single(document, XmpNames.Xmp, "Label"), document.List(XmpNames.DublinCore, "subject"),
            document.List(XmpNames.Lightroom, "hierarchicalSubject"), document.List(XmpNames.DigiKam, "TagsList"));
    }

    /// <summary>The same of a file's bytes.</summary>
    /// <exception cref="ImageException">It is no XMP, or its rating is none.</exception>
    public static XmpFields Parse(byte[] packet) => Parse(XmpText.Decode(packet));

    /// <summary>Windows' figure for stars, of 0 to 100: 1, 25, 50, 75 and 99 are one to five.</summary>
    internal static int PercentOfStars(int stars) => stars switch
    {
        <= 0 => 0,
        1 => 1,
        5 => 99,
        _ => (stars - 1) * 25,
    };

    internal static int? StarsOf(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var stars) && stars is >= -1 and <= 5 && stars == Math.Floor(stars) ? (int)stars : null;

    private static int Stars(string text) =>
        StarsOf(text) ?? throw XmpDocument.Refused($"has the rating '{Shown(text)}'; -1 to 5 was wanted.");

    private static int StarsOfPercent(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
            ? percent == 0 ? 0 : Math.Clamp((int)Math.Round(percent / 25) + 1, 1, 5)
            : throw XmpDocument.Refused($"has the Windows rating '{Shown(text)}'; 0 to 100 was wanted.");

    /// <summary>The first value of a name, however it is written; null where there is none.</summary>
    private static string? Single(XmpDocument document, string space, string name)
    {
        if (document.Attributes(space, name).Select(a => a.Value).FirstOrDefault() is { } attribute)
        {
            return attribute.Trim();
        }

        var element = document.Elements(space, name).FirstOrDefault();
        return element is null || element.Children.Count == 0
            ? element?.Value.Trim()
            : throw XmpDocument.Refused($"has a '{element.Written}' that holds elements; a bare value was wanted.");
    }

    private static string Shown(string text) =>
        string.Concat((text.Length <= LongestShown ? text : $"{text[..LongestShown]}…").Select(c => char.IsControl(c) ? '?' : c));
}
