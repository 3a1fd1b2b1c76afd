using System.Text;
using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>JSON as Python writes it into pictures: with bare <c>NaN</c>, and with halves of characters.</summary>
internal static class GeneratorJson
{
    /// <summary>Longer texts are not looked into.</summary>
    public const int MostCharacters = 1 << 24;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    private static readonly string[] NoNumbers = ["-Infinity", "Infinity", "NaN"];

    /// <summary>An object; null for anything else, and for what is no JSON.</summary>
    public static JsonDocument? Object(string text)
    {
        if (text.Length > MostCharacters || !text.AsSpan().TrimStart().StartsWith('{'))
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(Strict(text)), Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>That member of an object; null where there is none, or no object.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>That member as text; null where there is none.</summary>
    public static string? TextOf(this JsonElement element, string name) => element.Member(name)?.AsText();

    /// <summary>A string as it is, everything else as it is written; null for null.</summary>
    public static string? AsText(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => element.GetRawText(),
    };

    /// <summary>Adds the members of an object but those that are named.</summary>
    public static void AddTo(this JsonElement element, GenerationDraft draft, params ReadOnlySpan<string> except)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!except.Contains(member.Name) && member.Value.AsText() is { } text)
            {
                draft.Add(member.Name, text);
            }
        }
    }

    /// <summary>What is no JSON is put right: numbers that are none become null, escaped halves of characters the replacement character.</summary>
    private static string Strict(string text)
    {
        if (!text.Contains("NaN", StringComparison.Ordinal) && !text.Contains("Infinity", StringComparison.Ordinal) && !text.Contains("\\u", StringComparison.Ordinal))
        {
            return text;
        }

        var strict = new StringBuilder(text.Length);
        var isString = false;
        for (var i = 0; i < text.Length;)
        {
            var rest = text.AsSpan(i);
            i += isString ? InString(rest, strict) : OutsideStrings(rest, strict);
            isString ^= rest[0] == '"';
        }

        return strict.ToString();
    }

    /// <summary>Writes what stands first, and returns how many characters that was.</summary>
    private static int OutsideStrings(ReadOnlySpan<char> rest, StringBuilder strict)
    {
        if (rest[0] is 'N' or 'I' or '-')
        {
            foreach (var none in NoNumbers)
            {
                if (rest.StartsWith(none))
                {
                    strict.Append("null");
                    return none.Length;
                }
            }
        }

        strict.Append(rest[0]);
        return 1;
    }

    private static int InString(ReadOnlySpan<char> rest, StringBuilder strict)
    {
        const int Escape = 6, Pair = 2 * Escape;
        if (Half(rest) is not { } half)
        {
            var taken = rest[0] == '\\' ? Math.Min(2, rest.Length) : 1;
            strict.Append(rest[..taken]);
            return taken;
        }

        if (char.IsHighSurrogate(half) && Half(rest[Escape..]) is { } low && char.IsLowSurrogate(low))
        {
            strict.Append(rest[..Pair]);
            return Pair;
        }

        strict.Append("\\uFFFD");
        return Escape;
    }

    /// <summary>The half of a character that is escaped here; null for anything else.</summary>
    private static char? Half(ReadOnlySpan<char> text) =>
        text.Length >= 6 && text.StartsWith("\\u") && PythonText.Unquote($"\"{text[..6]}\"") is [var c] && char.IsSurrogate(c) ? c : null;
}
