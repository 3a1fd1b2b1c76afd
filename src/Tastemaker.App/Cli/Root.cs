using System.CommandLine;

namespace Tastemaker.App.Cli;

/// <summary>The command tree. Each command lives in a file of its own name and says here only that it exists.</summary>
internal static class Root
{
    public static RootCommand Create() => new("Learns which images you like, and finds and makes more of them.");

    /// <summary>0: done. 1: it ran and the answer is no. 2: it could not run; one line on stderr says why.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var parse = Create().Parse(args);
            var code = await parse.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
            return parse.Errors.Count > 0 ? 2 : code;
        }
        catch (UserException e)
        {
            await Terminal.ErrorAsync(e.Message);
            return 2;
        }
    }
}

/// <summary>The user can fix this: the message says what is wrong and what to do.</summary>
internal sealed class UserException(string message) : Exception(message);
