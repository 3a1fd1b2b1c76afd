using System.CommandLine;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.App.Cli;

/// <summary>The options that draw prompts towards an aesthetic.</summary>
internal static class AestheticChoice
{
    private static readonly AestheticSettings Default = AestheticSettings.Default;

    private static readonly Option<string?> Aesthetic = new("--aesthetic") { Description = "Draw prompts towards an aesthetic of the studio; 'taste aesthetic' makes and lists them.", HelpName = "NAME" };
    private static readonly Option<FileInfo?> Embedding = new("--aesthetic-embedding") { Description = "The same, towards the vector in a file: .pt, .safetensors or .npy.", HelpName = "FILE" };
    private static readonly Option<int?> Steps = Number<int>("--aesthetic-steps", $"How often the text encoder learns from a prompt. Default: {Default.Steps}.", "N");
    private static readonly Option<double?> Rate = Number<double>("--aesthetic-lr", "How far it moves at each step. Default: 0.0001.", "X");
    private static readonly Option<double?> Weight = Number<double>("--aesthetic-weight", "How much of what it learned is used, 0 to 1. Default: 1.", "X");
    private static readonly Option<bool> Slerp = new("--aesthetic-slerp") { Description = "Mix by --aesthetic-weight along arcs, instead of straight." };
    private static readonly Option<string?> Text = new("--aesthetic-text") { Description = "Turn the aesthetic towards a text first.", HelpName = "TEXT" };
    private static readonly Option<double?> Angle = Number<double>("--aesthetic-angle", "How far --aesthetic-text turns it, 0 to 1. Default: 0.1.", "X");
    private static readonly Option<bool> Negative = new("--aesthetic-negative") { Description = "Turn it away from --aesthetic-text instead." };

    private static readonly Option<string> Encoder = new Option<string>("--aesthetic-encoder")
    {
        Description = "Which text encoder learns: the checkpoint's own, or the CLIP that it was made from.",
        DefaultValueFactory = _ => "own",
    }.AcceptOnlyFromAmong("own", "stock");

    private static readonly Option<bool> Compatible = new("--aesthetic-compat")
    {
        Description = "Repeat the faults of A1111's extension: texts outweigh the aesthetic, arcs go across tokens, negative and empty prompts are drawn too.",
    };

    public static IEnumerable<Option> Options => [Aesthetic, Embedding, .. Settings];

    private static IEnumerable<Option> Settings => [Steps, Rate, Weight, Slerp, Text, Angle, Negative, Encoder, Compatible];

    /// <summary>What a command line asks for; null for no aesthetic.</summary>
    /// <exception cref="UserException">Options contradict each other.</exception>
    public static AestheticPlan? Of(ParseResult parse)
    {
        var (name, file) = (parse.GetValue(Aesthetic), parse.GetValue(Embedding));
        if (name is not null && file is not null)
        {
            throw new UserException("--aesthetic and --aesthetic-embedding both name what prompts are drawn towards; give one of them.");
        }

        if (name is null && file is null)
        {
            return Settings.FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } lone
                ? throw new UserException($"{lone.Name} says how prompts are drawn towards an aesthetic; say which with --aesthetic or --aesthetic-embedding.")
                : null;
        }

        if (parse.GetValue(Text) is null && (parse.GetValue(Angle) is not null || parse.GetValue(Negative)))
        {
            throw new UserException("--aesthetic-angle and --aesthetic-negative are about --aesthetic-text, which is missing.");
        }

        var settings = new AestheticSettings
        {
            Steps = parse.GetValue(Steps) ?? Default.Steps,
            LearningRate = parse.GetValue(Rate) ?? Default.LearningRate,
            Weight = parse.GetValue(Weight) ?? Default.Weight,
            Slerp = parse.GetValue(Slerp),
            Text = parse.GetValue(Text),
            Angle = parse.GetValue(Angle) ?? Default.Angle,
            IsNegative = parse.GetValue(Negative),
            Encoder = parse.GetRequiredValue(Encoder) == "stock" ? DrawnEncoder.Stock : DrawnEncoder.Own,
            IsCompatible = parse.GetValue(Compatible),
        };
        return new(name ?? file!.FullName, file is not null, settings.Checked());
    }

    private static Option<T?> Number<T>(string name, string description, string help) where T : struct => new(name) { Description = description, HelpName = help };
}
