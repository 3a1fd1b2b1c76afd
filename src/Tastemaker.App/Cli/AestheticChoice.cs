using System.CommandLine;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.App.Cli;

/// <summary>The options that draw prompts towards an aesthetic.</summary>
internal static class AestheticChoice
{
    private static readonly AestheticSettings Default = AestheticSettings.Default;

    /// <summary>What leaves out the aesthetic of a picture that another is to be like.</summary>
    private const string None = "none";

    private static readonly Option<string?> Aesthetic = new("--aesthetic")
    {
        Description = "Draw prompts towards an aesthetic of the studio; 'taste aesthetic' makes and lists them. 'none' leaves out the one that --like brings.",
        HelpName = "NAME",
    };

    private static readonly Option<FileInfo?> Embedding = new("--aesthetic-embedding") { Description = "The same, towards the vector in a file: .pt, .safetensors or .npy.", HelpName = "FILE" };
    private static readonly Option<int?> Steps = Number<int>("--aesthetic-steps", $"How often the text encoder learns from a prompt. Default: {Default.Steps}.", "N");
    private static readonly Option<double?> Rate = Number<double>("--aesthetic-lr", "How far it moves at each step. Default: 0.0001.", "X");
    private static readonly Option<double?> Weight = Number<double>("--aesthetic-weight", "How much of what it learned is used, 0 to 1. Default: 1.", "X");
    private static readonly Option<bool?> Slerp = Switch("--aesthetic-slerp", "Mix by --aesthetic-weight along arcs, instead of straight.");
    private static readonly Option<string?> Text = new("--aesthetic-text") { Description = "Turn the aesthetic towards a text first.", HelpName = "TEXT" };
    private static readonly Option<double?> Angle = Number<double>("--aesthetic-angle", "How far --aesthetic-text turns it, 0 to 1. Default: 0.1.", "X");
    private static readonly Option<bool?> Negative = Switch("--aesthetic-negative", "Turn it away from --aesthetic-text instead.");

    private static readonly Option<string?> Encoder = new Option<string?>("--aesthetic-encoder")
    {
        Description = "Which text encoder learns: the checkpoint's own, or the CLIP that it was made from. Default: own.",
    }.AcceptOnlyFromAmong("own", "stock");

    private static readonly Option<bool?> Compatible = Switch(
        "--aesthetic-compat", "Repeat the faults of A1111's extension: texts outweigh the aesthetic, arcs go across tokens, negative and empty prompts are drawn too.");

    public static IEnumerable<Option> Options => [Aesthetic, Embedding, .. Settings];

    private static IEnumerable<Option> Settings => [Steps, Rate, Weight, Slerp, Text, Angle, Negative, Encoder, Compatible];

    /// <summary>What a command line asks for, and where it says nothing, the picture that others are to be like; null for no aesthetic.</summary>
    /// <exception cref="UserException">Options contradict each other, or the picture's aesthetic is not here.</exception>
    public static AestheticPlan? Of(ParseResult parse, (string File, PaintedAs Made)? like, ModelStore models)
    {
        var (name, file) = (parse.GetValue(Aesthetic), parse.GetValue(Embedding));
        if (name is not null && file is not null)
        {
            throw new UserException("--aesthetic and --aesthetic-embedding both name what prompts are drawn towards; give one of them.");
        }

        var liked = like?.Made.Aesthetic;
        if (name == None || (name is null && file is null && liked is null))
        {
            return Settings.FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } lone
                ? throw new UserException($"{lone.Name} says how prompts are drawn towards an aesthetic; say which with --aesthetic or --aesthetic-embedding.")
                : null;
        }

        var settings = SettingsOf(parse, liked?.Settings ?? Default);
        return name is not null || file is not null ? new(name ?? file!.FullName, file is not null, settings) : Found(liked! with { Settings = settings }, like!.Value.File, models);
    }

    private static AestheticSettings SettingsOf(ParseResult parse, AestheticSettings plain)
    {
        var text = parse.GetValue(Text) ?? plain.Text;
        if (text is null && (parse.GetValue(Angle) is not null || parse.GetValue(Negative) == true))
        {
            throw new UserException("--aesthetic-angle and --aesthetic-negative are about --aesthetic-text, which is missing.");
        }

        return new AestheticSettings
        {
            Steps = parse.GetValue(Steps) ?? plain.Steps,
            LearningRate = parse.GetValue(Rate) ?? plain.LearningRate,
            Weight = parse.GetValue(Weight) ?? plain.Weight,
            Slerp = parse.GetValue(Slerp) ?? plain.Slerp,
            Text = text,
            Angle = parse.GetValue(Angle) ?? plain.Angle,
            IsNegative = parse.GetValue(Negative) ?? plain.IsNegative,
            Encoder = parse.GetValue(Encoder) switch { "own" => DrawnEncoder.Own, "stock" => DrawnEncoder.Stock, _ => plain.Encoder },
            IsCompatible = parse.GetValue(Compatible) ?? plain.IsCompatible,
        }.Checked();
    }

    private static AestheticPlan Found(AestheticPlan liked, string file, ModelStore models)
    {
        try
        {
            liked.Target(models);
            return liked;
        }
        catch (ModelException e)
        {
            throw new UserException($"what '{file}' was drawn towards cannot be had: {e.Message.TrimEnd('.')}. --aesthetic or --aesthetic-embedding takes another, --aesthetic {None} takes none.");
        }
    }

    private static Option<bool?> Switch(string name, string description) => new(name) { Description = description };

    private static Option<T?> Number<T>(string name, string description, string help) where T : struct => new(name) { Description = description, HelpName = help };
}
