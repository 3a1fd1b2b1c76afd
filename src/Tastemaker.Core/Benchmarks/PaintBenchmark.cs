using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Graph;
using static Tastemaker.Core.Benchmarks.Timing;

namespace Tastemaker.Core.Benchmarks;

/// <summary>How near a checkpoint's networks come to what the engine can do here: each against large float32 matrix products that take turns with it.</summary>
public static class PaintBenchmark
{
    private const string Input = "rows", Output = "products";
    private const int MatrixRows = 4096;

    /// <summary>The same of a full-size SD 1.5 with random weights in 16 bits.</summary>
    /// <param name="folder">For the weights (2 GB); they are removed again.</param>
    /// <exception cref="PaintException">There is no picture of such a side, or no round.</exception>
    public static IReadOnlyList<Measurement> RunFullSize(string folder, Precision precision, int side, int rounds, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var path = Path.Combine(folder, $"bench-{Environment.ProcessId}.safetensors");
        try
        {
            progress?.Report(new("writing an SD 1.5 with random weights", 0, 1));
            return Run(RandomDiffusion.Sd15().Write(path, ElementType.F16), precision, side, rounds, progress, cancel);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <param name="precision">Of UNet and text encoder; the autoencoder is always in 32 bits.</param>
    /// <param name="side">Of the picture, in pixels.</param>
    /// <param name="rounds">How many times each is timed, after one that is not.</param>
    /// <exception cref="PaintException">There is no picture of such a side, or no round.</exception>
    public static IReadOnlyList<Measurement> Run(string checkpoint, Precision precision, int side, int rounds, IProgress<Progress>? progress, CancellationToken cancel)
    {
        using var opened = DiffusionCheckpoint.Open(checkpoint);
        var multiple = opened.Config.Vae.Downscaling;
        new PaintRequest { Prompt = "", Width = side, Height = side }.Demand(multiple);
        if (rounds < 1)
        {
            throw new PaintException($"{rounds} rounds are asked for; 1 or more are wanted.");
        }

        progress?.Report(new("loading", 0, 1));
        var (options, latents, context) = (new DiffusionOptions { Precision = precision }, side / multiple, opened.Config.UNet.Context);
        using var products = Products(opened, out var width, out var operations);
        using var prompts = opened.Prompts(options);
        using var denoiser = opened.Denoiser(options, cancel);
        using var decoder = opened.Decoder(options);
        var (matrix, noise, states) = (Waves(MatrixRows * width), Waves(opened.Config.UNet.Channels * latents * latents), Waves(opened.Window.Length * context));
        var (ids, timestep) = (new long[opened.Window.Length], (float[])[500]);
        (string What, double Operations, Action Run)[] parts =
        [
            ("UNet step", DiffusionOperations.UNet(opened, latents), () => denoiser.Predict(noise, timestep, states, latents, latents, cancel)),
            ("VAE decode", DiffusionOperations.Decoder(opened, latents), () => decoder.Decode(noise, latents, latents, cancel)),
            ("text encoder", DiffusionOperations.Text(opened), () => prompts.Encode(ids, 1, cancel)),
        ];
        var results = new List<Measurement>();
        var rates = new List<double>();
        foreach (var (part, what) in parts.Select((part, i) => (part, i)))
        {
            var times = new List<(double Products, double Part)>();
            for (var round = 0; round <= rounds; round++)
            {
                times.Add((Seconds(() => products.Run<float>(Input, matrix, [MatrixRows, width], Output, cancel)), Seconds(part.Run)));
                progress?.Report(new("timing", (what * (rounds + 1)) + round, parts.Length * (rounds + 1)));
            }

            times.RemoveAt(0); // The first run of a session allocates.
            rates.AddRange(times.Select(t => operations / t.Products / 1e9));
            var seconds = Median(times.Select(t => t.Part));
            results.Add(new($"{part.What}, {part.Operations / 1e9:F0} GFLOP", seconds * 1000, "ms"));
            results.Add(new($"{part.What} rate", part.Operations / seconds / 1e9, "GFLOP/s"));
            results.Add(new($"{part.What} against the MatMul", Median(times.Select(t => part.Operations / t.Part / (operations / t.Products))), "of its rate"));
        }

        return [new("large float32 MatMul", Median(rates), "GFLOP/s"), .. results];
    }

    /// <summary>Two products in a row by the text encoder's widest layers, so that what goes in and comes out is small beside what is computed.</summary>
    private static Session Products(DiffusionCheckpoint checkpoint, out int width, out double operations)
    {
        var stack = checkpoint.Config.Text.Tower.Stack;
        var mlp = new Scope(checkpoint.TextWeights.Weights)["text_model"]["encoder"]["layers"][0]["mlp"];
        (width, operations) = (stack.Width, 4.0 * MatrixRows * stack.Width * stack.Inner);
        var output = Node.In(Input, ElementType.F32, -1, stack.Width).Project(mlp["fc1"], stack.Inner).Project(mlp["fc2"], stack.Width);
        return Session.Load(new Dictionary<string, Node> { [Output] = output }, checkpoint.TextWeights.Weights, checkpoint.TextWeights.File, "cpu");
    }

    private static float[] Waves(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))];
}
