namespace Tastemaker.Core.Library;

/// <summary>
/// The experiments among the studio's images. An experiment is a folder that holds the log of what was painted into it, as stable-discovery writes it,
/// with all that lies in it at any depth; its name is the folder's. Folders of one name are one experiment. Many threads may call.
/// </summary>
public sealed class Experiments(ImageLibrary library)
{
    /// <summary>What makes a folder an experiment.</summary>
    public const string Log = "configs.newline_json";

    private volatile Known? _known;

    /// <summary>Those that have images in the studio, by name.</summary>
    public IReadOnlyList<string> Names() => [.. Folders().Select(folder => folder.Key).Order(StringComparer.Ordinal)];

    /// <summary>The images of an experiment; none for a name that is none's.</summary>
    public IReadOnlySet<long> Images(string name) => Folders()[name].SelectMany(library.In).ToHashSet();

    /// <summary>The name of the experiment that a file belongs to; null where it belongs to none.</summary>
    public static string? Of(string path) => Enclosing(Path.GetDirectoryName(path)) is { } folder ? Path.GetFileName(folder) : null;

    private ILookup<string, string> Folders()
    {
        var version = library.Version();
        var known = _known;
        if (known?.Version != version)
        {
            _known = known = new(version, library.Folders().Select(Enclosing).OfType<string>().Distinct(StringComparer.Ordinal).ToLookup(folder => Path.GetFileName(folder)));
        }

        return known.Folders;
    }

    /// <summary>The nearest folder that holds a log: this one, or one around it.</summary>
    private static string? Enclosing(string? folder)
    {
        while (!string.IsNullOrEmpty(folder) && !File.Exists(Path.Combine(folder, Log)))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return string.IsNullOrEmpty(folder) ? null : folder;
    }

    /// <param name="Folders">By the experiment's name.</param>
    private sealed record Known(LibraryVersion Version, ILookup<string, string> Folders);
}
