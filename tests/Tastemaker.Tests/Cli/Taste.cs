using System.Diagnostics;
using System.Runtime.InteropServices;
using Tastemaker.App.Cli;
using Tastemaker.App.Web;

namespace Tastemaker.Tests.Cli;

/// <summary>The program's command line, run in this process as a user would in a pipe.</summary>
internal static class Taste
{
    public static Terminal Silent => new(TextWriter.Null, TextWriter.Null, TextReader.Null, outIsTerminal: false, errorIsTerminal: false, inIsTerminal: false);

    public static Task<(int Code, string Output, string Error)> Run(params string[] args) => Run(TextReader.Null, args);

    public static async Task<(int Code, string Output, string Error)> Run(TextReader input, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, error, input, outIsTerminal: false, errorIsTerminal: false, inIsTerminal: false);
        var code = await Root.RunAsync(args, terminal, WebHost.Serve);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The program that the build put beside the tests, in a process of its own, under the runtime that they run on.</summary>
    public static Process Start(params string[] args) => Process.Start(Redirected(Dotnet, ["exec", Program, .. args]))!;

    /// <summary>The same with another home folder, in which it must leave nothing behind.</summary>
    public static Process StartAt(string home, params string[] args)
    {
        var start = Redirected(Dotnet, ["exec", Program, .. args]);
        start.Environment["HOME"] = home;
        return Process.Start(start)!;
    }

    /// <summary>The same as a user without privileges; a loud skip where the superuser cannot become one.</summary>
    public static Process StartUnprivileged(params string[] args)
    {
        const string SetPriv = "/usr/bin/setpriv", Nobody = "65534";
        Assert.SkipUnless(File.Exists(SetPriv), "The tests run as the superuser, who may do everything, and there is no setpriv to become another.");
        foreach (var file in new[] { Dotnet, Program })
        {
            for (var folder = Directory.GetParent(file); folder is not null; folder = folder.Parent)
            {
                Assert.SkipUnless(Unix.Mode(folder.FullName).HasFlag(UnixFileMode.OtherExecute), $"Other users than the superuser cannot reach '{file}'.");
            }
        }

        return Process.Start(Redirected(SetPriv, [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", Dotnet, "exec", Program, .. args]))!;
    }

    private static string Dotnet { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "taste.dll");

    private static ProcessStartInfo Redirected(string file, string[] arguments) =>
        new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
}
