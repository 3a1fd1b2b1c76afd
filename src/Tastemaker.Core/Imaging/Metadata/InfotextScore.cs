using System.Globalization;
using System.Text.RegularExpressions;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The key <c>Score</c> among the parameters of A1111's infotext, as vladmandic's scorer writes it and DiffusionToolkit reads it.
/// Parameters are found as A1111's own reader finds them (modules/infotext_utils.py, re_param).
/// </summary>
internal static class InfotextScore
{
    private const int FewestParameters = 3;
    private const int LongestParameters = 1 << 20;

    /// <summary>What stable-diffusion.cpp ends with is JSON, whose keys are no parameters.</summary>
    private const string SdCppTail = ", SDCPP: {";

    // It cannot backtrack, so that no line takes longer than its length.
    private static readonly Regex Parameter = new("""\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)""", RegexOptions.NonBacktracking);

    /// <summary>The text with this score in place of the one that it states, or behind its last parameter.</summary>
    /// <returns>Null where the text is no infotext.</returns>
    public static string? Write(string text, double score)
    {
        var end = text.AsSpan().TrimEnd().Length;
        var start = end == 0 ? 0 : text.LastIndexOf('\n', end - 1) + 1;
        if (end - start > LongestParameters || text.AsSpan().TrimStart().StartsWith("{"))
        {
            return null;
        }

        var tail = text.IndexOf(SdCppTail, start, end - start, StringComparison.Ordinal);
        end = tail < 0 ? end : tail;
        var parameters = Parameter.Matches(text[start..end]);
        if (parameters.Count < FewestParameters)
        {
            return null;
        }

        var stated = score.ToString("0.00", CultureInfo.InvariantCulture);
        if (parameters.LastOrDefault(p => p.Groups[1].Value == "Score") is { } found)
        {
            var value = found.Groups[2];
            return text.Remove(start + value.Index, value.Length).Insert(start + value.Index, stated);
        }

        return text.Insert(end, text[end - 1] == ',' ? $" Score: {stated}" : $", Score: {stated}");
    }
}
