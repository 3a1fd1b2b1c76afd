using System.Runtime.InteropServices;
using Tastemaker.Native.Vips;

namespace Tastemaker.Core.Imaging;

/// <summary>Where an image comes from, a file or memory, and what to call it in messages.</summary>
internal sealed class ImageSource
{
    /// <summary>The most that is read into memory at once; libvips reads files on its own, without this limit.</summary>
    private const int MaxBytes = 1 << 30;

    private readonly string? _path;
    private readonly ReadOnlyMemory<byte> _bytes;

    private ImageSource(string? path, ReadOnlyMemory<byte> bytes, string title, byte[] head)
    {
        (_path, _bytes, Title) = (path, bytes, title);
        Format = ImageFormats.Recognise(head) ?? throw new ImageException(ImageProblem.NotAnImage,
            $"{title} is not an image: PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP was wanted; it holds {ImageFormats.Describe(head)}.");
    }

    /// <summary>How messages call it: <c>'/a/b.png'</c>, or <c>the image</c> for memory.</summary>
    public string Title { get; }

    public ImageFormat Format { get; }

    /// <exception cref="ImageException">It cannot be read, is empty, or is no image.</exception>
    public static ImageSource At(string path)
    {
        var full = Path.GetFullPath(path);
        using var file = OpenFile(full);
        var head = new byte[ImageFormats.HeadBytes];
        int count;
        try
        {
            count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(full, e);
        }

        return count > 0 ? new ImageSource(full, default, $"'{full}'", head[..count]) : throw Empty($"'{full}'");
    }

    /// <summary>An image in memory.</summary>
    public static ImageSource Of(ReadOnlyMemory<byte> bytes)
    {
        const string Title = "the image";
        return bytes.Length > 0
            ? new ImageSource(null, bytes, Title, bytes[..Math.Min(bytes.Length, ImageFormats.HeadBytes)].ToArray())
            : throw Empty(Title);
    }

    /// <summary>Opens any file for reading from start to end.</summary>
    /// <exception cref="ImageException">There is none, it is a folder, or it may not be read.</exception>
    public static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1,
                FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    public static ImageException Unreadable(string path, Exception e) => e switch
    {
        _ when Directory.Exists(path) => new ImageException(ImageProblem.Unreadable, $"'{path}' is a folder, not an image.", e),
        FileNotFoundException or DirectoryNotFoundException => new ImageException(ImageProblem.Missing, $"'{path}' does not exist.", e),
        UnauthorizedAccessException => new ImageException(ImageProblem.Unreadable, $"'{path}' may not be read: permission denied.", e),
        _ => new ImageException(ImageProblem.Unreadable, $"'{path}' cannot be read: {e.Message}", e),
    };

    /// <summary>The bytes from the start on.</summary>
    public Stream Open()
    {
        if (_path is not null)
        {
            return OpenFile(_path);
        }

        return MemoryMarshal.TryGetArray(_bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(_bytes.ToArray(), writable: false);
    }

    /// <summary>All bytes.</summary>
    public ReadOnlyMemory<byte> ReadAll()
    {
        if (_path is null)
        {
            return _bytes;
        }

        using var file = OpenFile(_path);
        try
        {
            if (file.Length > MaxBytes)
            {
                throw new ImageException(ImageProblem.TooLarge,
                    $"{Title} has {file.Length} bytes; a {Format.Title()} image of at most {MaxBytes} bytes was wanted.");
            }

            var bytes = new byte[file.Length];
            return bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (IOException e)
        {
            throw Unreadable(_path, e);
        }
    }

    /// <summary>Opens it with one of libvips' loaders, which reads the header.</summary>
    /// <exception cref="VipsException">The loader refuses it.</exception>
    public VipsImage Load(string loader, params ReadOnlySpan<(string Name, string Value)> options) =>
        _path is null ? VipsImage.Load(loader, _bytes.Span, options) : VipsImage.Load(loader, _path, options);

    public ImageException EndsEarly(string? detail = null, Exception? inner = null) => new(ImageProblem.EndsEarly,
        $"{Title} ends early: it holds only a part of a {Format.Title()} image{Detail(detail)}. Copy or download it again.", inner);

    public ImageException Damaged(string detail, Exception? inner = null) => new(ImageProblem.Damaged,
        $"{Title} is damaged: it is no valid {Format.Title()} image{Detail(detail)}.", inner);

    /// <summary>Refuses sizes that no honest image has, before anything is allocated for its pixels.</summary>
    public void Demand(long width, long height)
    {
        if (width < 1 || height < 1)
        {
            throw Damaged($"it states a size of {width}×{height} pixels");
        }

        if (height > ImageDecoder.MaxPixels / width)
        {
            throw new ImageException(ImageProblem.TooLarge,
                $"{Title} is {width}×{height} pixels; at most {ImageDecoder.MaxPixels / 1_000_000} megapixels are decoded. Make it smaller first.");
        }
    }

    /// <summary>Memory for <paramref name="count"/> bytes of pixels.</summary>
    public byte[] Allocate(long count)
    {
        try
        {
            return GC.AllocateUninitializedArray<byte>(checked((int)count));
        }
        catch (OutOfMemoryException e)
        {
            throw new ImageException(ImageProblem.TooLarge, $"{Title} needs {count} bytes for its pixels, more than there is memory for.", e);
        }
    }

    private static string Detail(string? detail) => string.IsNullOrEmpty(detail) ? "" : $" ({detail})";

    private static ImageException Empty(string title) => new(ImageProblem.Empty, $"{title} is empty (0 bytes).");
}
