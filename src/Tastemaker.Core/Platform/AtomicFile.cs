using Tastemaker.Native;

namespace Tastemaker.Core.Platform;

/// <summary>
/// Writes whole files so that a reader, a kill or a power loss finds the old content or the new, never a part:
/// the bytes go to a file aside in the same folder, to the disk, and only then under their name.
/// </summary>
public static class AtomicFile
{
    private static int _aside;

    /// <summary>Writes a file that must not exist yet.</summary>
    /// <exception cref="IOException">It exists, also when another process made it meanwhile; it is left as it is.</exception>
    public static void Create(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        if (Path.Exists(target))
        {
            throw AlreadyThere(target);
        }

        Write(target, write, aside =>
        {
            if (FileSystem.MoveNew(aside, target) != NameOutcome.Done)
            {
                throw AlreadyThere(target);
            }
        });
    }

    /// <summary>Writes a file in place of the one that may be there, with that one's permissions. A symbolic link stays and its target is replaced.</summary>
    public static void Replace(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        target = new FileInfo(target) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : target;
        Write(target, write, aside =>
        {
            if (!OperatingSystem.IsWindows() && File.Exists(target))
            {
                File.SetUnixFileMode(aside, File.GetUnixFileMode(target));
            }

            File.Move(aside, target, overwrite: true);
        });
    }

    private static void Write(string target, Action<Stream> write, Action<string> name)
    {
        var folder = Path.GetDirectoryName(target)!;
        var stream = OpenAside(folder, Path.GetFileName(target));
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            name(stream.Name);
        }
        catch
        {
            File.Delete(stream.Name);
            throw;
        }

        FileSystem.FlushFolder(folder);
    }

    // A name that is left over from a killed process, or used by one in another process namespace, is passed over.
    private static FileStream OpenAside(string folder, string name)
    {
        // File systems bound a name at 255 bytes; what the file is for must stay readable in it.
        var start = name.Length <= 40 ? name : name[..40];
        while (true)
        {
            var aside = Path.Combine(folder, $".{start}.{Environment.ProcessId}-{Interlocked.Increment(ref _aside)}.part");
            try
            {
                return new FileStream(aside, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16);
            }
            catch (IOException) when (File.Exists(aside))
            {
            }
        }
    }

    private static IOException AlreadyThere(string path) => new($"'{path}' exists already and is never overwritten. Name another file.");
}
