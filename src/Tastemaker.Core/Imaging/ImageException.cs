namespace Tastemaker.Core.Imaging;

/// <summary>What is wrong with a file that should be an image.</summary>
public enum ImageProblem
{
    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>It is a folder, or may not be read.</summary>
    Unreadable,

    /// <summary>It has no bytes.</summary>
    Empty,

    /// <summary>It holds something else, or an image format that is not supported.</summary>
    NotAnImage,

    /// <summary>Its end is missing.</summary>
    EndsEarly,

    /// <summary>It contradicts its own format.</summary>
    Damaged,

    /// <summary>It has more pixels than <see cref="ImageDecoder.MaxPixels"/>, or than there is memory for; or more metadata than is read.</summary>
    TooLarge,

    /// <summary>It is whole, but what was to be written has no place in it, or cannot be written so.</summary>
    Unwritable,
}

/// <summary>A file cannot be used as an image; the message names the file and the reason.</summary>
public sealed class ImageException(ImageProblem problem, string message, Exception? inner = null) : Exception(message, inner)
{
    public ImageProblem Problem { get; } = problem;
}
