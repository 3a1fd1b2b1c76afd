namespace Tastemaker.Core.Data.Prompts;

/// <summary>Which rows are wanted. A row that does not say a setting is not selected by it.</summary>
public sealed record PromptSelection
{
    /// <summary>What the Discord bot of Stable Diffusion's beta took where a message said nothing, and so did not write.</summary>
    private const int BotSteps = 50;

    private const double BotCfg = 7;

    /// <summary>What rows can be told apart by.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["prompt", "seed", "width", "height", "steps", "cfg", "sampler", "index", "url"];

    public NumberRange? Width { get; init; }

    public NumberRange? Height { get; init; }

    public NumberRange? Steps { get; init; }

    public NumberRange? Cfg { get; init; }

    public NumberRange? Seed { get; init; }

    /// <summary>The image's place among those of its message, from 0.</summary>
    public NumberRange? Index { get; init; }

    public string? Sampler { get; init; }

    /// <summary>Only rows whose seed is the image's own.</summary>
    public bool OwnSeedOnly { get; init; }

    /// <summary>Whether a repaired row that names no steps or no scale had the bot's defaults, 50 and 7.</summary>
    public bool AssumeDefaults { get; init; }

    /// <summary>Of rows that are alike in all of these one is kept, the first image of its message if it is there; empty keeps all.</summary>
    public IReadOnlyList<string> Unique { get; init; } = [];

    /// <summary>Whether the row is wanted; fills in the bot's defaults where that is asked for.</summary>
    internal bool Takes(OpenPrompt row)
    {
        if (AssumeDefaults && row.IsRepaired)
        {
            row.Steps ??= BotSteps;
            row.Cfg ??= BotCfg;
        }

        return Fits(Width, row.Width) && Fits(Height, row.Height) && Fits(Steps, row.Steps) && Fits(Cfg, row.Cfg) && Fits(Seed, row.Seed)
            && Fits(Index, row.Index) && (Sampler is null || Sampler.Equals(row.Sampler, StringComparison.OrdinalIgnoreCase))
            && (!OwnSeedOnly || row.OwnSeed is not null);
    }

    private static bool Fits(NumberRange? wanted, double? has) => wanted is not { } range || range.Holds(has);
}
