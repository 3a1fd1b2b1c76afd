using System.CommandLine;

namespace Tastemaker.App.Cli;

/// <summary><c>taste data</c>: collections of any size, in the files that others made them in.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal) => new("data", "Work with collections of any size, apart from the studio: tables of prompts, lists of addresses, folders of embeddings.")
    {
        DataPromptsCommand.Create(terminal),
        DataFetchCommand.Create(terminal),
        DataEmbedCommand.Create(terminal),
        DataScoreCommand.Create(terminal),
        DataTrainTableCommand.Create(terminal),
    };

    /// <summary>A file to write, by its full path.</summary>
    public static Option<FileInfo?> Output(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
