using System.Text;

namespace Tastemaker.Core.Models;

/// <summary>Which names a model may have: they are folder names on every system, and are typed at a shell.</summary>
internal static class ModelNames
{
    private const int Longest = 64;

    private static readonly string[] Reserved = ["con", "prn", "aux", "nul", .. Numbered("com"), .. Numbered("lpt")];

    public static string Checked(string name)
    {
        if (!IsValid(name))
        {
            throw new ModelException(
                $"'{Shown(name)}' cannot be a model's name: 1 to {Longest} of a-z, A-Z, 0-9, '-', '_' and '.', "
                + "beginning with a letter or digit, not ending in '.', and not a device name of Windows. Choose another with --name.");
        }

        return name;
    }

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Longest
        && name.All(IsAllowed)
        && char.IsAsciiLetterOrDigit(name[0])
        && !name.EndsWith('.')
        && !name.Contains("..", StringComparison.Ordinal)
        && !Reserved.Contains(name.Split('.')[0], StringComparer.OrdinalIgnoreCase);

    /// <summary>A valid name made from a file's or folder's.</summary>
    public static string From(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            var next = IsAllowed(c) ? c : '-';
            if (name.Length > 0 || char.IsAsciiLetterOrDigit(next))
            {
                name.Append(next is '.' or '-' && name[^1] == next ? "" : next);
            }
        }

        return Checked(name.ToString(0, Math.Min(name.Length, Longest)).TrimEnd('.', '-'));
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    private static string Shown(string name) => name.Length <= Longest ? name : name[..Longest] + "…";

    private static IEnumerable<string> Numbered(string device) => Enumerable.Range(0, 10).Select(i => $"{device}{i}");
}
