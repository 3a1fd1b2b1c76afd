using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Tastemaker.App.Cli;
using Tastemaker.App.Web;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Repo;

/// <summary><c>docs/cli.md</c> says what <c>--help</c> says; <c>UPDATE_SNAPSHOTS=1</c> writes it.</summary>
public sealed class CliPageTests
{
    [Fact]
    public async Task Docs_cli_md_is_up_to_date()
    {
        var file = Path.Combine(Goldens.Repository, "docs", "cli.md");
        var expected = await Page();
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, expected, TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(file), $"No {file}. Run with UPDATE_SNAPSHOTS=1 and review the file.");
        Assert.Equal(expected, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"));
    }

    private static async Task<string> Page()
    {
        var page = new StringBuilder("""
            # Command line

            What `--help` says of each command.
            Data goes to stdout, everything else to stderr.
            Exit codes: 0 done, 1 it ran and the answer is no or some items failed, 2 it could not run, 130 cancelled.


            """.ReplaceLineEndings("\n"));
        foreach (var command in Names(Root.Create(Taste.Silent, WebHost.Serve), []))
        {
            page.Append($"## {string.Join(' ', command.Prepend("taste"))}\n\n```\n{await Help(command)}\n```\n\n");
        }

        return $"{page.ToString().TrimEnd()}\n";
    }

    private static IEnumerable<string[]> Names(Command command, string[] name) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => Names(c, [.. name, c.Name])).Prepend(name);

    private static async Task<string> Help(string[] command)
    {
        // The terminal's width is not the page's business.
        var root = Root.Create(Taste.Silent, WebHost.Serve);
        ((HelpAction)root.Options.OfType<HelpOption>().Single().Action!).MaxWidth = int.MaxValue;
        using var output = new StringWriter();
        Assert.Equal(0, await root.Parse([.. command, "--help"]).InvokeAsync(new() { Output = output }, TestContext.Current.CancellationToken));

        // The library names the program after the process, which is the tests' here.
        var text = output.ToString().ReplaceLineEndings("\n").Replace($"\n  {RootCommand.ExecutableName}", "\n  taste", StringComparison.Ordinal);
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).Trim();
    }
}
