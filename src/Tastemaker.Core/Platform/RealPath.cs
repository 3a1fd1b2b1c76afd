namespace Tastemaker.Core.Platform;

/// <summary>A path with every symbolic link in it resolved, as <c>realpath</c> gives it.</summary>
internal static class RealPath
{
    // As many as Linux follows in one path.
    private const int MostLinks = 40;

    /// <summary>Parts that do not exist, and links in a circle, stay as they are.</summary>
    public static string Of(string path)
    {
        var links = 0;
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Parts(full, real).Reverse());
        while (rest.TryPop(out var part))
        {
            var next = Path.Join(real, part);
            var target = links < MostLinks ? new FileInfo(next).LinkTarget : null;
            if (target is null)
            {
                real = next;
                continue;
            }

            links++;
            var resolved = Path.GetFullPath(target, real);
            real = Path.GetPathRoot(resolved)!;
            foreach (var targetPart in Parts(resolved, real).Reverse())
            {
                rest.Push(targetPart);
            }
        }

        return real;
    }

    private static string[] Parts(string full, string root) =>
        full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
