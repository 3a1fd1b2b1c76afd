using System.Globalization;
using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

/// <summary>The tables of <c>docs/models.md</c> say what the manifest says; <c>UPDATE_SNAPSHOTS=1</c> writes them.</summary>
public sealed class ModelsPageTests
{
    private const string Begin = "<!-- begin: made from the manifest -->\n";
    private const string End = "<!-- end: made from the manifest -->\n";

    [Fact]
    public void The_page_lists_the_models_of_the_manifest()
    {
        var path = Path.Combine(Goldens.Repository, "docs/models.md");
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, page[..from] + Tables() + page[to..]);
        }

        Assert.Equal(Tables(), File.ReadAllText(path).ReplaceLineEndings("\n")[from..].Split(End)[0]);
    }

    private static string Tables()
    {
        var manifest = ModelManifest.BuiltIn;
        var models = manifest.Models.Select(m =>
            $"| `{m.Name}` | {m.Kind.ToString().ToLowerInvariant()} | `{m.Space}` | {m.Threshold?.ToString(CultureInfo.InvariantCulture)} | {m.Licence} | [{m.Description}]({m.Home}) |");
        var spaces = manifest.Spaces.Select(s => $"| `{s.Name}` | {s.Dimensions} | {string.Join(", ", s.Aliases.Select(a => $"`{a}`"))} |");
        var files = manifest.Models.SelectMany(m => m.Files.SelectMany(f => f.Addresses.Select(a =>
            $"| `{m.Name}` | `{f.NameFrom(a)}` | {f.Size?.ToString(CultureInfo.InvariantCulture) ?? "recorded"} | {f.Sha256 ?? "recorded"} | {a.AbsoluteUri} |")));
        return $"""

            ### Models

            | name | kind | space | threshold | licence | what it is |
            | --- | --- | --- | --- | --- | --- |
            {string.Join('\n', models)}

            ### Feature spaces

            | name | dimensions | also known as |
            | --- | --- | --- |
            {string.Join('\n', spaces)}

            ### Files

            | model | file | bytes | SHA-256 | address |
            | --- | --- | --- | --- | --- |
            {string.Join('\n', files)}


            """.ReplaceLineEndings("\n");
    }
}
