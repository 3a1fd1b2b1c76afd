using System.CommandLine;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;

namespace Tastemaker.App.Cli;

/// <summary>Which taste a command is about.</summary>
internal static class TasteChoice
{
    public static readonly Option<string> Option = new("--taste")
    {
        Description = "The taste, one person's judgements for one purpose.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TasteName.Default,
    };

    /// <summary>The judgements of a taste on images that have vectors.</summary>
    /// <exception cref="UserException">There are none.</exception>
    public static Lessons Lessons(Workspace workspace, string taste, IEncoder encoder, VectorStore vectors, Terminal terminal)
    {
        var standing = new JudgementLog(workspace.Database).Standing(taste);
        if (standing.Count == 0)
        {
            throw new UserException($"taste '{taste}' has no judgements. Make some with 'taste serve --open'.");
        }

        var lessons = Core.Judging.Lessons.Of(standing, vectors);
        if (lessons.WithoutFeatures > 0)
        {
            terminal.Note($"note: {lessons.WithoutFeatures} of {standing.Count} judgements are on images without vectors of encoder '{encoder.Name}'; "
                + "'taste embed' makes them.");
        }

        return lessons;
    }
}
