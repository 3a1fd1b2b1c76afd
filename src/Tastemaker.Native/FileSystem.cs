using System.Runtime.InteropServices;

namespace Tastemaker.Native;

/// <summary>What became of a call that gives a file another name.</summary>
public enum NameOutcome
{
    Done,

    /// <summary>The wanted name is taken; nothing was changed.</summary>
    Exists,

    /// <summary>The two names are on different volumes, or the volume has no such names; nothing was changed.</summary>
    Unsupported,
}

/// <summary>The three calls about file names that .NET lacks: rename without replacing, hard links, flushing a folder.</summary>
public static partial class FileSystem
{
    private const int NotPermitted = 1;
    private const int Exists = 17;
    private const int OtherVolume = 18;
    private const int Invalid = 22;
    private const int TooManyLinks = 31;

    // The same conditions have different numbers on Linux and on macOS.
    private static readonly int NoSuchCall = OperatingSystem.IsMacOS() ? 78 : 38;
    private static readonly int NotSupported = OperatingSystem.IsMacOS() ? 45 : 95;

    private const int FromWorkingFolder = -100; // AT_FDCWD of Linux
    private const uint RenameNoReplace = 1;     // RENAME_NOREPLACE of Linux
    private const uint RenameExclusive = 4;     // RENAME_EXCL of macOS
    private const uint WriteThrough = 8;        // MOVEFILE_WRITE_THROUGH of Windows

    /// <summary>Renames a file within its volume, in one step that never replaces another file.</summary>
    /// <exception cref="IOException">The system refuses for another reason than those in <see cref="NameOutcome"/>.</exception>
    public static NameOutcome MoveNew(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            return MoveFileEx(from, to, WriteThrough) ? NameOutcome.Done : WindowsOutcome("rename", from, to);
        }

        var result = OperatingSystem.IsMacOS()
            ? RenameMac(from, to, RenameExclusive)
            : RenameLinux(FromWorkingFolder, from, FromWorkingFolder, to, RenameNoReplace);
        if (result == 0)
        {
            return NameOutcome.Done;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Invalid || error == NoSuchCall || error == NotSupported
            ? MoveByLink(from, to) // NFS is one.
            : UnixOutcome(error, "rename", from, to);
    }

    /// <summary>Gives a file a second name on the same volume.</summary>
    /// <exception cref="IOException">The system refuses for another reason than those in <see cref="NameOutcome"/>.</exception>
    public static NameOutcome HardLink(string existing, string link)
    {
        if (OperatingSystem.IsWindows())
        {
            return CreateHardLink(link, existing, 0) ? NameOutcome.Done : WindowsOutcome("link", existing, link);
        }

        return Link(existing, link) == 0
            ? NameOutcome.Done
            : UnixOutcome(Marshal.GetLastPInvokeError(), "link", existing, link);
    }

    /// <summary>Makes the names in a folder survive a power loss. Windows journals names by itself: nothing to do there.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw Refused("open", folder, folder, Marshal.GetLastPInvokeError());
        }

        try
        {
            // Some network volumes cannot flush a folder and say so with EINVAL; their server keeps the names.
            if (FlushDescriptor(descriptor) != 0 && Marshal.GetLastPInvokeError() is not Invalid and var error)
            {
                throw Refused("flush", folder, folder, error);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>The way on volumes that cannot rename exclusively.</summary>
    internal static NameOutcome MoveByLink(string from, string to)
    {
        var linked = HardLink(from, to);
        if (linked == NameOutcome.Done)
        {
            File.Delete(from);
            return linked;
        }

        if (linked == NameOutcome.Exists || File.Exists(to))
        {
            return NameOutcome.Exists;
        }

        File.Move(from, to, overwrite: false); // FAT knows neither: the check and the move are two steps there.
        return NameOutcome.Done;
    }

    private static NameOutcome UnixOutcome(int error, string verb, string from, string to)
    {
        if (error == Exists)
        {
            return NameOutcome.Exists;
        }

        return error is OtherVolume or TooManyLinks or NotPermitted || error == NotSupported
            ? NameOutcome.Unsupported
            : throw Refused(verb, from, to, error);
    }

    private static NameOutcome WindowsOutcome(string verb, string from, string to) => Marshal.GetLastPInvokeError() switch
    {
        80 or 183 => NameOutcome.Exists,           // ERROR_FILE_EXISTS, ERROR_ALREADY_EXISTS
        1 or 17 or 50 or 1142 => NameOutcome.Unsupported, // no such function, other device, not supported, too many links
        var error => throw Refused(verb, from, to, error),
    };

    private static IOException Refused(string verb, string from, string to, int error) =>
        new($"the system refuses to {verb} '{from}'{(from == to ? "" : $" as '{to}'")}: {Marshal.GetPInvokeErrorMessage(error)}.");

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameLinux(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "renamex_np", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameMac(string from, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string link);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool MoveFileEx(string from, string to, uint flags);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string link, string existing, nint security);
}
