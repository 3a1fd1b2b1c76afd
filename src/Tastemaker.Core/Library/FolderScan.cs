using System.IO.Enumeration;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Library;

/// <summary>
/// Finds the image files that a user means by PATH arguments: files (always), folders (their images, at any depth),
/// patterns with <c>*</c>, <c>?</c> and <c>**</c>, and <c>-</c> for a list of paths, one a line.
/// </summary>
/// <remarks>
/// In folders and patterns a file counts by its extension; hidden files and folders do not, unless they are named.
/// Links to folders are followed once; a link back to a folder that is being listed is named as a failure.
/// </remarks>
public static class FolderScan
{
    /// <summary>The extensions, without dot, by which a file in a folder counts as an image.</summary>
    public static IReadOnlyCollection<string> Extensions { get; } = ["jpg", "jpeg", "jfif", "png", "webp", "avif", "gif", "tif", "tiff", "bmp"];

    /// <param name="arguments">As the user wrote them; relative to the working folder.</param>
    /// <param name="list">What <c>-</c> stands for.</param>
    /// <param name="studio">The studio in use, whose own files are never listed.</param>
    /// <returns>The files, each once, in ordinal order of their paths; and what could not be listed, with reasons.</returns>
    public static BatchResult<FoundFile> Run(IEnumerable<string> arguments, TextReader list, StudioFolder? studio = null, CancellationToken cancel = default)
    {
        var walk = new FolderWalk(studio?.Root, cancel);
        foreach (var argument in arguments)
        {
            if (argument == "-")
            {
                while (list.ReadLine() is { } line)
                {
                    if (line.Length > 0)
                    {
                        walk.Named(line);
                    }
                }
            }
            else if (argument.AsSpan().ContainsAny('*', '?') && !Path.Exists(argument))
            {
                walk.Pattern(argument);
            }
            else
            {
                walk.Named(argument);
            }
        }

        return walk.Result();
    }
}

