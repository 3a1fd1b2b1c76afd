using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Tastemaker.Tests.Repo;

/// <summary>Nothing in the repository belongs to the machine that it was written on.</summary>
public sealed partial class PortabilityTests
{
    [Fact]
    public void No_text_names_a_path_of_one_machine()
    {
        var named = Texts().SelectMany(t => t.Lines.Where(line => MachinePath().IsMatch(line)).Select(line => $"{t.File}: {line.Trim()}"));

        Assert.Empty(named);
    }

    [Fact]
    public void No_lock_file_or_configuration_names_a_registry()
    {
        var named = Texts().SelectMany(t => t.Lines.Where(line => Registry().IsMatch(line)).Select(line => $"{t.File}: {line.Trim()}"));

        Assert.Empty(named);
    }

    [Theory]
    [InlineData("see /" + "tmp/x.txt", true)]
    [InlineData("\"/" + "root/.cache\"", true)]
    [InlineData("src/work/x and https://example.org/home/x", false)]
    public void A_path_of_one_machine_is_told_from_others(string line, bool isOne) => Assert.Equal(isOne, MachinePath().IsMatch(line));

    private static IEnumerable<(string File, string[] Lines)> Texts()
    {
        Assert.SkipUnless(Path.Exists(Path.Combine(Goldens.Repository, ".git")), "This is no checkout, so git cannot say which files are the repository's.");
        using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Goldens.Repository,
            RedirectStandardOutput = true,
        })!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        foreach (var file in files.Select(f => Path.Combine(Goldens.Repository, f)).Where(File.Exists))
        {
            var text = File.ReadAllText(file);
            if (!text.Contains('\0', StringComparison.Ordinal))
            {
                yield return (file, text.Split('\n'));
            }
        }
    }

    [GeneratedRegex(@"(^|[^A-Za-z0-9.~])/(tmp|work|root|home)/[A-Za-z0-9_.-]+")]
    private static partial Regex MachinePath();

    [GeneratedRegex("\"resolved\": *\"http|package[S]ources|<add key=.*value=\"http")]
    private static partial Regex Registry();
}
