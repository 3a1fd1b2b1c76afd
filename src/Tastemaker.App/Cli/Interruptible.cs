using System.CommandLine;

namespace Tastemaker.App.Cli;

/// <summary>How a command gets its action.</summary>
internal static class Interruptible
{
    /// <summary>
    /// The work runs aside: System.CommandLine listens for an interrupt only once the action has handed it a task.
    /// </summary>
    public static Command Runs(this Command command, Func<ParseResult, CancellationToken, int> run)
    {
        command.SetAction((parse, cancel) => Task.Run(() => run(parse, cancel), cancel));
        return command;
    }
}
