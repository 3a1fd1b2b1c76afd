using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>Decides where files go and under which names, touching nothing.</summary>
public static class Placement
{
    /// <param name="folder">Where they go.</param>
    /// <param name="bands">A folder for each band of scores in it; none for all in one.</param>
    /// <param name="pattern">How they are named; none for their own names.</param>
    /// <returns>One plan a file, in their order, and those that cannot be named or placed.</returns>
    public static BatchResult<PlannedFile> Plan(IReadOnlyList<ScoredFile> files, string folder, Bands? bands = null, NamePattern? pattern = null)
    {
        var root = Path.GetFullPath(folder);
        var planned = new List<PlannedFile>();
        var failures = new List<Failure>();
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            try
            {
                var name = pattern?.NameOf(file, i + 1) ?? Path.GetFileName(file.Path);
                planned.Add(new(file.Path, bands is null ? root : Path.Combine(root, Band(bands, file)), name));
            }
            catch (CurationException e)
            {
                failures.Add(new(file.Path, e.Message));
            }
        }

        return new(planned, failures);
    }

    private static string Band(Bands bands, ScoredFile file) => double.IsFinite(file.Raw)
        ? bands.NameOf(file.Raw)
        : throw new CurationException($"'{file.Path}' has the score {file.Raw}, which is in no band.");
}

/// <summary>One file's intended place.</summary>
/// <param name="From">The file.</param>
/// <param name="Folder">Where it goes; made when needed.</param>
/// <param name="Name">Under which name, if that is free.</param>
public sealed record PlannedFile(string From, string Folder, string Name);

public enum PlaceKind
{
    Copy,
    Move,
    Link,
}
