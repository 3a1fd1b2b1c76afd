using System.Text.RegularExpressions;

namespace Tastemaker.Tests.Repo;

/// <summary>Pages that point somewhere point at something, and decisions stay short.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Decisions = Path.Combine(Goldens.Repository, "docs", "decisions");

    public static TheoryData<string> Pages => [.. Directory.EnumerateFiles(Goldens.Repository, "*.md")
        .Concat(Directory.EnumerateFiles(Path.Combine(Goldens.Repository, "docs"), "*.md", SearchOption.AllDirectories))
        .Select(page => Path.GetRelativePath(Goldens.Repository, page)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Relative_links_lead_to_files_that_are_there(string page)
    {
        var file = Path.Combine(Goldens.Repository, page);
        var dead = Link().Matches(File.ReadAllText(file)).Select(m => m.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)));
        Assert.Empty(dead);
    }

    [Fact]
    public void Decisions_are_numbered_from_one_on_without_a_gap()
    {
        var names = Directory.EnumerateFileSystemEntries(Decisions).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal).ToList();
        Assert.All(names, name => Assert.Matches(@"^[0-9]{4}-[a-z0-9-]+\.md$", name));
        Assert.Equal(Enumerable.Range(1, names.Count), names.Select(name => int.Parse(name[..4], null)));
    }

    [Fact]
    public void A_decision_has_at_most_30_lines()
    {
        Assert.DoesNotContain(Directory.EnumerateFiles(Decisions), file => File.ReadLines(file).Count() > 30);
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
