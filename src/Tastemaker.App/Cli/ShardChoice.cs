using System.CommandLine;
using Tastemaker.Core.Data.Embeddings;

namespace Tastemaker.App.Cli;

/// <summary>Which share of the parts a worker takes.</summary>
internal static class ShardChoice
{
    public static readonly Option<string> Option = new("--shard")
    {
        Description = "Do only the Ith of every N parts, so that N runs can share the work.",
        HelpName = "I/N",
        DefaultValueFactory = _ => "1/1",
    };

    public static Shard Of(ParseResult parse)
    {
        try
        {
            return Shard.Parse(parse.GetRequiredValue(Option));
        }
        catch (FormatException e)
        {
            throw new UserException($"--shard {e.Message}");
        }
    }
}
