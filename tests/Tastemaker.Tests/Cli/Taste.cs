using Tastemaker.App.Cli;

namespace Tastemaker.Tests.Cli;

/// <summary>The program's command line, run in this process as a user would in a pipe.</summary>
internal static class Taste
{
    public static Terminal Silent => new(TextWriter.Null, TextWriter.Null, TextReader.Null, outIsTerminal: false, errorIsTerminal: false, inIsTerminal: false);

    public static Task<(int Code, string Output, string Error)> Run(params string[] args) => Run(TextReader.Null, args);

    public static async Task<(int Code, string Output, string Error)> Run(TextReader input, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Root.RunAsync(args, new Terminal(output, error, input, outIsTerminal: false, errorIsTerminal: false, inIsTerminal: false));
        return (code, output.ToString(), error.ToString());
    }
}
