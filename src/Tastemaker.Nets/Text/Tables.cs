using System.Globalization;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>The tables that tools/unicode-tables.py writes and the assembly carries.</summary>
internal static class Tables
{
    /// <summary>The lines of a table, its header left out.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(typeof(Tables).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                yield return line;
            }
        }
    }

    /// <summary>The lines between <c>@section</c> and the next section.</summary>
    public static IEnumerable<string> Section(string name, string section) =>
        Lines(name).SkipWhile(line => line != $"@{section}").Skip(1).TakeWhile(line => !line.StartsWith('@'));

    public static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>Hexadecimal code points, separated by spaces, as text.</summary>
    public static string Text(string codePoints) =>
        string.Concat(codePoints.Split(' ').Select(point => char.ConvertFromUtf32(Hex(point))));
}
