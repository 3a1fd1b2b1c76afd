using System.CommandLine;
using Tastemaker.App.Cli;
using Tastemaker.App.Web;

namespace Tastemaker.Tests.Cli;

public sealed class CliTests
{
    [Fact]
    public async Task An_unknown_command_exits_with_2()
    {
        var (code, output, error) = await Taste.Run("nonsense");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("nonsense", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_and_option_has_a_description_that_is_a_sentence()
    {
        var bare = Walk(Root.Create(Taste.Silent, WebHost.Serve)).SelectMany(c => c.Options.Cast<Symbol>().Concat(c.Arguments).Append(c))
            .Where(s => s.Description is not { Length: > 0 } text || (s is not VersionOption && text.Contains("  ", StringComparison.Ordinal)));
        Assert.Empty(bare);

        static IEnumerable<Command> Walk(Command c) => c.Subcommands.SelectMany(Walk).Prepend(c);
    }
}
