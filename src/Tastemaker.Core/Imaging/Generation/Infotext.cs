using System.Text;
using System.Text.RegularExpressions;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// What AUTOMATIC1111's webui and those that follow it write beside a picture: the prompt, the negative prompt, a line of settings.
/// The reader and the writer are those of the webui (modules/infotext_utils.py, modules/processing.py).
/// </summary>
/// <param name="Prompt">Lines without space around them.</param>
/// <param name="NegativePrompt">The same; empty where there is none.</param>
/// <param name="Settings">In their order, each as often as it stands there; the webui goes by the last of a name.</param>
public sealed partial record Infotext(string Prompt, string NegativePrompt, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    private const string Mark = "Negative prompt:";

    /// <summary>What the webui assumes where the settings do not say.</summary>
    private static readonly KeyValuePair<string, string>[] Defaults =
    [
        new("Clip skip", "1"),
        new("Hires resize-1", "0"),
        new("Hires resize-2", "0"),
        new("Hires sampler", "Use same sampler"),
        new("Hires checkpoint", "Use same checkpoint"),
        new("Hires prompt", ""),
        new("Hires negative prompt", ""),
        new("Mask mode", "Inpaint masked"),
        new("Masked content", "original"),
        new("Inpaint area", "Whole picture"),
        new("Masked area padding", "32"),
        new("RNG", "GPU"),
        new("Schedule type", "Automatic"),
        new("Schedule max sigma", "0"),
        new("Schedule min sigma", "0"),
        new("Schedule rho", "0"),
        new("VAE Encoder", "Full"),
        new("VAE Decoder", "Full"),
        new("FP8 weight", "Disable"),
    ];

    /// <summary>
    /// Reads any text. Where the last line holds fewer than three settings, it belongs to the prompt and there are no settings,
    /// so that <c>Settings.Count &gt; 0</c> tells an infotext from a caption.
    /// </summary>
    public static Infotext Parse(string text)
    {
        var whole = PythonText.Strip(text);
        var last = whole.LastIndexOf('\n') + 1;
        var settings = SettingsLine.Read(whole[last..]);
        var body = settings.Count < SettingsLine.Fewest ? whole : whole[..Math.Max(last - 1, 0)];

        var (prompt, negative) = (new StringBuilder(), new StringBuilder());
        var part = prompt;
        foreach (var range in body.Split('\n'))
        {
            var line = PythonText.Strip(body[range]);
            if (line.StartsWith(Mark))
            {
                part = negative;
                line = PythonText.Strip(line[Mark.Length..]);
            }

            (part.Length == 0 ? part : part.Append('\n')).Append(line);
        }

        return new(prompt.ToString(), negative.ToString(), settings.Count < SettingsLine.Fewest ? [] : settings);
    }

    /// <summary>
    /// The text that <see cref="Parse"/> reads back as this, where it came from there; fewer than three settings are none to any reader. A setting whose value is its own name is written like any other: the webui
    /// writes the name alone, which no reader, its own included, takes for a setting.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder(Prompt);
        if (NegativePrompt.Length > 0)
        {
            text.Append('\n').Append(Mark).Append(' ').Append(NegativePrompt.Replace($"\n{Mark}", $"\n{Mark} {Mark}", StringComparison.Ordinal));
        }

        if (Settings.Count > 0)
        {
            text.Append('\n').AppendJoin(", ", Settings.Select(s => $"{s.Key}: {SettingsLine.Write(s.Value)}"));
        }
        else
        {
            KeepLastLine(text);
        }

        return PythonText.Strip(text.ToString()).ToString();
    }

    /// <summary>
    /// The fields by name as the webui's own reader gives them: sizes in two (<c>Size-1</c>, <c>Size-2</c>), the last of a name,
    /// the defaults of what is missing, a hypernetwork in the prompt. Settings without a value are dropped.
    /// </summary>
    public IReadOnlyDictionary<string, string> Fields()
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["Prompt"] = Prompt, ["Negative prompt"] = NegativePrompt };
        foreach (var (key, value) in Settings.Where(s => s.Value.Length > 0))
        {
            if (Size().Match(value) is { Success: true } size)
            {
                fields[$"{key}-1"] = size.Groups["width"].Value;
                fields[$"{key}-2"] = size.Groups["height"].Value;
            }
            else
            {
                fields[key] = value;
            }
        }

        if (fields.TryGetValue("Hypernet", out var hypernet))
        {
            fields["Prompt"] += $"<hypernet:{hypernet}:{fields.GetValueOrDefault("Hypernet strength", "1.0")}>";
        }

        foreach (var (key, value) in Defaults)
        {
            fields.TryAdd(key, value);
        }

        return fields;
    }

    public bool Equals(Infotext? other) =>
        other is not null && Prompt == other.Prompt && NegativePrompt == other.NegativePrompt && Settings.SequenceEqual(other.Settings);

    public override int GetHashCode() => HashCode.Combine(Prompt, NegativePrompt, Settings.Count);

    /// <summary>
    /// Without settings, the reader takes the last line for them if it looks like it, and drops it if it is blank:
    /// another mark of the negative prompt, which adds nothing, keeps it as it is.
    /// </summary>
    private void KeepLastLine(StringBuilder text)
    {
        var all = text.ToString();
        var last = all.LastIndexOf('\n') + 1;
        var line = all[last..];
        var isBlank = line.Length == 0;
        if (NegativePrompt.Length == 0)
        {
            if (all.Length > 0 && (isBlank || IsSettings(line)))
            {
                text.Append('\n').Append(Mark);
            }
        }
        else if (isBlank)
        {
            text.Append(Mark);
        }
        else if (IsSettings(line))
        {
            _ = NegativePrompt.Contains('\n', StringComparison.Ordinal) ? text.Insert(last, $"{Mark} ") : text.Replace($"{Mark} ", $"{Mark}\n", last, Mark.Length + 1);
        }
    }

    private static bool IsSettings(string line) => SettingsLine.Read(line).Count >= SettingsLine.Fewest;

    [GeneratedRegex(@"^(?<width>\d+)x(?<height>\d+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Size();
}
