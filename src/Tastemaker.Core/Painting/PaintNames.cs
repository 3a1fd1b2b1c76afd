using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tastemaker.Core.Painting;

/// <summary>How painted files are named, such as <c>[index]-[seed]-[prompt]</c>: AUTOMATIC1111's fields in brackets.</summary>
public sealed partial class PaintNames
{
    public const string Default = "[index]-[seed]";

    /// <summary>File systems bound a name at 255 bytes; an extension and a number must still fit.</summary>
    private const int MostBytes = 200;

    private static readonly Dictionary<string, Func<PaintRequest, long, DateTimeOffset, string>> Fields = new(StringComparer.Ordinal)
    {
        ["index"] = (_, index, _) => index.ToString("00000", CultureInfo.InvariantCulture),
        ["seed"] = (request, _, _) => Text($"{request.Seed}"),
        ["prompt"] = (request, _, _) => request.Prompt,
        ["date"] = (_, _, now) => now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["time"] = (_, _, now) => now.ToString("HHmmss", CultureInfo.InvariantCulture),
        ["steps"] = (request, _, _) => Text($"{request.Sampler.Steps}"),
        ["sampler"] = (request, _, _) => request.Sampler.Method.Title(),
        ["cfg"] = (request, _, _) => Text($"{request.Guidance}"),
        ["width"] = (request, _, _) => Text($"{request.Width}"),
        ["height"] = (request, _, _) => Text($"{request.Height}"),
    };

    private readonly string _pattern;

    private PaintNames(string pattern) => _pattern = pattern;

    /// <exception cref="PaintException">The pattern has a field that does not exist, or is no name.</exception>
    public static PaintNames Parse(string pattern)
    {
        foreach (Match field in Field().Matches(pattern))
        {
            if (!Fields.ContainsKey(field.Groups["name"].Value))
            {
                throw new PaintException($"the name pattern '{pattern}' has {field.Value}; there are {string.Join(", ", Fields.Keys.Select(name => $"[{name}]"))}.");
            }
        }

        return Clean(pattern) == pattern.Trim() && pattern.Trim().Length > 0 ? new(pattern)
            : throw new PaintException($"the name pattern '{pattern}' is no file's name: it is empty, hidden, too long, or has characters that names cannot have, such as '/'.");
    }

    /// <summary>A name without extension, which may be taken.</summary>
    /// <param name="index">Of the file in its folder.</param>
    public string For(PaintRequest request, long index, DateTimeOffset now) =>
        Clean(Field().Replace(_pattern, match => Clean(Fields[match.Groups["name"].Value](request, index, now)))) is { Length: > 0 } name ? name : Text($"{request.Seed}");

    /// <summary>What can be a name on every system, and is not hidden on any.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var isBad = Rune.IsControl(rune) || rune == Rune.ReplacementChar || (rune.IsAscii && "<>:\"/\\|?*".Contains((char)rune.Value, StringComparison.Ordinal));
            bytes += rune.Utf8SequenceLength;
            if (bytes > MostBytes)
            {
                break;
            }

            clean.Append(isBad ? "_" : rune.ToString());
        }

        return clean.ToString().Trim(' ', '.');
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[(?<name>[A-Za-z_]*)\]", RegexOptions.ExplicitCapture)]
    private static partial Regex Field();
}
