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
    public static void Create(string path, Action<Stream> write) => Write(Missing(path), write, NameNew);

    /// <summary>The same for what opens its file itself: it is given the name aside.</summary>
    public static void CreateAt(string path, Action<string> write) => WriteAt(Missing(path), write, NameNew);

    /// <summary>Writes a file in place of the one that may be there, with that one's permissions. A symbolic link stays and its target is replaced.</summary>
    public static void Replace(string path, Action<Stream> write) => Write(Linked(path), write, NameOver);

    /// <summary>The same for what opens its file itself: it is given the name aside.</summary>
    public static void ReplaceAt(string path, Action<string> write) => WriteAt(Linked(path), write, NameOver);

    private static string Missing(string path)
    {
        var target = Path.GetFullPath(path);
        return Path.Exists(target) ? throw AlreadyThere(target) : target;
    }

    private static string Linked(string path)
    {
        var target = Path.GetFullPath(path);
        return new FileInfo(target) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : target;
    }

    private static void NameNew(string aside, string target)
    {
        if (FileSystem.MoveNew(aside, target) != NameOutcome.Done)
        {
            throw AlreadyThere(target);
        }
    }

    private static void NameOver(string aside, string target)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            File.SetUnixFileMode(aside, File.GetUnixFileMode(target));
        }

        File.Move(aside, target, overwrite: true);
    }

    private static void Write(string target, Action<Stream> write, Action<string, string> name) => Aside(target, name, stream =>
    {
        write(stream);
        stream.Flush(flushToDisk: true);
    });

    private static void WriteAt(string target, Action<string> write, Action<string, string> name) => Aside(target, name, stream =>
    {
        stream.Dispose();
        write(stream.Name);
        using var written = new FileStream(stream.Name, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
    });

    private static void Aside(string target, Action<string, string> name, Action<FileStream> write)
    {
        var folder = Path.GetDirectoryName(target)!;
        var stream = OpenAside(folder, Path.GetFileName(target));
        try
        {
            using (stream)
            {
                write(stream);
            }

            name(stream.Name, target);
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
