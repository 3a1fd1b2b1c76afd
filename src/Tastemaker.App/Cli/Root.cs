using System.CommandLine;
using System.CommandLine.Parsing;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Data;
using Tastemaker.Core.Demo;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Core.Taste.Training;
using Tastemaker.Native;
using Tastemaker.Native.DuckDb;
using Tastemaker.Native.Ort;
using Tastemaker.Nets.Weights;

namespace Tastemaker.App.Cli;

/// <summary>The command tree. Each command lives in a file of its own name and says here only that it exists.</summary>
internal static class Root
{
    /// <summary>Options that every command understands.</summary>
    public static readonly Option<DirectoryInfo?> StudioOption = new("--studio")
    {
        Description = "Folder of the studio. Default: $TASTE_STUDIO, else the system's data folder.",
        HelpName = "DIR",
        Recursive = true,
    };

    public static readonly Option<bool> QuietOption = new("--quiet", "-q") { Description = "Say nothing on stderr but errors.", Recursive = true };

    public static RootCommand Create(Terminal terminal, Serve serve) => new("Learns which images you like, and finds and makes more of them.")
    {
        StudioOption,
        QuietOption,
        ScoreCommand.Create(terminal),
        PaintCommand.Create(terminal),
        StudyCommand.Create(terminal),
        EmbedCommand.Create(terminal),
        ReportCommand.Create(terminal),
        DedupeCommand.Create(terminal),
        KeepCommand.Create(terminal),
        TrainCommand.Create(terminal),
        EvaluateCommand.Create(terminal),
        ServeCommand.Create(terminal, serve),
        TagCommand.Create(terminal),
        RateCommand.Create(terminal),
        InfoCommand.Create(terminal),
        UndoCommand.Create(terminal),
        JudgementsCommand.Create(terminal),
        StatsCommand.Create(terminal),
        DataCommand.Create(terminal),
        ModelsCommand.Create(terminal, Open),
        AestheticCommand.Create(terminal),
        DemoCommand.Create(terminal),
        DoctorCommand.Create(terminal),
        BenchCommand.Create(terminal),
    };

    /// <summary>The studio that a command line names.</summary>
    public static Workspace Open(ParseResult parse) => new(StudioFolder.Resolve(parse.GetValue(StudioOption)?.FullName));

    /// <summary>Runs a command line; what goes wrong in the world, rather than in this program, is one line on stderr.</summary>
    /// <param name="serve">The web face, which the command line does not know.</param>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, Serve serve)
    {
        try
        {
            var parse = Create(terminal, serve).Parse(args);
            if (parse.Errors.Count > 0)
            {
                foreach (var error in parse.Errors)
                {
                    terminal.Fail(error.Message);
                }

                terminal.Error.WriteLine($"'taste {string.Join(' ', Names(parse.CommandResult).Append("--help"))}' lists what there is.");
                return ExitCode.CouldNotRun;
            }

            terminal.IsQuiet = parse.GetValue(QuietOption);
            var code = await parse.InvokeAsync(new() { EnableDefaultExceptionHandler = false, Output = terminal.Out, Error = terminal.Error });
            terminal.ClearProgress();
            return code;
        }
        catch (OperationCanceledException)
        {
            terminal.Fail("cancelled; what was finished is kept, and the same command goes on from there.");
            return ExitCode.Cancelled;
        }
        catch (Exception e) when (IsOfTheWorld(e))
        {
            terminal.Fail(e.Message);
            return ExitCode.CouldNotRun;
        }
    }

    private static IEnumerable<string> Names(CommandResult command) =>
        command.Parent is CommandResult parent ? Names(parent).Append(command.Command.Name) : [];

    private static bool IsOfTheWorld(Exception e) =>
        e is UserException or ModelException or LibraryException or ImageException or WeightException or OrtException or NativeLibraryException
            or SqliteMissingException or EmbeddingException or CurationException or JudgingException or TrainingException or PaintException or DemoException or DataException or TableException or DuckDbException or IOException or UnauthorizedAccessException;
}
