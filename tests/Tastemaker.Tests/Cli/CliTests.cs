using System.CommandLine;
using Tastemaker.App.Cli;

namespace Tastemaker.Tests.Cli;

public sealed class CliTests
{
    [Fact]
    public async Task An_unknown_command_exits_with_2() => Assert.Equal(2, await Root.RunAsync(["nonsense"]));

    [Fact]
    public void Every_command_and_option_has_a_description()
    {
        var bare = Walk(Root.Create()).SelectMany(c => c.Options.Cast<Symbol>().Append(c))
            .Where(s => string.IsNullOrWhiteSpace(s.Description));
        Assert.Empty(bare);

        static IEnumerable<Command> Walk(Command c) => c.Subcommands.SelectMany(Walk).Prepend(c);
    }
}
