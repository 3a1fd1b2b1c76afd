namespace Tastemaker.Core.Library;

/// <summary>A file as a listing of its folder tells it, without opening it.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ModifiedNs">The time of its last change, in nanoseconds since 1970 UTC.</param>
public sealed record FoundFile(string Path, long Size, long ModifiedNs)
{
    private const int NsPerTick = 100;

    /// <summary>Looks at one file, through a symbolic link at what it points to; null where there is none.</summary>
    public static FoundFile? At(string path)
    {
        var file = new FileInfo(path);
        var real = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return real is { Exists: true } ? new(file.FullName, real.Length, Ns(real.LastWriteTimeUtc)) : null;
    }

    internal static long Ns(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks * NsPerTick;

    internal static DateTime Time(long ns) => DateTime.UnixEpoch.AddTicks(ns / NsPerTick);
}
