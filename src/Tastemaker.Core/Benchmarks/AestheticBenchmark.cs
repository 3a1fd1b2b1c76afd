using System.Diagnostics;
using System.Numerics;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;
using static Tastemaker.Core.Benchmarks.Timing;

namespace Tastemaker.Core.Benchmarks;

/// <summary>
/// How near a step of aesthetic gradients comes to what it must cost: a forward pass and twice that backwards, and one reading of parameters,
/// gradients and Adam's two moments with one writing of all but the gradients. On a full-size text tower of ViT-L/14 with random weights.
/// </summary>
public static class AestheticBenchmark
{
    private const string Ids = "ids", Output = "embedding";
    private const int Seed = 1, StreamNumbers = 1 << 24, Streams = 7, Rounds = 3;

    /// <param name="folder">For the weights (0.5 GB), which are removed again.</param>
    /// <param name="steps">How many are timed.</param>
    /// <returns>With torch's time where <c>python3</c> has torch.</returns>
    public static IReadOnlyList<Measurement> Run(string folder, int steps, string device, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var path = Path.Combine(folder, $"bench-{Environment.ProcessId}.safetensors");
        try
        {
            progress?.Report(new("writing a text tower of ViT-L/14 with random weights", 0, 1));
            using (var stream = File.Create(path))
            {
                RandomClip.Write(stream, RandomClip.VitL14Text, Seed);
            }

            using var file = MappedFile.OpenRead(path);
            return Measure(new(file, Checkpoint.Open(new(file.Length, file.Read)).Tensors), steps, device, progress, cancel);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static List<Measurement> Measure(StoredNetwork network, int steps, string device, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var config = RandomClip.VitL14Text;
        var embedding = ClipText.Build(new(network.Weights), config, Node.In(Ids, ElementType.I64, -1, config.Stack.Tokens)).Embedding!;
        using var forward = Session.Load(new Dictionary<string, Node> { [Output] = embedding }, network.Weights, network.File, device);
        progress?.Report(new("loading", 0, 1));
        using var tower = new DrawnTower(new(new(config, Dropped: 0), network, network), prompts: 1, clipSkip: 1, new(device, 0), cancel);
        var trained = network.Weights.Where(w => w.Key.Contains(".layers.", StringComparison.Ordinal)).Sum(w => w.Value.Count);

        var ids = Enumerable.Range(0, config.Stack.Tokens).Select(i => i == 0 ? config.Vocabulary - 2L : i < 20 ? i : config.Vocabulary - 1).ToArray();
        var target = new float[config.Dims];
        target[0] = 1;
        List<double> forwards = [], passes = [], drawn = [];
        var memory = Enumerable.Range(0, 4).Select(_ => new float[StreamNumbers]).ToArray();
        for (var round = 0; round <= Rounds; round++)
        {
            progress?.Report(new("drawing", round, Rounds));
            for (var i = 0; i < steps; i++)
            {
                forwards.Add(Seconds(() => forward.Run<long>(Ids, ids, [1, ids.Length], Output, cancel)));
            }

            passes.Add(Seconds(() => Pass(memory)) * trained / StreamNumbers);
            var last = Stopwatch.GetTimestamp();
            tower.Draw(ids, target, steps + 1, 1e-4, (step, _) =>
            {
                var now = Stopwatch.GetTimestamp();
                if (step >= 1 && step <= steps)
                {
                    drawn.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds); // Between readings of one step and of the next.
                }

                last = now;
            }, cancel);
            if (round == 0)
            {
                List<double>[] all = [forwards, passes, drawn];
                Array.ForEach(all, list => list.Clear()); // The first runs allocate.
            }
        }

        var (once, pass, step) = (Median(forwards), Median(passes), Median(drawn));
        progress?.Report(new("asking torch", 0, 1));
        var torch = TorchPeer.Step(config, steps, cancel);
        return
        [
            new("trained parameters", trained / 1e6, "million, beside embeddings and norms"),
            new("a forward pass", once * 1000, "ms"),
            new("memory", Streams * sizeof(float) * (double)trained / pass / 1e9, "GB/s"),
            new("a pass over parameters, gradients and moments", pass * 1000, "ms"),
            new("a step", step * 1000, "ms"),
            new("a step against three forward passes and one over memory", step / ((3 * once) + pass), "times as long"),
            .. torch is { } peer ? (Measurement[])[new("torch's time for such a step", peer * 1000, "ms"), new("a step against torch", step / peer, "of its time")] : [],
        ];
    }

    /// <summary>Reads four streams and writes three of them, on all processors, with next to nothing computed.</summary>
    private static void Pass(float[][] memory)
    {
        const int Block = 1 << 16;
        Parallel.For(0, StreamNumbers / Block, block =>
        {
            Span<float> parameters = memory[0].AsSpan(block * Block, Block), means = memory[1].AsSpan(block * Block, Block), squares = memory[2].AsSpan(block * Block, Block);
            ReadOnlySpan<float> gradients = memory[3].AsSpan(block * Block, Block);
            for (var i = 0; i < Block; i += Vector<float>.Count)
            {
                var g = new Vector<float>(gradients[i..]);
                (new Vector<float>(means[i..]) + g).CopyTo(means[i..]);
                (new Vector<float>(squares[i..]) + g).CopyTo(squares[i..]);
                (new Vector<float>(parameters[i..]) + g).CopyTo(parameters[i..]);
            }
        });
    }
}
