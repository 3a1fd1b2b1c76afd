using System.CommandLine;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Nets.Weights;

namespace Tastemaker.App.Cli;

/// <summary><c>taste paint</c>: pictures out of words, by a checkpoint of Stable Diffusion.</summary>
internal static class PaintCommand
{
    private static readonly Option<string?> Checkpoint = new("--checkpoint", "-c")
    {
        Description = "Stable Diffusion 1.x or 2.x: a .safetensors or .ckpt file, or a folder of diffusers.",
        HelpName = "PATH",
    };

    private static readonly Option<DirectoryInfo> Out = new("--out", "-o")
    {
        Description = "Folder for the pictures. Only those that are scored, with --model or --scores, enter the studio as well.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new("painted"),
    };

    private static readonly Option<string> Name = new("--name")
    {
        Description = "How files are named: [index], [seed], [prompt], [date], [time], [steps], [sampler], [cfg], [width], [height]. Nothing is overwritten.",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => PaintNames.Default,
    };

    private static readonly Option<int> Batch = new("--batch") { Description = "Pictures painted at once; helps on a GPU.", HelpName = "N", DefaultValueFactory = _ => 1 };

    public static readonly Option<string> Precision = new Option<string>("--precision")
    {
        Description = "What UNet and text encoder compute in; f16 for GPUs.",
        DefaultValueFactory = _ => "f32",
    }.AcceptOnlyFromAmong("f32", "f16", "int8");

