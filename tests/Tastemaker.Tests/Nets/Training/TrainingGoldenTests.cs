using System.Text.Json;
using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Training;

/// <summary>Full-batch trainings that torch recorded: the loss at every step, the first gradients, the weights at the end.</summary>
[Trait("Kind", "golden")]
public sealed class TrainingGoldenTests
{
    /// <summary>golden/README.md: torch's own float32 and float64 differ by up to 5e-5 (mlp.margin.adam).</summary>
    private const float LossTolerance = 1e-4f;

    /// <summary>One step, of sums of 12 rows: rounding of numbers up to 10.</summary>
    private const float GradientTolerance = 1e-5f;

    /// <summary>
    /// Adam divides a gradient by its own size, so that where one is nearly 0 its rounding moves the weight by a part of the learning rate,
    /// 1e-2, at each of the 25 steps: the losses allow 1e-4 for it, and a weight of the ones that matter as little moves ten times as much.
    /// </summary>
    private const float WeightTolerance = 1e-3f;

    private static readonly Dictionary<string, (Optimizer Optimizer, double Rate)> Optimizers = new()
    {
        ["adam"] = (new Optimizer.Adam(), 1e-2),
        ["adamw"] = (new Optimizer.Adam { WeightDecay = 0.05, IsDecoupled = true }, 1e-2),
        ["sgd"] = (new Optimizer.Sgd(), 1e-2),
        ["sgd_momentum"] = (new Optimizer.Sgd(0.9), 5e-3),
        ["adam_l2"] = (new Optimizer.Adam { WeightDecay = 0.01 }, 1e-2),
    };

    /// <summary>Adam's step is the same in one operator of our own and in ONNX's.</summary>
    private static readonly string[][] Ways = [[], [AdamStep.Name]];

