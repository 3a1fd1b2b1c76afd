using System.CommandLine;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;

namespace Tastemaker.App.Cli;

/// <summary>The options of every command that encodes pictures.</summary>
internal static class EncoderChoice
{
    public static readonly Option<string?> Encoder = new("--encoder")
    {
        Description = "Encoder to use. Default: an installed one that the heads take, else the built-in 'gist'.",
        HelpName = "NAME",
    };

    public static readonly Option<string> DeviceOption = Among("--device", "Where networks run; auto is the best that really answers.", [.. Device.Names]);

    private static readonly Option<string> PrecisionOption = Among("--precision", "What networks compute in.", "f32", "f16", "int8");

    private static readonly Option<string> OrientationOption =
        Among("--orientation", "Whether pictures are turned as their EXIF orientation says; ignore is the reference's behaviour.", "apply", "ignore");

    public static IEnumerable<Option> Options => [Encoder, DeviceOption, PrecisionOption, OrientationOption];

    /// <summary>Those that say how an encoder runs, but not in what precision.</summary>
    public static IEnumerable<Option> RunOptions => [DeviceOption, OrientationOption];

    /// <summary>f32, f16 or int8.</summary>
    public static string PrecisionOf(ParseResult parse) => parse.GetRequiredValue(PrecisionOption);

    public static EncoderOptions Of(ParseResult parse, Terminal terminal) => Of(parse, terminal, Named(PrecisionOf(parse)));

    public static EncoderOptions Of(ParseResult parse, Terminal terminal, Precision precision) => new()
    {
        Device = parse.GetRequiredValue(DeviceOption),
        Precision = precision,
        Orientation = parse.GetRequiredValue(OrientationOption) == "ignore" ? Orientation.Ignore : Orientation.Apply,
        FellBack = why => terminal.Note($"note: {why}"),
    };

    public static Precision Named(string precision) => precision switch { "f16" => Precision.F16, "int8" => Precision.Int8, _ => Precision.F32 };

    private static Option<string> Among(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        return option.AcceptOnlyFromAmong(values);
    }
}
