using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Pixels;
using Tastemaker.Nets.Weights;
using static Tastemaker.Core.Benchmarks.Timing;

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

            return [.. Engine(checkpoint, images, device, progress, cancel), Folder(work, checkpoint, device, images, progress, cancel)];
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Products, floats and integers take turns, so that each ratio is of the same seconds.</summary>
    private static IEnumerable<Measurement> Engine(string checkpoint, int rounds, string device, IProgress<Progress>? progress, CancellationToken cancel)
    {
        using var file = MappedFile.OpenRead(checkpoint);
        var weights = Checkpoint.Open(new(file.Length, file.Read)).Tensors;
        progress?.Report(new("loading", 0, 1));
        using var products = Load(Products(weights));
        using var floats = Load(Tower(weights, Precision.F32));
        using var integers = Load(Tower(weights, Precision.Int8));

        var (stack, size) = (RandomClip.VitL14.Stack, RandomClip.VitL14.Size);
        var (matrix, pixels) = (Noise(MatrixRows * stack.Width), Noise(3 * size * size));
        var times = new List<(double Products, double Floats, double Integers)>();
        for (var round = 0; round <= rounds; round++)
        {
            times.Add((
                Seconds(() => products.Run<float>(Input, matrix, [MatrixRows, stack.Width], Output, cancel)),
                Seconds(() => floats.Run<float>(Input, pixels, [1, 3, size, size], Output, cancel)),
                Seconds(() => integers.Run<float>(Input, pixels, [1, 3, size, size], Output, cancel))));
            progress?.Report(new("encoding", round, rounds));
        }

        times.RemoveAt(0); // The first run of a session allocates.
        var productRate = 4.0 * MatrixRows * stack.Width * stack.Inner;
        var operations = RandomClip.Operations(RandomClip.VitL14);
        return
        [
            new("large float32 MatMul", productRate / Median(times.Select(t => t.Products)) / 1e9, "GFLOP/s"),
            new("ViT-L/14 float32", Median(times.Select(t => t.Floats)) * 1000, "ms an image"),
            new("ViT-L/14 int8", Median(times.Select(t => t.Integers)) * 1000, "ms an image"),
            new("float32 rate", operations / Median(times.Select(t => t.Floats)) / 1e9, "GFLOP/s"),
            new("float32 against the MatMul", Median(times.Select(t => operations / t.Floats / (productRate / t.Products))), "of its rate"),
            new("int8 against float32", Median(times.Select(t => t.Floats / t.Integers)), "times as fast"),
        ];

        Session Load(Node output) => Session.Load(new Dictionary<string, Node> { [Output] = output }, weights, file, device);
    }

    /// <summary>Two products in a row, so that what goes in and comes out is small beside what is computed.</summary>
    private static Node Products(IReadOnlyDictionary<string, StoredTensor> weights)
    {
        var (mlp, stack) = (new Scope(weights)["vision_model"]["encoder"]["layers"][0]["mlp"], RandomClip.VitL14.Stack);
        return Node.In(Input, ElementType.F32, -1, stack.Width).Project(mlp["fc1"], stack.Inner).Project(mlp["fc2"], stack.Width);
    }

    private static Node Tower(IReadOnlyDictionary<string, StoredTensor> weights, Precision precision)
    {
        var size = RandomClip.VitL14.Size;
        return ClipVision.Build(new(weights, precision), RandomClip.VitL14, Node.In(Input, ElementType.F32, -1, 3, size, size)).Embedding;
    }

    /// <summary>From files to stored vectors, against the bare encoder just before and just after.</summary>
    private static Measurement Folder(string work, string checkpoint, string device, int images, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var pictures = Path.Combine(work, "pictures");
        Directory.CreateDirectory(pictures);
        for (var i = 0; i < images; i++)
        {
            var rgb = AbstractPainter.Paint(AbstractPrompt.Draw((ulong)i), (ulong)i, Side);
            File.WriteAllBytes(
                Path.Combine(pictures, i.ToString("0000", CultureInfo.InvariantCulture) + ".png"), ImageWriter.Png(new(Side, Side, PixelMode.Rgb, rgb)));
        }

        using var models = new ModelStore(Path.Combine(work, "models"), TimeProvider.System);
        models.Import([checkpoint], new("bench"), cancel);
        using var encoder = ClipImageEncoder.Open(models.Open("bench"), new() { Device = device });
        var studio = new StudioFolder(work);
        using var database = StudioDatabase.Open(studio, TimeProvider.System);
        var vectors = VectorStore.Open(database, studio, encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions);
        var files = FolderScan.Run([pictures], TextReader.Null, null, cancel).Done;
        var pixels = Noise(3 * RandomClip.VitL14.Size * RandomClip.VitL14.Size);

        encoder.EncodePrepared(pixels, cancel);
        var before = Bare();
        var folder = Seconds(() => new Embedder(new(database), vectors, encoder, TimeProvider.System).Bring(files, progress, cancel));
        return new("a folder against the bare encoder", folder / ((before + Bare()) / 2), "of its time");

        double Bare() => Seconds(() =>
        {
            for (var i = 0; i < images; i++)
            {
                encoder.EncodePrepared(pixels, cancel);
            }
        });
    }

    private static float[] Noise(int count)
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}

/// <param name="Value">In <paramref name="Unit"/>.</param>
public sealed record Measurement(string What, double Value, string Unit);