    public static TheoryData<string, string> Traces
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var folder in Goldens.Folders("cases.json", "golden.safetensors"))
            {
                foreach (var name in Directions(folder)?.Keys ?? Enumerable.Empty<string>())
                {
                    rows.Add(folder, name);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Traces))]
    public void A_training_goes_as_torch_recorded_it(string folder, string trace)
    {
        var golden = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"))));
        var (steps, margin) = Directions(folder)![trace];
        var (net, loss, optimizer) = trace.Split('.') is [var n, var l, var o] ? (n, l, o) : throw new InvalidDataException(trace);
        var parameters = golden.Tensors.Values.Where(t => t.Name.StartsWith($"init.{net}.", StringComparison.Ordinal))
            .Select(t => Node.In(t.Name[$"init.{net}.".Length..], ElementType.F32, t.Shape.Axes)).ToDictionary(p => p.Name);
        var total = Loss(golden, parameters, net, loss, margin);
        foreach (var way in Ways)
        {
            var step = TrainingStep.Build(total, [.. parameters.Values], Optimizers[optimizer].Optimizer);
            using var session = IteratedSession.Load(Lowering.Without(step.Outputs, way), step.State, TrainingStep.After, node => parameters.ContainsKey(node.Name)
                ? golden.Floats($"init.{net}.{node.Name}")
                : new float[node.Shape.Axes.Aggregate(1, (product, axis) => product * axis)], TrainingStep.Loss, SessionPlace.Processor, TestContext.Current.CancellationToken);
            foreach (var input in Inputs(total).Where(input => !parameters.ContainsKey(input)))
            {
                session.Set<float>(input, golden.Floats(input), [.. golden.Tensors[input].Shape.Axes.Select(axis => (long)axis)]);
            }

            session.Set<double>(TrainingStep.LearningRate, [Optimizers[optimizer].Rate]);
            var losses = new float[steps];
            for (var i = 0; i < steps; i++)
            {
                session.Set<double>(TrainingStep.Number, [i + 1]);
                losses[i] = session.Run(TestContext.Current.CancellationToken)[0];
            }

            Tensors.AssertClose(golden.Floats($"{trace}.losses"), losses, LossTolerance, $"without [{string.Join(", ", way)}]: {trace}");
            foreach (var name in parameters.Keys.Where(name => !HasNoTrueGradient(loss, name, parameters)))
            {
                Tensors.AssertClose(golden.Floats($"{trace}.final.{name}"), session.State(name), WeightTolerance, $"without [{string.Join(", ", way)}]: {trace}.final.{name}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Traces))]
    public void The_first_gradients_are_those_of_torch(string folder, string trace)
    {
        var golden = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"))));
        var (net, loss) = (trace.Split('.')[0], trace.Split('.')[1]);
        var parameters = golden.Tensors.Values.Where(t => t.Name.StartsWith($"init.{net}.", StringComparison.Ordinal))
            .Select(t => Node.In(t.Name[$"init.{net}.".Length..], ElementType.F32, t.Shape.Axes)).ToDictionary(p => p.Name);
        var total = Loss(golden, parameters, net, loss, Directions(folder)![trace].Margin);
        var gradients = Gradient.Of(total, [.. parameters.Values]);
        var recorded = parameters.Keys.Where(name => golden.Tensors.ContainsKey($"{net}.{loss}.adam.grad0.{name}")).ToList();

        Assert.NotEmpty(recorded);
        foreach (var (name, gradient) in parameters.Keys.Zip(gradients).Where(g => recorded.Contains(g.First)))
        {
            using var session = IteratedSession.Load(new Dictionary<string, Node> { ["gradient"] = gradient }, [], _ => "", _ => [], "gradient", SessionPlace.Processor, TestContext.Current.CancellationToken);
            foreach (var input in Inputs(gradient))
            {
                var stored = parameters.ContainsKey(input) ? $"init.{net}.{input}" : input;
                session.Set<float>(input, golden.Floats(stored), [.. golden.Tensors[stored].Shape.Axes.Select(axis => (long)axis)]);
            }

            Tensors.AssertClose(golden.Floats($"{net}.{loss}.adam.grad0.{name}"), session.Run(TestContext.Current.CancellationToken), GradientTolerance, $"{trace} {name}");
        }
    }

    /// <summary>The last bias cancels out of a difference of scores: its gradient is rounding, and Adam makes steps of it.</summary>
    private static bool HasNoTrueGradient(string loss, string name, IReadOnlyDictionary<string, Node> parameters) =>
        loss == "margin" && name == $"{parameters.Keys.Max(p => int.Parse(p.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture))}.bias";

    private static Node Loss(Checkpoint golden, Dictionary<string, Node> parameters, string net, string loss, double margin)
    {
        Node Input(string name) => Node.In(name, ElementType.F32, golden.Tensors[name].Shape.Axes);
        Node Layer(Node x, int index) => x.Gemm(parameters[$"{index}.weight"], parameters[$"{index}.bias"]);
        Node Scores(Node x) => net == "mlp" ? Layer(Layer(Layer(x, 0).Relu(), 2), 3) : Layer(x, 0);
        return loss == "mse"
            ? Scores(Input("x")).MeanSquaredError(Input("y"))
            : Scores(Input("x")).MarginRanking(Scores(Input("x2")), Input("target"), margin);
    }

    private static IEnumerable<string> Inputs(Node node) =>
        Onnx.InOrder([node]).Where(n => n.Op == Node.Input).Select(n => n.Name);

    /// <summary>Steps and margin by trace, or null where the folder records no trainings.</summary>
    private static Dictionary<string, (int Steps, double Margin)>? Directions(string folder)
    {
        var text = File.ReadAllText(Path.Combine(folder, "cases.json"));
        if (!text.Contains("\"optimizers\"", StringComparison.Ordinal))
        {
            return null; // Of other sets, some of which hold what Python calls JSON: Infinity.
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("cases").EnumerateObject().ToDictionary(
            c => c.Name, c => (c.Value.GetProperty("steps").GetInt32(), json.RootElement.GetProperty("margin").GetDouble()));
    }
}
