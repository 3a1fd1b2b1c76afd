using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary><c>taste serve</c>: the studio in the browser, and over HTTP for programs.</summary>
internal static class ServeCommand
{
    private static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files, folders (with all below them), patterns: their images enter the studio, also those that come later.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> OpenOption = new("--open") { Description = "Open the browser." };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "Port to listen on; 0 takes any that is free.",
        HelpName = "N",
        DefaultValueFactory = _ => ServeRequest.DefaultPort,
    };

    private static readonly Option<string?> Host = new("--host")
    {
        Description = "Address to listen on, such as 0.0.0.0; whoever comes needs the token that is printed. Default: this machine alone, without a token.",
        HelpName = "ADDR",
    };

    private static readonly Option<string?> Checkpoint = new("--checkpoint", "-c")
    {
        Description = "Paint with this Stable Diffusion 1.x or 2.x, a .safetensors or .ckpt file or a folder of diffusers: what the page Paint asks for, and what 'taste paint' left queued.",
        HelpName = "PATH",
    };

    private static readonly Option<DirectoryInfo?> PaintTo = new("--paint-to")
    {
        Description = "Folder for pictures that the page Paint asks for. Default: 'painted' in the studio.",
        HelpName = "DIR",
    };

    public static Command Create(Terminal terminal, Serve serve)
    {
        var command = new Command("serve", "Judge, browse and paint in the web browser, until Ctrl-C.") { Paths, OpenOption, Port, Host, Checkpoint, PaintTo };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        command.SetAction((parse, cancel) => Run(parse, terminal, serve, cancel));
        return command;
    }

    /// <summary>An interrupt is how serving ends, so it ends well.</summary>
    private static async Task<int> Run(ParseResult parse, Terminal terminal, Serve serve, CancellationToken cancel)
    {
        var (port, host) = (parse.GetValue(Port), parse.GetValue(Host));
        if (port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new UserException($"--port {port} is no port; 0 to {IPEndPoint.MaxPort} are.");
        }

        if (!IPAddress.TryParse(host ?? "127.0.0.1", out var address))
        {
            throw new UserException($"--host '{host}' is no IP address, such as 192.168.1.20; 0.0.0.0 means every address of this machine.");
        }

        var paths = parse.GetValue(Paths) ?? [];
        if (paths.Contains("-"))
        {
            throw new UserException("'-' stands for a list from stdin elsewhere; here name the files and folders, which are looked at again and again.");
        }

        using var workspace = Root.Open(parse);
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        using var room = new PaintingRoom(workspace, terminal);
        await serve(new(workspace, paths, encoder)
        {
            Port = port,
            Host = host is null ? null : address,
            Painting = Painting(parse, workspace, room),
            Note = terminal.Note,
            Failed = failure => Reporting.Failures(terminal, [failure]),
            Listening = url =>
            {
                terminal.Out.WriteLine(url);
                terminal.Out.Flush();
                terminal.Note("Ctrl-C stops.");
                if (parse.GetValue(OpenOption))
                {
                    OpenBrowser(url, terminal);
                }
            },
        }, cancel);
        return ExitCode.Done;
    }

    /// <summary>That the checkpoint can paint is known before anything is served; it is made ready when something is to be painted.</summary>
    private static ServedPainting? Painting(ParseResult parse, Workspace workspace, PaintingRoom room)
    {
        if (parse.GetValue(Checkpoint) is not { } checkpoint)
        {
            return parse.GetValue(PaintTo) is null ? null : throw new UserException("--paint-to is a folder for painted pictures; say with --checkpoint what paints them.");
        }

        var plan = new PaintPlan
        {
            Checkpoint = Path.GetFullPath(checkpoint),
            Folder = parse.GetValue(PaintTo)?.FullName ?? Path.Combine(workspace.Folder.Root, "painted"),
            Precision = EncoderChoice.PrecisionOf(parse),
            Device = parse.GetRequiredValue(EncoderChoice.DeviceOption),
        };
        return new(plan, PaintRules.Of(plan.Checkpoint, workspace.Models), room.Paint);
    }

    private static void OpenBrowser(Uri url, Terminal terminal)
    {
        try
        {
            var start = OperatingSystem.IsWindows() ? new ProcessStartInfo($"{url}") { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [$"{url}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            Process.Start(start)?.Dispose();
        }
        catch (Win32Exception e)
        {
            terminal.Note($"note: no browser could be opened ({e.Message}). Open {url} yourself.");
        }
    }
}
