using Tastemaker.Core.Library;

namespace Tastemaker.App.Web.Pages;

/// <summary>What an image is called where it is not seen.</summary>
internal static class Named
{
    /// <summary>The name of a file that holds it, or the start of its content id.</summary>
    public static string Of(StudioImage image) => Path.GetFileName(image.Path) ?? image.ContentId[..12];
}
