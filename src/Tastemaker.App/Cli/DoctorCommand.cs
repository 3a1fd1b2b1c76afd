using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Native.Ort;

namespace Tastemaker.App.Cli;

/// <summary><c>taste doctor</c>: what is loaded, what answers, how the studio is, and what to do about what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("doctor", "Check the program, its libraries, the devices and the studio.");
        return command.Runs((parse, _) => Run(parse, terminal));
    }

    private static int Run(ParseResult parse, Terminal terminal)
    {
        var findings = new Findings(terminal);
        findings.Say("taste", $"{typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}".ToLowerInvariant());
        findings.Say("processor", $"{Environment.ProcessorCount} cores; {string.Join(" ", Features())}");
        foreach (var name in new[] { "onnxruntime", "vips", "duckdb" })
        {
            findings.Try(name, () =>
            {
                var library = NativeLibraries.Load(name);
                return $"{library.Version} ({library.Path})";
            });
        }

        findings.Try("sqlite", () => $"{Sqlite.Version} ({Sqlite.LibraryName})");
        foreach (var provider in Providers())
        {
            var answers = OrtRuntime.Answers(provider, out var why);
            findings.Say(provider, answers ? Answer(provider) : why);
            findings.Demand(answers || provider != "cpu");
        }

        findings.Try("studio", () => Studio(parse));
        return findings.IsWell ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private static string Answer(string provider) => string.Join("; ", new[]
    {
        "answers",
        OrtRuntime.Emulator(provider) is { } emulator ? $"but it is {emulator}, a program on the processor, which '--device auto' does not take" : null,
        Device.AttendsRightly(provider) ? null : "its fused attention is wrong, so that is computed step by step",
    }.OfType<string>());

    private static IEnumerable<string> Providers()
    {
        try
        {
            return OrtRuntime.Providers;
        }
        catch (NativeLibraryException)
        {
            return []; // Named above.
        }
    }

    private static string Studio(ParseResult parse)
    {
        using var workspace = Root.Open(parse);
        if (!File.Exists(workspace.Folder.Database))
        {
            return $"{workspace.Folder.Root}, to be made by the first command that needs it";
        }

        var troubles = workspace.Database.Check();
        if (troubles.Count > 0)
        {
            throw new LibraryException($"{workspace.Folder.Root} is damaged: {string.Join("; ", troubles)}");
        }

        var damaged = workspace.Models.List().Damaged;
        if (damaged.Count > 0)
        {
            throw new LibraryException(string.Join("; ", damaged.Select(d => d.Why)));
        }

        var dropped = VectorStore.Check(workspace.Database, workspace.Folder);
        var count = workspace.Library.Count();
        return $"{workspace.Folder.Root}: sound; {count.Images} images in {count.Files} files, {count.Vectors} vectors of {count.Encoders} encoders"
            + (dropped > 0 ? $"; {dropped} damaged vectors were dropped, the next run makes them again" : "");
    }

    private static IEnumerable<string> Features()
    {
        (string Name, bool Has)[] all =
        [
            ("sse4.2", Sse42.IsSupported), ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("avx-vnni", AvxVnni.IsSupported), ("avx512", Avx512F.IsSupported),
            ("neon", AdvSimd.IsSupported), ("dotprod", Dp.IsSupported),
        ];
        return all.Where(f => f.Has).Select(f => f.Name);
    }

    private sealed class Findings(Terminal terminal)
    {
        public bool IsWell { get; private set; } = true;

        public void Say(string what, string finding) => terminal.Out.WriteLine($"{what,-12} {finding}");

        public void Demand(bool isWell) => IsWell &= isWell;

        public void Try(string what, Func<string> look)
        {
            try
            {
                Say(what, look());
            }
            catch (Exception e) when (e is NativeLibraryException or SqliteMissingException or LibraryException or EmbeddingException or IOException or UnauthorizedAccessException)
            {
                Say(what, $"MISSING OR BROKEN: {e.Message}");
                IsWell = false;
            }
        }
    }
}
