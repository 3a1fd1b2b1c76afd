using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>Finds names that are taken neither on the disk nor by a file that is about to be placed.</summary>
internal sealed class FreeNames(CancellationToken cancel)
{
    private static readonly StringComparer Names =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    // Which file will be at a place that is still empty.
    private readonly Dictionary<string, string> _claims = new(Names);

    /// <summary>The name, or with <c> (2)</c>, <c> (3)</c> and so on the first that is free or holds the same content.</summary>
    /// <param name="isThere">Whether the content is there, or on its way.</param>
    public string For(string from, string folder, string name, out bool isThere)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(name), Path.GetExtension(name));
        for (var number = 1; ; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var path = Path.Combine(Path.GetFullPath(folder), number == 1 ? name : $"{stem} ({number}){extension}");
            var content = _claims.GetValueOrDefault(path) ?? (IsTaken(path) ? path : null);
            isThere = content is not null && FoundFile.At(content) is not null && (Names.Equals(content, from) || FileHash.IsSameContent(from, content, cancel));
            if (content is null)
            {
                _claims.Add(path, from);
            }

            if (content is null || isThere)
            {
                return path;
            }
        }
    }

    /// <summary>Those that were claimed are on the disk, or are not to be.</summary>
    public void Settle() => _claims.Clear();

    // A link to nowhere takes its name too.
    private static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