/// <summary>One scan under way: what it has found, and which folders it has been to.</summary>
internal sealed class FolderWalk(string? except, CancellationToken cancel)
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Images =
        FolderScan.Extensions.ToHashSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    private static readonly bool IgnoreCase = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();

    private readonly Dictionary<string, FoundFile> _files = new(StringComparer.Ordinal);
    private readonly List<Failure> _failures = [];
    private readonly HashSet<string> _visited = new(StringComparer.Ordinal); // real paths
    private readonly HashSet<string> _open = new(StringComparer.Ordinal); // real paths of the folders that are being listed
    private readonly string? _except = except is null ? null : RealPath.Of(except);

    public BatchResult<FoundFile> Result() =>
        new([.. _files.Values.OrderBy(f => f.Path, StringComparer.Ordinal)], [.. _failures.OrderBy(f => f.Path, StringComparer.Ordinal)]);

    public void Named(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            Fail(path.Replace('\0', '?'), "is not a path: it has a NUL character. Lists of paths have one a line.");
            return;
        }

        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            Folder(Path.TrimEndingDirectorySeparator(full), RealPath.Of(full));
        }
        else
        {
            LookAt(full);
        }
    }

    public void Pattern(string pattern)
    {
        var full = Path.GetFullPath(pattern);
        var root = Path.GetPathRoot(full)!;
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var plain = parts.TakeWhile(part => !part.AsSpan().ContainsAny('*', '?')).Count();
        var (found, failed) = (_files.Count, _failures.Count);
        var matches = Match(Path.Combine([root, .. parts[..plain]]), parts.AsSpan(plain), []);
        if (matches == 0 && _files.Count == found && _failures.Count == failed)
        {
            Fail(full, $"matches no image. Files count by their extension ({string.Join(' ', FolderScan.Extensions)}); name others one by one.");
        }
    }

    /// <returns>How many files and folders matched.</returns>
    private int Match(string folder, ReadOnlySpan<string> parts, HashSet<(string, int)> done)
    {
        if (!Directory.Exists(folder) || !done.Add((folder, parts.Length)))
        {
            return 0;
        }

        if (parts is ["**"])
        {
            Folder(folder, RealPath.Of(folder));
            return 1;
        }

        var matches = parts[0] == "**" ? Match(folder, parts[1..], done) : 0;
        foreach (var entry in List(folder))
        {
            if (parts[0] == "**")
            {
                matches += entry is { IsFolder: true, IsLink: false, IsHidden: false } ? Match(entry.Path, parts, done) : 0;
            }
            else if (!FileSystemName.MatchesSimpleExpression(parts[0], entry.Name, IgnoreCase) || (entry.IsHidden && parts[0][0] != '.'))
            {
                continue;
            }
            else if (parts.Length > 1)
            {
                matches += entry.IsFolder ? Match(entry.Path, parts[1..], done) : 0;
            }
            else
            {
                matches += Take(entry);
            }
        }

        return matches;
    }

    private int Take(Entry entry)
    {
        if (entry.IsFolder)
        {
            Folder(entry.Path, RealPath.Of(entry.Path));
            return 1;
        }

        if (!IsImage(entry.Name))
        {
            return 0;
        }

        Add(entry);
        return 1;
    }

    private void Folder(string folder, string real)
    {
        if (_open.Contains(real))
        {
            Fail(folder, $"is a symbolic link back to '{real}', which is being listed. It is not entered again.");
            return;
        }

        if (real == _except || !_visited.Add(real))
        {
            return;
        }

        _open.Add(real);
        foreach (var entry in List(folder))
        {
            if (entry.IsHidden)
            {
                continue;
            }

            if (entry.IsFolder)
            {
                Folder(entry.Path, entry.IsLink ? RealPath.Of(entry.Path) : Path.Join(real, entry.Name));
            }
            else if (IsImage(entry.Name))
            {
                Add(entry);
            }
        }

        _open.Remove(real);
    }

    private List<Entry> List(string folder)
    {
        cancel.ThrowIfCancellationRequested();
        var entries = new List<Entry>();
        try
        {
            entries.AddRange(new FileSystemEnumerable<Entry>(folder, Entry.From, Everything));
        }
        catch (UnauthorizedAccessException)
        {
            Fail(folder, "is a folder that you may not list.");
        }
        catch (IOException e)
        {
            Fail(folder, $"cannot be listed: {e.Message}");
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    private void Add(Entry entry)
    {
        if (entry.IsLink)
        {
            LookAt(entry.Path);
        }
        else
        {
            Add(new FoundFile(entry.Path, entry.Size, entry.ModifiedNs));
        }
    }

    private void LookAt(string path)
    {
        try
        {
            if (FoundFile.At(path) is { } file)
            {
                Add(file);
            }
            else
            {
                Fail(path, new FileInfo(path).LinkTarget is { } target ? $"is a link to '{target}', which does not exist." : "does not exist.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(path, e.Message);
        }
    }

    // Pipes and devices have no size either, and reading one may never end.
    private void Add(FoundFile file)
    {
        if (file.Size == 0)
        {
            Fail(file.Path, "is empty, or not a regular file.");
        }
        else
        {
            _files.TryAdd(file.Path, file);
        }
    }

    private void Fail(string path, string reason) => _failures.Add(new(path, reason));

    private static bool IsImage(string name) => Images.Contains(Path.GetExtension(name.AsSpan()).TrimStart('.'));

    private sealed record Entry(string Path, string Name, bool IsFolder, bool IsLink, bool IsHidden, long Size, long ModifiedNs)
    {
        public static Entry From(ref FileSystemEntry entry) => new(
            entry.ToFullPath(),
            entry.FileName.ToString(),
            entry.IsDirectory,
            (entry.Attributes & FileAttributes.ReparsePoint) != 0,
            entry.IsHidden || entry.FileName.StartsWith('.'),
            entry.IsDirectory ? 0 : entry.Length,
            FoundFile.Ns(entry.LastWriteTimeUtc.UtcDateTime));
    }
}
