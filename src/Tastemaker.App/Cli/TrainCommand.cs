using System.CommandLine;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Training;
using Tastemaker.Nets.Heads;

namespace Tastemaker.App.Cli;

/// <summary><c>taste train</c>: makes a head of a taste's judgements, for every command and for other programs.</summary>
internal static class TrainCommand
{
    private const string OwnJudgements = "judgements";

    private static readonly Option<string> Kind = Among(
        "--kind", "How it is learned: by the Bayesian model, as one direction trained by gradients, or as the five layers of ASV2.", "bayes", "linear", "mlp");
    private static readonly Option<bool> Relu = new("--relu") { Description = "Put ReLU between the layers of an mlp." };
    private static readonly Option<string> Loss = Among("--loss", "Of linear and mlp: learn which of two is better, or what an image was rated.", "margin", "mse");
    private static readonly Option<string> From = new("--from")
    {
        Description = "What to learn from: the taste's own judgements, or a FILE (or folder) of any kind that 'taste judgements import' reads.",
        HelpName = "judgements|FILE",
        DefaultValueFactory = _ => OwnJudgements,
    };

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
        var command = new Command("train", "Train a head on a taste's judgements.") { TasteChoice.Option, Kind, Relu, Loss, From, Name, Export };
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

        DemandOptions(parse, kind);
        var export = ExportFile(parse);
        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        var vectors = workspace.Vectors(encoder);
        var (lessons, source, failed) = parse.GetRequiredValue(From) is var from && from == OwnJudgements
            ? LessonChoice.OfLog(workspace, taste, encoder, vectors, terminal)
            : LessonChoice.OfFile(workspace, taste, from, isAsked: false, encoder, vectors, terminal, cancel);
        var (weights, how) = kind == "bayes"
            ? Believed(workspace, lessons, taste, encoder, vectors, terminal, cancel)
            : Trained(parse, lessons, kind, terminal, cancel);

        var head = PersonalHead.Install(workspace.Models, name, source, kind, weights, lessons, encoder.Space, vectors, cancel);
        if (export is not null)
        {
            AtomicFile.Replace(export, weights.WriteTorch);
        }

        terminal.Out.WriteLine($"{head.Model.Name}: {head.Model.Description}{how}");
        terminal.Note(head.Agreement.Of == 0
            ? "How well it foretells choices is not known: none were held out."
            : $"It foretells {Percent.Of(head.Agreement)} of the held-out choices; the person repeats {Percent.Of(lessons.Ceiling)}.");
        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static (HeadWeights Weights, string How) Believed(
        Workspace workspace, Lessons lessons, string taste, IEncoder encoder, VectorStore vectors, Terminal terminal, CancellationToken cancel)
    {
        var fitted = PosteriorHead.Fit(vectors, workspace.Heads([], encoder.Space), taste, lessons, cancel);
        if (fitted.LeftOut.Count > 0)
        {
            terminal.Note($"note: it does not begin from {Quoted(fitted.LeftOut)}: a head with activations is no single direction, and what is learned here is one.");
        }

        return (fitted.Weights, fitted.Began.Count > 0 ? $", begun from {Quoted(fitted.Began)}" : "");
    }

    private static (HeadWeights Weights, string How) Trained(ParseResult parse, Lessons lessons, string kind, Terminal terminal, CancellationToken cancel)
    {
        var options = new TrainingOptions
        {
            Kind = kind == "mlp" ? HeadKind.Mlp : HeadKind.Linear,
            Relu = parse.GetValue(Relu),
            Loss = parse.GetRequiredValue(Loss) == "mse" ? HeadLoss.Mse : HeadLoss.Margin,
        };
        var trained = HeadTrainer.Fit(lessons.Set, options, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        return (trained.Weights, $", best of {trained.Epochs} passes after {trained.Best}");
    }

    private static void DemandOptions(ParseResult parse, string kind)
    {
        if (kind != "mlp" && parse.GetValue(Relu))
        {
            throw new UserException($"--relu is for --kind mlp: a {kind} head has one layer.");
        }

        if (kind == "bayes" && parse.GetResult(Loss) is { Implicit: false })
        {
            throw new UserException("--loss is for --kind linear and mlp: the Bayesian model learns from choices, ratings and picks together.");
        }
    }

    private static string Quoted(IReadOnlyList<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

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
