using System.Text.Json;

namespace Tastemaker.Tests;

/// <summary>The reference's formulas with numbers that it computed: every <c>golden_math.json</c> that is here.</summary>
internal static class GoldenMath
{
    /// <summary>Files with a section of that name, as theory rows.</summary>
    public static TheoryData<string> Files(string section) =>
        [.. new[] { Goldens.Upstream }.OfType<string>().Concat(Goldens.Folders("golden_math.json"))
            .Select(folder => Path.Combine(folder, "golden_math.json")).Distinct().Where(file => File.Exists(file) && Has(file, section))];

    public static JsonElement Section(string file, string section)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return json.RootElement.GetProperty(section).Clone();
    }

    private static bool Has(string file, string section)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return json.RootElement.TryGetProperty(section, out _);
    }
}
