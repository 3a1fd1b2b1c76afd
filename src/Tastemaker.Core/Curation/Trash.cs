using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>
/// The trash of Linux desktops: the user's own, and one at the top of every other volume, so that files stay on theirs.
/// Follows the FreeDesktop.org Trash specification 1.0.
/// </summary>
internal sealed class Trash
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TimeProvider _clock;
    private readonly string _home;
    private readonly string _homeVolume;
    private readonly string[] _volumes;

    [UnsupportedOSPlatform("windows")]
    public Trash(TimeProvider clock)
    {
        _clock = clock;
        var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } set && Path.IsPathRooted(set)
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        _home = Path.Combine(data, "Trash");
        _volumes = [.. DriveInfo.GetDrives().Select(drive => Path.TrimEndingDirectorySeparator(drive.Name)).OrderByDescending(name => name.Length)];
        Directory.CreateDirectory(_home, OwnerOnly);
        _homeVolume = VolumeOf(RealPath.Of(_home));
    }

    /// <summary>Writes down where the file is from, under a name that is free, and says where it is to be moved.</summary>
    [UnsupportedOSPlatform("windows")]
    public PlannedFile Prepare(string file)
    {
        var real = Path.Combine(RealPath.Of(Path.GetDirectoryName(Path.GetFullPath(file))!), Path.GetFileName(file));
        var (folder, from) = FolderFor(real);
        var (files, info) = (Path.Combine(folder, "files"), Path.Combine(folder, "info"));
        Directory.CreateDirectory(files, OwnerOnly);
        Directory.CreateDirectory(info, OwnerOnly);
        var (stem, extension) = (Path.GetFileNameWithoutExtension(real), Path.GetExtension(real));
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? $"{stem}{extension}" : $"{stem} ({number}){extension}";
            var note = Path.Combine(info, $"{name}.trashinfo");
            var there = Path.Combine(files, name);
            if (!Path.Exists(note) && !Path.Exists(there) && new FileInfo(there).LinkTarget is null)
            {
                AtomicFile.Create(note, stream => stream.Write(Encoding.UTF8.GetBytes(Info(from))));
                return new(file, files, name);
            }
        }
    }

    /// <summary>Removes the note on a file that is in a trash no longer. Does nothing for files from elsewhere.</summary>
    /// <param name="file">Where it was.</param>
    public static void Forget(string file)
    {
        var folder = Path.GetDirectoryName(file);
        if (OperatingSystem.IsLinux() && Path.GetFileName(folder) == "files" && Path.GetDirectoryName(folder) is { } trash
            && (Path.GetFileName(trash) == "Trash" || Path.GetFileName(trash).StartsWith(".Trash-", StringComparison.Ordinal)))
        {
            var note = Path.Combine(trash, "info", $"{Path.GetFileName(file)}.trashinfo");
            if (File.Exists(note))
            {
                File.Delete(note);
            }
        }
    }

    /// <summary>The trash for a file, and how its place is written there: from the volume's top in a volume's own.</summary>
    [UnsupportedOSPlatform("windows")]
    private (string Folder, string From) FolderFor(string file)
    {
        var volume = VolumeOf(file);
        if (volume != _homeVolume && User() is { } user)
        {
            var folder = Path.Combine(volume.Length == 0 ? "/" : volume, $".Trash-{user}");
            try
            {
                if (Directory.CreateDirectory(folder, OwnerOnly) is { LinkTarget: null })
                {
                    return (folder, Path.GetRelativePath(volume.Length == 0 ? "/" : volume, file));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A volume whose top is closed to the user has no trash; the user's own takes a copy, which the specification allows.
            }
        }

        return (_home, file);
    }

    private string VolumeOf(string path) =>
        _volumes.FirstOrDefault(volume => path.StartsWith(volume, StringComparison.Ordinal) && (path.Length == volume.Length || path[volume.Length] == '/')) ?? "";

    private string Info(string from) => string.Create(CultureInfo.InvariantCulture,
        $"[Trash Info]\nPath={string.Join('/', from.Split('/').Select(Uri.EscapeDataString))}\nDeletionDate={_clock.GetLocalNow():yyyy-MM-ddTHH:mm:ss}\n");

    /// <summary>The number of the user, which names the trash of a volume.</summary>
    private static string? User() => File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t')[1];
}
