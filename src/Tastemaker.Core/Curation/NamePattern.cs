using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tastemaker.Core.Curation;

/// <summary>
/// How files are named where they go, such as <c>{stem}--{model}--{raw:F1}{ext}</c>: fields in braces, numbers with a .NET format
/// after a colon, <c>{{</c> and <c>}}</c> for braces.
/// </summary>
public sealed partial class NamePattern
{
    // Linux and macOS bound a name at 255 bytes, Windows at 255 characters.
    private const int LongestName = 255;
    private const int LongestFormat = 24;

    private static readonly Dictionary<string, Func<ScoredFile, int, object?>> Fields = new(StringComparer.Ordinal)
    {
        ["stem"] = (file, _) => Path.GetFileNameWithoutExtension(file.Path),
        ["name"] = (file, _) => Path.GetFileName(file.Path),
        ["ext"] = (file, _) => Path.GetExtension(file.Path),
        ["model"] = (file, _) => file.Model,
        ["raw"] = (file, _) => file.Raw,
        ["z"] = (file, _) => file.Z,
        ["percentile"] = (file, _) => file.Percentile,
        ["rank"] = (file, _) => file.Rank,
        ["content_id"] = (file, _) => file.ContentId,
        ["index"] = (_, index) => index,
    };

    private static readonly ScoredFile Sample = new("/stem.ext", "model", 0.5) { Z = 0.5, Percentile = 50.5, Rank = 1, ContentId = "0" };

    private readonly string _text;
    private readonly List<Piece> _pieces;

    private NamePattern(string text, List<Piece> pieces)
    {
        _text = text;
        _pieces = pieces;
    }

    /// <exception cref="CurationException">The pattern has a field that does not exist, a format that does not fit it, or a lone brace.</exception>
    public static NamePattern Parse(string text)
    {
        var pieces = new List<Piece>();
        var at = 0;
        foreach (Match match in PieceOfPattern().Matches(text))
        {
            if (match.Index != at)
            {
                break;
            }

            at += match.Length;
            pieces.Add(PieceOf(match));
        }

        if (at != text.Length || text.Length == 0)
        {
            throw new CurationException($"the name pattern '{text}' cannot be read from character {at + 1} on. Write fields as '{{raw:F1}}', and a brace itself twice.");
        }

        var pattern = new NamePattern(text, pieces);
        foreach (var field in pieces.Where(p => p.Field is not null))
        {
            pattern.Write(field, Sample, 1);
        }

        return pattern;
    }

    /// <param name="index">Of the file in its batch, from 1.</param>
    /// <exception cref="CurationException">The name cannot be one, or needs a value that this file does not have.</exception>
    public string NameOf(ScoredFile file, int index)
    {
        var name = string.Concat(_pieces.Select(piece => Write(piece, file, index)));
        if (name.AsSpan().Trim().Trim('.').IsEmpty || name.Contains('/', StringComparison.Ordinal) || name.Contains('\\', StringComparison.Ordinal)
            || name.Any(char.IsControl) || name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()))
        {
            throw new CurationException($"the pattern '{_text}' makes the name '{name}', which is not one file's name. "
                + "Names have no '/' and no '\\', and do not climb.");
        }

        return Encoding.UTF8.GetByteCount(name) <= LongestName
            ? name
            : throw new CurationException($"the pattern '{_text}' makes a name of {Encoding.UTF8.GetByteCount(name)} bytes; "
                + $"file systems allow {LongestName}. Shorten the pattern.");
    }

    private static Piece PieceOf(Match match)
    {
        if (!match.Groups["field"].Success)
        {
            return new(match.Value.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal), null, null);
        }

        var field = match.Groups["field"].Value;
        return Fields.TryGetValue(field, out var value)
            ? new(field, value, match.Groups["format"].Success ? match.Groups["format"].Value : null)
            : throw new CurationException($"there is no field '{field}' for names. There are {string.Join(", ", Fields.Keys)}.");
    }

    private string Write(Piece piece, ScoredFile file, int index)
    {
        if (piece.Field is null)
        {
            return piece.Text;
        }

        var value = piece.Field(file, index) ?? throw new CurationException($"'{file.Path}' has no {piece.Text}, which the pattern '{_text}' needs.");
        if (piece.Format is null)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture)!;
        }

        try
        {
            return value is IFormattable number && IsBounded(piece.Format)
                ? number.ToString(piece.Format, CultureInfo.InvariantCulture)
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new CurationException($"'{piece.Format}' is not a format for '{piece.Text}' in '{_text}'. "
                + "Numbers take formats such as F1, 0.00 and, if whole, D5; texts take none.");
        }
    }

    // A standard format such as F999999999 would write that many digits.
    private static bool IsBounded(string format) =>
        format.Length <= LongestFormat && (!StandardFormat().IsMatch(format) || format.Length <= 3);

    private sealed record Piece(string Text, Func<ScoredFile, int, object?>? Field, string? Format);

    [GeneratedRegex(@"\{(?<field>[A-Za-z_]+)(:(?<format>[^{}]*))?\}|(\{\{|\}\}|[^{}])+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PieceOfPattern();

    [GeneratedRegex("^[A-Za-z][0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex StandardFormat();
}
