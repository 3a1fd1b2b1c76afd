namespace Tastemaker.Core.Imaging.Generation;

/// <summary>Infotext as others than the webui write it, who leave lists and JSON unquoted and add lines of their own.</summary>
internal static class InfotextDialects
{
    /// <summary>Longer texts are no infotext.</summary>
    public const int MostCharacters = 1 << 22;

    private static readonly string[] Templates = ["Template", "Negative Template"];

    /// <summary>
    /// Reads as <see cref="Infotext.Parse"/> does, and beyond it: the lines <c>Template:</c> and <c>Negative Template:</c> that
    /// sd-dynamic-prompts puts below the settings; bracketed values with commas (<c>Hashes</c>, <c>Civitai resources</c>,
    /// stable-diffusion.cpp's <c>Skip layers</c>); and without stable-diffusion.cpp's closing copy of everything as JSON.
    /// </summary>
    public static Infotext Read(string text)
    {
        var main = WithoutTemplates(PythonText.Strip(text), out var templates);
        var echo = main[LastLine(main)..].IndexOf(", SDCPP: {");
        main = echo < 0 ? main : main[..(LastLine(main) + echo)];

        var read = Infotext.Parse(main.ToString());
        return read.Settings.Count == 0
            ? read
            : read with { Settings = [.. SettingsLine.Read(main[LastLine(main)..], wholeBrackets: true), .. templates] };
    }

    private static ReadOnlySpan<char> WithoutTemplates(ReadOnlySpan<char> text, out IReadOnlyList<KeyValuePair<string, string>> templates)
    {
        foreach (var name in Templates)
        {
            var at = text.LastIndexOf($"\n{name}:");
            if (at >= 0 && SettingsLine.Read(text[LastLine(text[..at])..at]).Count >= SettingsLine.Fewest)
            {
                templates = TemplatesOf(text[(at + 1)..].ToString());
                return text[..at];
            }
        }

        templates = [];
        return text;
    }

    /// <summary>Each runs over as many lines as there are before the next.</summary>
    private static List<KeyValuePair<string, string>> TemplatesOf(string text)
    {
        var negative = text.IndexOf($"\n{Templates[1]}:", StringComparison.Ordinal);
        string[] parts = negative < 0 ? [text] : [text[..negative], text[(negative + 1)..]];
        return [.. parts.Select(part => part.Split(':', 2)).Select(part => new KeyValuePair<string, string>(part[0], part[1].Trim()))];
    }

    private static int LastLine(ReadOnlySpan<char> text) => text.LastIndexOf('\n') + 1;
}
