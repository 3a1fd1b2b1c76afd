using System.CommandLine;
using System.Security.Cryptography;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary>What is to be painted: the options that make requests.</summary>
internal static class PaintChoice
{
    /// <summary>More at once is a mistake.</summary>
    private const int MostRequests = 1_000_000;

    public static readonly Argument<string?> Prompt = new("PROMPT")
    {
        Description = "What the picture shows. (word:1.2) means more of a word, [word] less; BREAK starts another chunk of tokens.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Negative = new("--negative", "-n") { Description = "What it must not show.", HelpName = "PROMPT" };
    private static readonly Option<long?> Seed = new("--seed") { Description = "Which of all pictures; those after the first have the numbers after it. Default: -1, any; it is told.", HelpName = "N" };
    public static readonly Option<int> Count = new("--count") { Description = "How many pictures of each prompt.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<int?> Steps = new("--steps") { Description = "Calls of the UNet for a picture. Default: 20.", HelpName = "N" };

    private static readonly Option<string?> Sampler = new("--sampler")
    {
        Description = $"How noise becomes a picture: {string.Join(", ", SamplerNames.All)}. Default: DPM++ 2M Karras.",
        HelpName = "NAME",
    };

    private static readonly Option<double?> Eta = new("--eta") { Description = "Of DDIM, how much noise is added on the way, 0 to 1. Default: 0.", HelpName = "X" };
    private static readonly Option<double?> Cfg = new("--cfg") { Description = "How strictly the prompt is followed; 1 leaves the negative prompt out. Default: 7.", HelpName = "X" };
    private static readonly Option<int?> Width = new("--width") { Description = "In pixels, a multiple of 8. Default: what the checkpoint was trained on, or the size of --init.", HelpName = "N" };
    private static readonly Option<int?> Height = new("--height") { Description = "In pixels, a multiple of 8. Default: as for --width.", HelpName = "N" };
    private static readonly Option<int?> ClipSkip = new("--clip-skip") { Description = "Leave out the last layers of the text encoder: 2 for many checkpoints of drawings. Default: 1.", HelpName = "N" };

    private static readonly Option<string?> Noise = new Option<string?>("--noise")
    {
        Description = "Whose noise the seed stands for: a GPU's, as in A1111, or a processor's, as in ComfyUI. Default: gpu.",
    }.AcceptOnlyFromAmong("gpu", "cpu");

    private static readonly Option<FileInfo?> Init = new("--init") { Description = "A picture to start from, instead of noise.", HelpName = "IMAGE" };
    private static readonly Option<double?> Strength = new("--strength") { Description = "How much of --init is painted anew, up to 1. Default: 0.75.", HelpName = "X" };

    private static readonly Option<FileInfo?> Like = new("--like")
    {
        Description = "Take prompt, seed, settings and aesthetic from a picture that any generator wrote them into; other options change them.",
        HelpName = "IMAGE",
    };

    private static readonly Option<FileInfo?> Prompts = new("--prompts") { Description = "Paint every prompt of a file, one a line.", HelpName = "FILE" };
    private static readonly Option<FileInfo?> Seeds = new("--seeds") { Description = "The seeds of --prompts, line by line, or of the one prompt; -1 is any.", HelpName = "FILE" };

    public static IEnumerable<Option> Options => [.. Settings, Count, Init, Strength, Like, Seeds];

    /// <summary>Those of them that are for any number of pictures from nothing.</summary>
    public static IEnumerable<Option> Settings => [Negative, Seed, Steps, Sampler, Eta, Cfg, Width, Height, ClipSkip, Noise, Prompts];

    /// <summary>The picture that another is to be like, and what it says; null for none.</summary>
    /// <exception cref="UserException">It says nothing.</exception>
    /// <exception cref="PaintException">It names what is not here.</exception>
    public static (string File, PaintedAs Made)? LikeOf(ParseResult parse) => parse.GetValue(Like) is not { } file ? null
        : (file.FullName, PaintInfotext.OfFile(file.FullName) ?? throw new UserException($"'{file.FullName}' does not say how it was made. 'taste info' shows what pictures say."));

    /// <summary>The requests, in their order; each of them can be painted.</summary>
    /// <param name="like">What counts where the options say nothing.</param>
    /// <param name="count">How many of each prompt; null for what the options say.</param>
    /// <exception cref="UserException">Options contradict each other.</exception>
    /// <exception cref="PaintException">A setting cannot be had.</exception>
    public static IReadOnlyList<PaintRequest> Of(ParseResult parse, PaintRequest? like, Painter painter, int? count = null)
    {
        var first = First(parse, like, painter);
        var pairs = Pairs(parse, first, count ?? parse.GetValue(Count));
        if (pairs.Count > MostRequests)
        {
            throw new UserException($"{pairs.Count} pictures are asked for; {MostRequests} at most can be painted in one run.");
        }

        foreach (var (prompt, _) in pairs.DistinctBy(pair => pair.Prompt))
        {
            painter.Demand(first with { Prompt = prompt });
        }

        return [.. pairs.Select(pair => first with { Prompt = pair.Prompt, Seed = pair.Seed })];
    }

    private static List<(string Prompt, ulong Seed)> Pairs(ParseResult parse, PaintRequest first, int count)
    {
        var (promptFile, seedFile) = (parse.GetValue(Prompts)?.FullName, parse.GetValue(Seeds)?.FullName);
        if (promptFile is not null && parse.GetValue(Prompt) is not null)
        {
            throw new UserException("a prompt and --prompts both say what to paint; give one of them.");
        }

        if (seedFile is not null && (parse.GetResult(Count) is { Implicit: false } || parse.GetValue(Seed) is not null))
        {
            throw new UserException("--seeds says which seeds and how many; leave out --seed and --count.");
        }

        if (seedFile is null)
        {
            var prompts = promptFile is null ? [first.Prompt] : PromptPairs.Prompts(promptFile);
            return count is > 0 and <= MostRequests && (long)prompts.Count * count <= MostRequests
                ? [.. prompts.SelectMany(prompt => Enumerable.Range(0, count).Select(i => (prompt, first.Seed + (ulong)i)))]
                : throw new UserException($"{count} pictures of {prompts.Count} prompts are asked for; 1 to {MostRequests} can be painted.");
        }

        var pairs = promptFile is null ? [.. PromptPairs.Seeds(seedFile).Select(seed => (first.Prompt, seed))] : PromptPairs.Of(promptFile, seedFile);
        return [.. pairs.Select(pair => (pair.Item1, pair.Item2 ?? AnySeed()))];
    }

    private static PaintRequest First(ParseResult parse, PaintRequest? like, Painter painter)
    {
        var prompt = parse.GetValue(Prompt) ?? like?.Prompt ?? (parse.GetValue(Prompts) is not null ? "" : throw new UserException(
            "there is no prompt. Say what to paint, in quotes, or name a file with --prompts or --like."));
        var init = parse.GetValue(Init)?.FullName;
        var made = like ?? new PaintRequest { Prompt = prompt, Width = painter.NaturalSide, Height = painter.NaturalSide };
        if (init is not null && (parse.GetValue(Width) is null || parse.GetValue(Height) is null))
        {
            var facts = ImageFacts.Of(init);
            made = made with { Width = facts.Width / painter.Multiple * painter.Multiple, Height = facts.Height / painter.Multiple * painter.Multiple };
        }

        var sampler = parse.GetValue(Sampler) is { } name ? SamplerNames.Parse(name) with { Steps = made.Sampler.Steps, Eta = 0 } : made.Sampler;
        return made with
        {
            Prompt = prompt,
            Negative = parse.GetValue(Negative) ?? made.Negative,
            Seed = parse.GetValue(Seed) is { } seed ? Chosen(seed) : like?.Seed ?? AnySeed(),
            Width = parse.GetValue(Width) ?? made.Width,
            Height = parse.GetValue(Height) ?? made.Height,
            Guidance = parse.GetValue(Cfg) ?? made.Guidance,
            ClipSkip = parse.GetValue(ClipSkip) ?? made.ClipSkip,
            Noise = parse.GetValue(Noise) switch { "cpu" => NoiseSource.Cpu, "gpu" => NoiseSource.Gpu, _ => made.Noise },
            Start = init,
            Sampler = sampler with
            {
                Steps = parse.GetValue(Steps) ?? sampler.Steps,
                Eta = parse.GetValue(Eta) ?? sampler.Eta,
                Strength = parse.GetValue(Strength) ?? (init is null ? 1 : 0.75), // The web UI's.
            },
        };
    }

    private static ulong Chosen(long seed) => seed switch
    {
        >= 0 => (ulong)seed,
        -1 => AnySeed(),
        _ => throw new UserException($"--seed {seed} is none; a whole number from 0 on is wanted, or -1 for any."),
    };

    /// <summary>Of 32 bits, which every generator tells apart.</summary>
    private static ulong AnySeed() => (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);
}
