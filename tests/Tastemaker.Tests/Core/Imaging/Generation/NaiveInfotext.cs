using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tastemaker.Tests.Core.Imaging.Generation;

/// <summary>
/// The webui's reader (modules/infotext_utils.py), line by line, with its own expressions. Its classes are Python's, which .NET's
/// <c>\s</c> and <c>\w</c> are not; characters outside of the basic plane are two to .NET's expressions, so they are stood in for.
/// </summary>
internal static partial class NaiveInfotext
{
    /// <summary>Letters and others outside of the basic plane, with a letter and another of private use in their stead.</summary>
    private static readonly (string Astral, string StandIn)[] StandIns = [("\U0001D412", "\uA9FE"), ("\U00020000", "\uA9FD"), ("😀", "\uE000"), ("👍🏽", "\uE001\uE002")];

    private static readonly char[] Spaces = [.. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F')];

    public static readonly string[] Astral = [.. StandIns.Select(s => s.Astral)];

    public static (string Prompt, string Negative, List<KeyValuePair<string, string>> Settings) Parse(string text)
    {
        var lines = StandIn(text).Trim(Spaces).Split('\n').ToList();
        var settings = Setting().Matches(lines[^1]);
        if (settings.Count < 3)
        {
            settings = Setting().Matches("");
        }
        else
        {
            lines.RemoveAt(lines.Count - 1);
        }

        var (prompt, negative, isNegative) = ("", "", false);
        foreach (var each in lines)
        {
            var line = each.Trim(Spaces);
            if (line.StartsWith("Negative prompt:", StringComparison.Ordinal))
            {
                (isNegative, line) = (true, line[16..].Trim(Spaces));
            }

            if (isNegative)
            {
                negative += (negative.Length == 0 ? "" : "\n") + line;
            }
            else
            {
                prompt += (prompt.Length == 0 ? "" : "\n") + line;
            }
        }

        return (Back(prompt), Back(negative), [.. settings.Select(m => new KeyValuePair<string, string>(Back(m.Groups[1].Value), Back(Unquote(m.Groups[2].Value))))]);
    }

    /// <summary>The dictionary that the webui makes of the settings, before its defaults.</summary>
    public static Dictionary<string, string> Fields(List<KeyValuePair<string, string>> settings)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in settings.Where(s => s.Value.Length > 0))
        {
            var size = Regex.Match(value, @"^(\d+)x(\d+)$", RegexOptions.None, TimeSpan.FromSeconds(10));
            if (size.Success)
            {
                (fields[$"{key}-1"], fields[$"{key}-2"]) = (size.Groups[1].Value, size.Groups[2].Value);
            }
            else
            {
                fields[key] = value;
            }
        }

        return fields;
    }

    private static string Unquote(string text)
    {
        if (text.Length == 0 || text[0] != '"' || text[^1] != '"')
        {
            return text;
        }

        try
        {
            return JsonSerializer.Deserialize<string>(text)!;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static string StandIn(string text) => StandIns.Aggregate(text, (t, s) => t.Replace(s.Astral, s.StandIn, StringComparison.Ordinal));

    private static string Back(string text) => StandIns.Aggregate(text, (t, s) => t.Replace(s.StandIn, s.Astral, StringComparison.Ordinal));

    [GeneratedRegex("""[\s\x1C-\x1F]*([\p{L}\p{Nd}\p{Nl}\p{No}_][\p{L}\p{Nd}\p{Nl}\p{No}_ \-/]+):[\s\x1C-\x1F]*("(?:\\.|[^\\"])+"|[^,]*)(?:,|\z)""", RegexOptions.None, 10_000)]
    private static partial Regex Setting();
}