    private static readonly Option<double?> Above = new("--above") { Description = "Keep only pictures that --model gives this raw score or more; others are not written.", HelpName = "X" };
    private static readonly Option<int?> Until = new("--until") { Description = "Go on until so many passed --above, with one seed after the other.", HelpName = "N" };
    private static readonly Option<double?> Prune = new("--prune")
    {
        Description = "Stop pictures early that will hardly pass --above, by what 'taste study early-steps' measured; X is the share of passing ones that may be lost so. Default with no X: 0.1.",
        HelpName = "X",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int> Max = new("--max") { Description = "With --until: give up after so many pictures.", HelpName = "N", DefaultValueFactory = _ => 400 };
    private static readonly Option<bool> Queue = new("--queue") { Description = "Only note what is to be painted; --resume paints it." };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Paint what is queued, and what is left of runs that were stopped or killed, each as it was asked for; of other options only --no-preview and --json count." };
    private static readonly Option<bool> Forget = new("--forget") { Description = "Paint nothing of what is queued or left; finished pictures stay." };
    private static readonly Option<bool> NoPreview = new("--no-preview") { Description = "Show no picture in the terminal while it is painted." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print what became of each picture as JSON, at the end." };

    /// <summary>What paints, and where it is computed.</summary>
    public static IEnumerable<Option> PainterOptions => [Checkpoint, Precision, EncoderChoice.DeviceOption];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("paint", "Paint pictures with Stable Diffusion, and keep those that a head or a taste scores high.")
        {
            PaintChoice.Prompt, Out, Name, Batch, Above, Until, Max, Prune, Queue, Resume, Forget, NoPreview, Json,
        };
        foreach (var option in PainterOptions.Concat(PaintChoice.Options).Concat(AestheticChoice.Options).Concat(JudgeChoice.Options))
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, cancel) => Run(parse, terminal, cancel));
    }

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        using var workspace = Root.Open(parse);
        if (parse.GetValue(Forget))
        {
            terminal.Note($"Pictures that waited and will not be painted: {new PaintBacklog(workspace.Database, workspace.Folder).Forget(cancel)}.");
            return ExitCode.Done;
        }

        return parse.GetValue(Resume) ? GoOn(parse, workspace, terminal, cancel) : Paint(parse, workspace, terminal, cancel);
    }

    private static int Paint(ParseResult parse, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        var like = PaintChoice.LikeOf(parse);
        var plan = Plan(parse) with { Aesthetic = AestheticChoice.Of(parse, like, workspace.Models) };
        if (plan.Until is not null && parse.GetResult(PaintChoice.Count) is { Implicit: false })
        {
            throw new UserException("--until and --count both say when to stop; with --until, --max says how many pictures at most.");
        }

        using var work = PaintWork.Open(plan, workspace, terminal, cancel);
        var requests = PaintChoice.Of(parse, like?.Made.Request, work.Painter, plan.Until is null ? null : parse.GetValue(Max));
        var backlog = new PaintBacklog(workspace.Database, workspace.Folder);
        var number = backlog.Add(plan, requests);
        var what = requests.Count == 1 ? "1 picture" : $"{(plan.Until is null ? "" : "up to ")}{requests.Count} pictures";
        terminal.Note($"{work.Painter.Checkpoint.Name}: {what} from seed {requests[0].Seed} on, into '{Reporting.FromHere(plan.Folder)}'.");
        if (parse.GetValue(Queue))
        {
            terminal.Note("Nothing is painted yet; 'taste paint --resume' does.");
            return ExitCode.Done;
        }

        using var run = backlog.Take(number) ?? throw new UserException("another 'taste paint --resume' took the run, and paints it.");
        return work.Paint(run, !parse.GetValue(NoPreview), parse.GetValue(Json), cancel);
    }

    /// <summary>Every run that is left, one after the other; one that cannot be painted is named and stops no other.</summary>
    private static int GoOn(ParseResult parse, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        var backlog = new PaintBacklog(workspace.Database, workspace.Folder);
        var (worst, waiting) = (ExitCode.Done, backlog.Waiting());
        using var room = new PaintingRoom(workspace, terminal);
        if (waiting.Count == 0)
        {
            terminal.Note("nothing is left to paint.");
        }

        foreach (var number in waiting)
        {
            try
            {
                using var run = backlog.Take(number);
                if (run is null)
                {
                    terminal.Note($"run {number} is being painted by another process.");
                    continue;
                }

                terminal.Note($"run {number}: what is left goes into '{Reporting.FromHere(run.Plan.Folder)}'; pictures: {run.Waiting().Count}.");
                worst = Math.Max(worst, room.For(run.Plan, cancel).Paint(run, !parse.GetValue(NoPreview), parse.GetValue(Json), cancel));
            }
            catch (Exception e) when (e is PaintException or ModelException or WeightException or ImageException or UserException or IOException)
            {
                room.Close();
                terminal.Fail($"run {number}: {e.Message}");
                worst = ExitCode.SomeFailed;
            }
        }

        return worst;
    }

    /// <summary>The checkpoint that a command line names, where it is computed, and who scores; nothing is kept yet.</summary>
    public static PaintPlan PainterPlan(ParseResult parse) => new()
    {
        Checkpoint = Path.GetFullPath(parse.GetValue(Checkpoint) ?? throw new UserException("--checkpoint is missing: say which Stable Diffusion paints, a file or a folder.")),
        Folder = "",
        Precision = parse.GetRequiredValue(Precision),
        Device = parse.GetRequiredValue(EncoderChoice.DeviceOption),
        IsScored = parse.GetValue(JudgeChoice.Scores),
        Models = parse.GetValue(JudgeChoice.Models) ?? [],
        Encoder = parse.GetValue(EncoderChoice.Encoder),
    };

    private static PaintPlan Plan(ParseResult parse)
    {
        const double UsualRisk = 0.1;
        var plan = PainterPlan(parse) with
        {
            Folder = parse.GetRequiredValue(Out).FullName,
            Names = parse.GetRequiredValue(Name),
            Batch = parse.GetValue(Batch),
            Above = parse.GetValue(Above),
            Until = parse.GetValue(Until),
            Prune = parse.GetResult(Prune) is null ? null : parse.GetValue(Prune) ?? UsualRisk,
        };
        return plan switch
        {
            { Until: < 1 } or { Until: not null, Above: null } =>
                throw new UserException("--until counts the pictures that pass; say what passes with --model and --above, and how many from 1 on."),
            { Prune: not null, Above: null } => throw new UserException("--prune stops what will not pass; say what passes with --model and --above."),
            { Above: not null, Models: [] } => throw new UserException("--above is a score; say by which head or taste with --model."),
            { Batch: < 1 } => throw new UserException($"--batch {plan.Batch} is asked for; 1 or more is wanted."),
            _ => plan,
        };
    }
}
