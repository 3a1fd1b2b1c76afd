using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Native;

namespace Tastemaker.Core.Curation;

/// <summary>The operations on single files. None ever replaces a file, and a kill leaves the old state or the new.</summary>
internal static class FilePlacing
{
    public const string SymbolicNote = "is a symbolic link, because a hard link is not possible there.";

    /// <summary>Copies content, times and permissions; returns the SHA-256 of the content.</summary>
    /// <param name="aside">In the target's folder; what it takes while it is a part.</param>
    /// <exception cref="IOException">The target exists, or the file changed meanwhile.</exception>
    public static byte[] Copy(string from, string to, string aside, CancellationToken cancel)
    {
        var before = Demand(from);
        byte[] hash;
        try
        {
            using (var source = FileHash.Open(from))
            using (var target = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                hash = FileHash.CopyAndHash(source, target, cancel);
                target.Flush(flushToDisk: true);
            }

            if (Demand(from) != before)
            {
                throw new IOException("it changed while it was copied. Try again.");
            }

            File.SetLastWriteTimeUtc(aside, File.GetLastWriteTimeUtc(from));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(aside, File.GetUnixFileMode(from));
            }

            Name(aside, to);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }

        FileSystem.FlushFolder(Path.GetDirectoryName(to)!);
        return hash;
    }

    /// <summary>Renames; to another volume, copies, checks the copy on the disk, and only then deletes.</summary>
    /// <exception cref="IOException">The target exists, or the copy is not what was read.</exception>
    public static void Move(string from, string to, string aside, CancellationToken cancel)
    {
        switch (FileSystem.MoveNew(from, to))
        {
            case NameOutcome.Done:
                FileSystem.FlushFolder(Path.GetDirectoryName(to)!);
                return;
            case NameOutcome.Exists:
                throw Taken(to);
        }

        MoveByCopy(from, to, aside, cancel);
    }

    /// <summary>The way to another volume.</summary>
    internal static void MoveByCopy(string from, string to, string aside, CancellationToken cancel)
    {
        var hash = Copy(from, to, aside, cancel);
        if (!FileHash.Sha256(to, cancel).AsSpan().SequenceEqual(hash))
        {
            File.Delete(to);
            throw new IOException("its copy does not read back as it was written. The original is untouched; check the disk.");
        }

        File.Delete(from);
    }

    /// <summary>Gives the file a second name, or where the volume has no such thing makes a symbolic link; returns a note then.</summary>
    /// <exception cref="IOException">The target exists, or links are not possible.</exception>
    public static string? Link(string from, string to)
    {
        switch (FileSystem.HardLink(from, to))
        {
            case NameOutcome.Done:
                return null;
            case NameOutcome.Exists:
                throw Taken(to);
        }

        File.CreateSymbolicLink(to, from);
        return SymbolicNote;
    }

    private static void Name(string aside, string to)
    {
        if (FileSystem.MoveNew(aside, to) != NameOutcome.Done)
        {
            throw Taken(to);
        }
    }

    private static FoundFile Demand(string path) => FoundFile.At(path) ?? throw new FileNotFoundException($"'{path}' does not exist.");

    private static IOException Taken(string to) => new($"'{to}' appeared meanwhile and is not overwritten. Try again.");
}
