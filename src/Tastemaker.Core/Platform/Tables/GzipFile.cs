using System.IO.Compression;

namespace Tastemaker.Core.Platform.Tables;

/// <summary>Files that are read as they are, or unpacked on the way where they are in gzip (RFC 1952), whatever their names.</summary>
internal static class GzipFile
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Stands behind the end of a file that is looked through: it comes out last only if all before it was whole.</summary>
    private static readonly byte[] End = [.. "the end of a file"u8];

    private static ReadOnlySpan<byte> Magic => [0x1F, 0x8B];

    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool Is(string path)
    {
        using var file = Raw(path);
        return Is(file);
    }

    /// <summary>From the start to the end; what is damaged throws <see cref="InvalidDataException"/> when it is reached.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Stream Open(string path)
    {
        var file = Raw(path);
        var isPacked = Is(file);
        file.Position = 0;
        return isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>
    /// Unpacks all of it once, as neither .NET nor DuckDB says that a file ends early, and DuckDB takes damage for an end.
    /// </summary>
    /// <exception cref="TableException">It is not whole.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void DemandWhole(string path, CancellationToken cancel)
    {
        using var file = new GZipStream(new Followed(Raw(path), Packed(End)), CompressionMode.Decompress);
        var (buffer, kept) = (new byte[End.Length + BufferBytes], 0);
        try
        {
            while (file.Read(buffer.AsSpan(kept)) is > 0 and var count)
            {
                cancel.ThrowIfCancellationRequested();
                var have = kept + count;
                kept = Math.Min(have, End.Length);
                buffer.AsSpan(have - kept, kept).CopyTo(buffer);
            }
        }
        catch (InvalidDataException e)
        {
            throw Damaged(path, e);
        }

        if (!buffer.AsSpan(0, kept).SequenceEqual(End))
        {
            throw Damaged(path);
        }
    }

    public static TableException Damaged(string path, InvalidDataException? inner = null) =>
        new($"'{path}' is damaged or ends early: it cannot be unpacked as gzip. Copy or download it again.", inner);

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static bool Is(FileStream file)
    {
        Span<byte> head = stackalloc byte[Magic.Length];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(Magic);
    }

    private static FileStream Raw(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    /// <summary>A stream, and then some bytes.</summary>
    private sealed class Followed(Stream first, byte[] then) : Stream
    {
        private readonly MemoryStream _then = new(then, writable: false);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer) => first.Read(buffer) is > 0 and var count ? count : _then.Read(buffer);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                first.Dispose();
                _then.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
