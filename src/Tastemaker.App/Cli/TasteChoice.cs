using System.CommandLine;
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
}
