using System.CommandLine;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Training;

namespace Tastemaker.App.Cli;

/// <summary><c>taste train</c>: makes a head of a taste's judgements, for every command and for other programs.</summary>
internal static class TrainCommand
{
    private static readonly Option<string> Kind = Among("--kind", "What the head is: one direction, or the five layers of ASV2.", "linear", "mlp");
    private static readonly Option<bool> Relu = new("--relu") { Description = "Put ReLU between the layers of an mlp." };
    private static readonly Option<string> Loss = Among("--loss", "Learn which of two is better, or what an image was rated.", "margin", "mse");
    private static readonly Option<string> Name = new("--name") { Description = "The name to store the head under.", HelpName = "NAME", Required = true };

    private static readonly Option<string[]> Export = new("--export")
    {
        Description = "Also write the head for other programs: 'pth' is the layout that loaders of ASV2 read.",
        HelpName = "pth FILE",
        Arity = new(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("train", "Train a head on a taste's judgements.") { TasteChoice.Option, Kind, Relu, Loss, Name, Export };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        var (name, taste, kind) = (parse.GetRequiredValue(Name), TasteName.Demand(parse.GetRequiredValue(TasteChoice.Option)), parse.GetRequiredValue(Kind));
        if (name == PlainHead.Name)
        {
            throw new UserException($"'{name}' is the head that comes with the built-in encoder. Choose another name with --name.");
        }

        var export = ExportFile(parse);
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        var vectors = workspace.Vectors(encoder);
        var lessons = TasteChoice.Lessons(workspace, taste, encoder, vectors, terminal);
        var trained = HeadTrainer.Fit(lessons.Set, Options(parse, kind), Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();

        var head = PersonalHead.Install(workspace.Models, name, taste, kind, trained.Weights, lessons, encoder.Space, vectors, cancel);
        if (export is not null)
        {
            AtomicFile.Replace(export, trained.Weights.WriteTorch);
        }

        terminal.Out.WriteLine($"{head.Model.Name}: {head.Model.Description}, best of {trained.Epochs} passes after {trained.Best}");
        terminal.Note(head.Agreement.Of == 0
            ? "How well it foretells choices is not known: none were held out."
            : $"It foretells {Percent.Of(head.Agreement)} of the held-out choices; the person repeats {Percent.Of(lessons.Ceiling)}.");
        return ExitCode.Done;
    }

    private static TrainingOptions Options(ParseResult parse, string kind)
    {
        if (kind == "linear" && parse.GetValue(Relu))
        {
            throw new UserException("--relu is for --kind mlp: a linear head has one layer.");
        }

        return new()
        {
            Kind = kind == "mlp" ? HeadKind.Mlp : HeadKind.Linear,
            Relu = parse.GetValue(Relu),
            Loss = parse.GetRequiredValue(Loss) == "mse" ? HeadLoss.Mse : HeadLoss.Margin,
        };
    }

    private static string? ExportFile(ParseResult parse) => parse.GetValue(Export) switch
    {
        null or [] => null,
        ["pth", var file] => Path.GetFullPath(file),
        var other => throw new UserException($"--export '{other[0]}' is not known; 'pth' is. Write '--export pth FILE'."),
    };

    private static Option<string> Among(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        return option.AcceptOnlyFromAmong(values);
    }
}
