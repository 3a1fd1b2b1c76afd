using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>
/// Takes files out of the way, each under a name of its own: two copies of one picture are two files in the folder, so that nothing is
/// lost and <c>taste undo</c> brings every file back.
/// </summary>
public static class Removal
{
    public static CurationResult ToFolder(StudioDatabase database, IReadOnlyList<string> files, string folder, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return new Curator(database).Place(PlaceKind.Move, [.. files.Select(file => new PlannedFile(file, folder, FreeName(folder, file, taken)))], progress, cancel);
    }

    /// <summary>
    /// On Linux the desktop's trash; elsewhere, where programs cannot put files into it without the system's own libraries,
    /// a folder <c>taste-trash</c> beside each file.
    /// </summary>
    public static CurationResult ToTrash(StudioDatabase database, IReadOnlyList<string> files, TimeProvider clock, IProgress<Progress>? progress, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux())
        {
            var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            return new Curator(database).Place(PlaceKind.Move, [.. files.Select(Beside)], progress, cancel);

            PlannedFile Beside(string file)
            {
                var folder = Path.Combine(Path.GetDirectoryName(file)!, "taste-trash");
                return new(file, folder, FreeName(folder, file, taken));
            }
        }

        var trash = new Trash(clock);
        var plan = new List<PlannedFile>();
        var failures = new List<Failure>();
        foreach (var file in files)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                plan.Add(trash.Prepare(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(new(file, e.Message));
            }
        }

        try
        {
            var result = new Curator(database).Place(PlaceKind.Move, plan, progress, cancel);
            failures.ForEach(result.Add);
            return result;
        }
        finally
        {
            foreach (var planned in plan.Where(p => File.Exists(p.From)))
            {
                Trash.Forget(Path.Combine(planned.Folder, planned.Name));
            }
        }
    }

    /// <summary>The file's name, or with <c> (2)</c> and so on the first that neither the folder nor another of these files has.</summary>
    private static string FreeName(string folder, string file, HashSet<string> taken)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? $"{stem}{extension}" : $"{stem} ({number}){extension}";
            var path = Path.Combine(folder, name);
            if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null && taken.Add(path))
            {
                return name;
            }
        }
    }
}
