using System.Diagnostics;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste.Preference;
using Tastemaker.Native;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Benchmarks;

/// <summary>How long it takes to find all near duplicates, against comparing every pair at the rate of the engine's matrix product.</summary>
public static class DedupeBenchmark
{
    private const int Dimensions = 768, Seed = 1;

    /// <summary>Of the images, so many are near duplicates of another.</summary>
    private const double Planted = 0.05;

    /// <param name="folder">For the product's weights, which are removed again.</param>
    /// <param name="images">How many, of each kind.</param>
    public static IReadOnlyList<Measurement> Run(string folder, int images, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var rate = ProductRate(folder, cancel);
        var all = (double)images * (images - 1) / 2 * 2 * Dimensions;
        var results = new List<Measurement>
        {
            new("large float32 MatMul", rate / 1e9, "GFLOP/s"),
            new("every pair at that rate", all / rate, "s"),
        };
        foreach (var (what, vectors) in ((string, Func<int, float[][]>)[])[("like an encoder's", Clustered), ("random", Scattered)])
        {
            progress?.Report(new($"drawing features {what}", 0, 1));
            var units = UnitVectors.Of(vectors(images));
            var watch = Stopwatch.StartNew();
            var groups = NearDuplicates.Of(units, Duplicates.UsualThreshold, progress, cancel);
            var seconds = watch.Elapsed.TotalSeconds;
            results.Add(new($"{images} features {what}: {groups.Count} groups", seconds, "s"));
            results.Add(new("against every pair", all / rate / seconds, "times as fast"));
        }

        return results;
    }

    /// <summary>
    /// Features as of pictures made from prompts: a part that all share, a spectrum that falls with the inverse of the rank, a few dozen
    /// pictures around each prompt, and copies that were saved again.
    /// </summary>
    private static float[][] Clustered(int images)
    {
        const int PerPrompt = 40;
        const double Shared = 1.0, Prompt = 0.8, Picture = 0.45, Copy = 0.12;
        var dice = new Random(Seed);
        var spectrum = Enumerable.Range(0, Dimensions).Select(i => 1 / Math.Sqrt(i + 4.0)).ToArray();
        var length = Math.Sqrt(spectrum.Sum(s => s * s));
        var centres = Enumerable.Range(0, Math.Max(images / PerPrompt, 1)).Select(_ => Draw(Prompt)).ToArray();
        var vectors = new float[images][];
        for (var i = 0; i < images; i++)
        {
            var isCopy = i > 0 && dice.NextDouble() < Planted;
            var (from, noise) = isCopy ? (vectors[dice.Next(i)], Draw(Copy)) : (centres[dice.Next(centres.Length)], Draw(Picture));
            vectors[i] = [.. from.Zip(noise, (a, b) => a + b)];
            vectors[i][^1] += isCopy ? 0 : (float)Shared;
        }

        return vectors;

        float[] Draw(double scale) => [.. spectrum.Select(s => (float)(scale * s / length * Normal(dice)))];
    }

    /// <summary>Directions drawn evenly, and copies that were saved again.</summary>
    private static float[][] Scattered(int images)
    {
        var dice = new Random(Seed);
        var vectors = new float[images][];
        for (var i = 0; i < images; i++)
        {
            var from = i > 0 && dice.NextDouble() < Planted ? vectors[dice.Next(i)] : null;
            vectors[i] = [.. Enumerable.Range(0, Dimensions).Select(d => (float)(from is null ? Normal(dice) : from[d] + (0.15 * Normal(dice))))];
        }

        return vectors;
    }

    // Box and Muller.
    private static double Normal(Random dice) => Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble());

    private static double ProductRate(string folder, CancellationToken cancel)
    {
        const int Rows = 2048, Wide = 4096, Rounds = 5;
        const string Input = "rows", Output = "product";
        var path = Path.Combine(folder, $"bench-{Environment.ProcessId}.safetensors");
        try
        {
            var dice = new Random(Seed);
            using (var stream = File.Create(path))
            {
                SafeTensors.Write(stream, [Weights("widen", Wide, Dimensions), Weights("narrow", Dimensions, Wide)]);
            }

            using var file = MappedFile.OpenRead(path);
            var weights = Checkpoint.Open(new(file.Length, file.Read)).Tensors;
            var scope = new Scope(weights);
            var node = Node.In(Input, ElementType.F32, -1, Dimensions).Project(scope["widen"], Wide).Project(scope["narrow"], Dimensions);
            using var session = Session.Load(new Dictionary<string, Node> { [Output] = node }, weights, file, "cpu");
            var rows = Enumerable.Range(0, Rows * Dimensions).Select(_ => dice.NextSingle() - 0.5f).ToArray();
            var best = double.MaxValue;
            for (var round = 0; round <= Rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                session.Run<float>(Input, rows, [Rows, Dimensions], Output, cancel);
                best = Math.Min(best, watch.Elapsed.TotalSeconds);
            }

            return 4.0 * Rows * Dimensions * Wide / best;

            TensorData Weights(string name, int outputs, int inputs) => TensorData.Of(
                $"{name}.weight", new(outputs, inputs), Enumerable.Range(0, outputs * inputs).Select(_ => (dice.NextSingle() - 0.5f) / 16).ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
