using Tastemaker.Core.Library;

namespace Tastemaker.App.Web;

/// <summary>Every address that pages and answers name.</summary>
internal static class Urls
{
    public static string Image(StudioImage image) => $"/images/{image.ContentId}";

    /// <param name="side">Of the square that it fits, in pixels.</param>
    public static string Thumbnail(StudioImage image, int side) => $"/thumbnails/{image.ContentId}?side={side}";
}
