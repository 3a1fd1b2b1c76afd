using System.Diagnostics;
using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Pixels;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Benchmarks;

/// <summary>
/// How near the encoder comes to what the engine can do here: a full-size ViT-L/14 with random weights against large
/// float32 matrix products in the same run, integers against floats, and a folder of pictures against the bare encoder.
/// </summary>
public static class EncodeBenchmark
{
    private const string Input = "pixels", Output = "embedding";
    private const int Seed = 1, MatrixRows = 2048, Side = 512;

    /// <param name="folder">For the weights (1.2 GB) and a small studio; what is written there is removed again.</param>
    /// <param name="images">How many are timed, of each kind.</param>
    public static IReadOnlyList<Measurement> Run(string folder, int images, string device, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var work = Path.Combine(folder, $"bench-{Environment.ProcessId}");
        Directory.CreateDirectory(work);
        try
        {
            var checkpoint = Path.Combine(work, "model.safetensors");
            progress?.Report(new("writing a ViT-L/14 with random weights", 0, 1));
            using (var stream = File.Create(checkpoint))
            {
                RandomClip.Write(stream, RandomClip.VitL14, Seed);
            }

            using var file = MappedFile.OpenRead(checkpoint);
            var weights = Checkpoint.Open(new(file.Length, file.Read)).Tensors;
            var peak = MatMul(weights, file, device, progress, cancel);
            var results = new List<Measurement> { new("large float32 MatMul", peak / 1e9, "GFLOP/s") };
            var rates = new Dictionary<Precision, double>();
            foreach (var precision in new[] { Precision.F32, Precision.Int8 })
            {
                rates[precision] = Encoder(precision, weights, file, device, images, progress, cancel);
                results.Add(new($"ViT-L/14 {precision}", 1000 / rates[precision], "ms an image"));
            }

            var achieved = RandomClip.Operations(RandomClip.VitL14) * rates[Precision.F32];
            results.Add(new("ViT-L/14 F32 rate", achieved / 1e9, "GFLOP/s"));
            results.Add(new("ViT-L/14 F32 against the MatMul", achieved / peak, "of it"));
            results.Add(new("Int8 against F32", rates[Precision.Int8] / rates[Precision.F32], "times"));
            results.Add(new("folder against the bare encoder", rates[Precision.F32] / Folder(work, checkpoint, device, images, progress, cancel), "of its time"));
            return results;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Two products in a row, so that what goes in and comes out is small beside what is computed.</summary>
    /// <returns>Operations a second.</returns>
    private static double MatMul(
        IReadOnlyDictionary<string, StoredTensor> weights, MappedFile file, string device, IProgress<Progress>? progress, CancellationToken cancel)
    {
        progress?.Report(new("large MatMuls", 0, 1));
        var mlp = new Scope(weights)["vision_model"]["encoder"]["layers"][0]["mlp"];
        var (width, inner) = (RandomClip.VitL14.Stack.Width, RandomClip.VitL14.Stack.Inner);
        var products = Node.In(Input, ElementType.F32, -1, width).Project(mlp["fc1"], inner).Project(mlp["fc2"], width);
        using var session = Session.Load(new Dictionary<string, Node> { [Output] = products }, weights, file, device);
        var matrix = Noise(MatrixRows * width);
        return 4.0 * MatrixRows * width * inner / Median(9, () => session.Run<float>(Input, matrix, [MatrixRows, width], Output, cancel));
    }

    /// <returns>Images a second.</returns>
    private static double Encoder(
        Precision precision, IReadOnlyDictionary<string, StoredTensor> weights, MappedFile file, string device, int images, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var size = RandomClip.VitL14.Size;
        var embedding = Nets.Clip.ClipVision.Build(new(weights, precision), RandomClip.VitL14, Node.In(Input, ElementType.F32, -1, 3, size, size)).Embedding;
        progress?.Report(new($"loading ViT-L/14 {precision}", 0, 1));
        using var session = Session.Load(new Dictionary<string, Node> { [Output] = embedding }, weights, file, device);
        var pixels = Noise(3 * size * size);
        var done = 0;
        return 1 / Median(images, () =>
        {
            session.Run<float>(Input, pixels, [1, 3, size, size], Output, cancel);
            progress?.Report(new($"encoding {precision}", Math.Min(++done, images), images));
        });
    }

    /// <returns>Images a second, from files to stored vectors, the session's first run left out.</returns>
    private static double Folder(string work, string checkpoint, string device, int images, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var pictures = Path.Combine(work, "pictures");
        Directory.CreateDirectory(pictures);
        for (var i = 0; i <= images; i++)
        {
            var rgb = AbstractPainter.Paint(AbstractPrompt.Draw((ulong)i), (ulong)i, Side);
            File.WriteAllBytes(Path.Combine(pictures, i.ToString("0000", CultureInfo.InvariantCulture) + ".png"), ImageWriter.Png(new(Side, Side, PixelMode.Rgb, rgb)));
        }

        using var models = new ModelStore(Path.Combine(work, "models"), TimeProvider.System);
        models.Import([checkpoint], new("bench"), cancel);
        using var encoder = ClipImageEncoder.Open(models.Open("bench"), new() { Device = device });
        var studio = new StudioFolder(work);
        using var database = StudioDatabase.Open(studio, TimeProvider.System);
        var embedder = new Embedder(new(database), VectorStore.Open(database, studio, encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions), encoder, TimeProvider.System);
        var files = FolderScan.Run([pictures], TextReader.Null, null, cancel).Done;
        embedder.Bring([files[0]], null, cancel);
        var watch = Stopwatch.StartNew();
        embedder.Bring([.. files.Skip(1)], progress, cancel);
        return images / watch.Elapsed.TotalSeconds;
    }

    private static float[] Noise(int count)
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>Seconds, after one run that is not counted.</summary>
    private static double Median(int runs, Action action)
    {
        action();
        var times = Enumerable.Range(0, runs).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            action();
            return watch.Elapsed.TotalSeconds;
        }).Order().ToList();
        return times[times.Count / 2];
    }
}

/// <param name="Value">In <paramref name="Unit"/>.</param>
public sealed record Measurement(string What, double Value, string Unit);
