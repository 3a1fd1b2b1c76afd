using System.Buffers;
using System.Security.Cryptography;

namespace Tastemaker.Core.Platform;

/// <summary>SHA-256 over whole files, and whether two files hold the same bytes.</summary>
internal static class FileHash
{
    private const int BlockBytes = 1 << 17;

    /// <returns>32 bytes.</returns>
    public static byte[] Sha256(string path, CancellationToken cancel = default)
    {
        using var file = Open(path);
        return CopyAndHash(file, Stream.Null, cancel);
    }

    /// <summary>Copies all of <paramref name="from"/> and returns the SHA-256 of what passed.</summary>
    public static byte[] CopyAndHash(Stream from, Stream to, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (var read = from.Read(buffer); read > 0; read = from.Read(buffer))
            {
                cancel.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                to.Write(buffer, 0, read);
            }

            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static bool IsSameContent(string path, string other, CancellationToken cancel = default)
    {
        using var file = Open(path);
        using var otherFile = Open(other);
        var ours = ArrayPool<byte>.Shared.Rent(BlockBytes);
        var theirs = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            var isSame = file.Length == otherFile.Length;
            for (var read = 1; isSame && read > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                read = file.ReadAtLeast(ours.AsSpan(0, BlockBytes), BlockBytes, throwOnEndOfStream: false);
                var theirRead = otherFile.ReadAtLeast(theirs.AsSpan(0, BlockBytes), BlockBytes, throwOnEndOfStream: false);
                isSame = ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, theirRead));
            }

            return isSame;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ours);
            ArrayPool<byte>.Shared.Return(theirs);
        }
    }

    /// <summary>Opens for one reading from start to end, while others may write, rename or delete.</summary>
    internal static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
}
