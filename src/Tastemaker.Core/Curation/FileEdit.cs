using System.Security.Cryptography;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Native;

namespace Tastemaker.Core.Curation;

/// <summary>So many bytes at a place in a file, and what comes instead of them.</summary>
internal readonly record struct Stretch(long Offset, int Length, ReadOnlyMemory<byte> Bytes);

/// <summary>One file's change, and what takes it back.</summary>
/// <param name="Path">Real and absolute: a symbolic link stays, and what it points to is edited.</param>
/// <param name="Forth">In the file as it was.</param>
/// <param name="Back">In the file as it becomes.</param>
/// <param name="Before">SHA-256 of the file as it was; null where there was none.</param>
/// <param name="After">SHA-256 of the file as it becomes.</param>
/// <param name="ModifiedNs">When the file as it was last changed.</param>
internal sealed record FileEdit(string Path, IReadOnlyList<Stretch> Forth, IReadOnlyList<Stretch> Back, byte[]? Before, byte[] After, long? ModifiedNs)
{
    /// <returns>Null where the file is as wanted.</returns>
    public static FileEdit? Draft(string path, Func<Stream, IReadOnlyList<Splice>> plan, CancellationToken cancel)
    {
        var found = FoundFile.At(path);
        using var file = OpenOrNothing(path);
        var splices = plan(file);
        if (splices.Count == 0)
        {
            return null;
        }

        var (back, shift) = (new List<Stretch>(), 0L);
        foreach (var splice in splices)
        {
            back.Add(new(splice.Offset + shift, splice.Inserted.Length, splice.Removed));
            shift += splice.Inserted.Length - splice.Removed.Length;
        }

        List<Stretch> forth = [.. splices.Select(s => new Stretch(s.Offset, s.Removed.Length, s.Inserted))];
        file.Position = 0;
        var before = found is null ? null : FileHash.CopyAndHash(file, Stream.Null, cancel);
        return new(path, forth, back, before, Rewrite(file, forth, Stream.Null, cancel), found?.ModifiedNs);
    }

    /// <param name="aside">In the same folder; what the new file is called until it is whole.</param>
    /// <exception cref="IOException">The file changed since the edit was planned; it is left as it is.</exception>
    public void Make(string aside, CancellationToken cancel) => Replace(aside, Forth, After, mustBeNew: Before is null, cancel);

    /// <summary>Restores the file as it was, bytes and time, or removes the one that was made. Where the edit never happened, does nothing.</summary>
    /// <exception cref="IOException">Others changed the file since; it is left as it is.</exception>
    public void TakeBack(string aside, CancellationToken cancel)
    {
        File.Delete(aside);
        var now = File.Exists(Path) ? FileHash.Sha256(Path, cancel) : null;
        if (IsSame(now, Before))
        {
            return;
        }

        if (!IsSame(now, After))
        {
            throw new IOException(now is null ? "it is gone, so nothing in it can be taken back." : "it stays: it was changed since, and that would be lost.");
        }

        if (Before is null)
        {
            File.Delete(Path);
            return;
        }

        Replace(aside, Back, Before, mustBeNew: false, cancel);
        File.SetLastWriteTimeUtc(Path, FoundFile.Time(ModifiedNs!.Value));
    }

    private void Replace(string aside, IReadOnlyList<Stretch> stretches, byte[] expected, bool mustBeNew, CancellationToken cancel)
    {
        try
        {
            var found = FoundFile.At(Path);
            using (var from = OpenOrNothing(Path))
            using (var to = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                if (!IsSame(Rewrite(from, stretches, to, cancel), expected))
                {
                    throw Changed();
                }

                to.Flush(flushToDisk: true);
            }

            if (FoundFile.At(Path) != found)
            {
                throw Changed();
            }

            Name(aside, mustBeNew);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }

        FileSystem.FlushFolder(System.IO.Path.GetDirectoryName(Path)!);
    }

    private void Name(string aside, bool mustBeNew)
    {
        if (mustBeNew)
        {
            if (FileSystem.MoveNew(aside, Path) != NameOutcome.Done)
            {
                throw Changed();
            }

            return;
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(aside, File.GetUnixFileMode(Path));
        }

        File.Move(aside, Path, overwrite: true);
    }

    /// <summary>Writes the file with its stretches exchanged, and returns the SHA-256 of what was written.</summary>
    private static byte[] Rewrite(Stream from, IReadOnlyList<Stretch> stretches, Stream to, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        from.Position = 0;
        foreach (var stretch in stretches)
        {
            Copy(stretch.Offset - from.Position);
            Put(stretch.Bytes.Span);
            from.Position += stretch.Length;
        }

        Copy(from.Length - from.Position);
        return hash.GetHashAndReset();

        void Copy(long count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            while (count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                var read = from.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
                Put(read > 0 ? buffer.AsSpan(0, read) : throw Changed());
                count -= read;
            }
        }

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            to.Write(bytes);
        }
    }

    private static Stream OpenOrNothing(string path) => System.IO.Path.Exists(path) ? FileHash.Open(path) : new MemoryStream();

    private static bool IsSame(byte[]? hash, byte[]? other) => hash is null || other is null ? hash is null && other is null : hash.AsSpan().SequenceEqual(other);

    private static IOException Changed() => new("it changed meanwhile and was left as it is. Try again.");
}
