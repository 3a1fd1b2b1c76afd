namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>The namespaces of XMP that ratings and tags stand in.</summary>
internal static class XmpNames
{
    public const string Xmp = "http://ns.adobe.com/xap/1.0/";
    public const string Microsoft = "http://ns.microsoft.com/photo/1.0/";
    public const string DublinCore = "http://purl.org/dc/elements/1.1/";
    public const string Lightroom = "http://ns.adobe.com/lightroom/1.0/";
    public const string DigiKam = "http://www.digikam.org/ns/1.0/";
    public const string Rating = "Rating";
}
