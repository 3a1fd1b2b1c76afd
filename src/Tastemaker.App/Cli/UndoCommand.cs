using System.CommandLine;
using Tastemaker.Core.Curation;

namespace Tastemaker.App.Cli;

/// <summary><c>taste undo</c>: takes back the last command that placed or edited files.</summary>
internal static class UndoCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("undo", "Take back the last command that copied, moved, linked or wrote into files; again for the one before.");
        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var result = new Curator(workspace.Database).UndoLast(Reporting.Progress(terminal), cancel);
        foreach (var (from, to, _) in result.Placed)
        {
            terminal.Out.WriteLine($"{from} -> {to}");
        }

        foreach (var path in result.Restored)
        {
            terminal.Out.WriteLine($"{path} is as it was");
        }

        if (result.Placed.Count + result.Restored.Count + result.Failures.Count == 0)
        {
            terminal.Note("nothing to undo.");
        }

        return Reporting.Failures(terminal, result.Failures) == 0 ? ExitCode.Done : ExitCode.SomeFailed;
    }
}
