namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// A file, or a block inside of one, that is looked into at places. What it states is checked before it is believed, and what is
/// taken from it is bounded altogether.
/// </summary>
internal sealed class MetadataFile
{
    /// <summary>The most that all pieces taken may have together; half of Pillow's MAX_TEXT_MEMORY, and more than any workflow has.</summary>
    private const int MostBytes = 32 << 20;

    /// <summary>What keeping a piece costs beside its bytes.</summary>
    private const int PieceCost = 64;

    private const int PageBytes = 4096;

    private readonly Stream _stream;
    private readonly byte[] _page = new byte[PageBytes];
    private long _pageAt;
    private int _pageCount;
    private long _left = MostBytes;

    private MetadataFile(Stream stream, ImageFormat format, string title) =>
        (_stream, Format, Title, Length) = (stream, format, title, stream.Length);

    public ImageFormat Format { get; }

    /// <summary>How messages call it.</summary>
    public string Title { get; }

    public long Length { get; }

    /// <summary>A file whose first bytes say what it is.</summary>
    /// <exception cref="ImageException">It is empty, or no image.</exception>
    public static MetadataFile Of(Stream stream)
    {
        var head = new byte[ImageFormats.HeadBytes];
        stream.Position = 0;
        var count = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var title = TitleOf(stream);
        return ImageFormats.Recognise(head.AsSpan(0, count)) is { } format
            ? new(stream, format, title)
            : throw (count == 0
                ? new ImageException(ImageProblem.Empty, $"{title} is empty (0 bytes).")
                : new ImageException(ImageProblem.NotAnImage, $"{title} is not an image; it holds {ImageFormats.Describe(head.AsSpan(0, count))}."));
    }

    /// <summary>A file that is known to be of a format.</summary>
    public static MetadataFile Of(Stream stream, ImageFormat format) => new(stream, format, TitleOf(stream));

    /// <summary>A block of this file, with positions of its own.</summary>
    public MetadataFile Block(byte[] bytes) => new(new MemoryStream(bytes, writable: false), Format, Title);

    public bool Has(long offset, long count) => offset >= 0 && count >= 0 && offset <= Length && count <= Length - offset;

    public byte Byte(long offset)
    {
        Span<byte> one = stackalloc byte[1];
        Read(offset, one);
        return one[0];
    }

    /// <exception cref="ImageException">It ends before.</exception>
    public void Read(long offset, Span<byte> into)
    {
        if (!Has(offset, into.Length))
        {
            throw EndsEarly();
        }

        if (into.Length > PageBytes)
        {
            _stream.Position = offset;
            if (_stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false) < into.Length)
            {
                throw EndsEarly();
            }

            return;
        }

        if (offset < _pageAt || offset + into.Length > _pageAt + _pageCount)
        {
            _stream.Position = offset;
            (_pageAt, _pageCount) = (offset, _stream.ReadAtLeast(_page, PageBytes, throwOnEndOfStream: false));
            if (_pageCount < into.Length)
            {
                throw EndsEarly();
            }
        }

        _page.AsSpan((int)(offset - _pageAt), into.Length).CopyTo(into);
    }

    /// <exception cref="ImageException">It ends before, or more was taken than any honest file holds.</exception>
    public byte[] Take(long offset, long count)
    {
        if (!Has(offset, count))
        {
            throw EndsEarly();
        }

        Spend(count);
        var bytes = new byte[count];
        Read(offset, bytes);
        return bytes;
    }

    /// <summary>Counts bytes that are kept because this file says so.</summary>
    /// <exception cref="ImageException">They are too many.</exception>
    public void Spend(long bytes)
    {
        _left -= bytes + PieceCost;
        if (_left < 0)
        {
            throw new ImageException(ImageProblem.TooLarge, $"{Title} holds more than {MostBytes >> 20} MB of metadata, more than is read.");
        }
    }

    public ImageException EndsEarly() => new(ImageProblem.EndsEarly,
        $"{Title} ends early: it holds only a part of a {Format.Title()} image. Copy or download it again.");

    public ImageException Damaged(string detail, Exception? inner = null) =>
        new(ImageProblem.Damaged, $"{Title} is damaged: it is no valid {Format.Title()} image ({detail}).", inner);

    /// <param name="reason">Why it cannot be written, and what to do.</param>
    public ImageException Unwritable(string reason) => new(ImageProblem.Unwritable, $"{Title} {reason}");

    private static string TitleOf(Stream stream) => stream is FileStream { Name: var name } ? $"'{name}'" : "the image";
}
