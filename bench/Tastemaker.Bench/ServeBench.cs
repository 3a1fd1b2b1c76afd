using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Bench;

/// <summary>
/// Does judging stay quick in a large studio? A person who speaks only HTTP judges in one of 100 000 images under the real
/// <c>taste serve</c>: <c>dotnet run build.cs -- bench serve PROGRAM FOLDER [IMAGES] [CHOICES]</c>. A choice (log, update of all
/// images, the next pair) is to take less than 50 ms at the 95th percentile, the last hundred no longer than the second.
/// </summary>
/// <remarks>The studio stays in FOLDER and is used again; each run judges a taste of its own. The images' files hold a few bytes, their vectors are drawn.</remarks>
internal sealed class ServeBench : IDisposable
{
    private const int Window = 100;
    private const string Encoder = "tiny";

    private readonly string _program;
    private readonly StudioFolder _studio;
    private readonly string _pictures;
    private readonly int _images;
    private bool _isServing;

    private ServeBench(string program, string folder, int images)
    {
        (_program, _studio, _pictures, _images) = (Path.GetFullPath(program), new(Path.GetFullPath(Path.Combine(folder, "studio"))), Path.GetFullPath(Path.Combine(folder, "pictures")), images);
        Server = new() { StartInfo = Start("serve", "--port", "0", "--encoder", Encoder) };
    }

    private Process Server { get; }

    public static async Task<int> Run(string[] args)
    {
        if (args.Length is < 2 or > 4)
        {
            await Console.Error.WriteLineAsync("usage: serve PROGRAM FOLDER [IMAGES] [CHOICES]; PROGRAM is a built taste, such as artifacts/taste/taste.");
            return 2;
        }

        using var bench = new ServeBench(args[0], args[1], args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 100_000);
        await bench.MakeStudio();
        await bench.Judge(args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1000);
        return 0;
    }

    public void Dispose()
    {
        if (_isServing)
        {
            Server.Kill();
        }

        Server.Dispose();
    }

    private async Task MakeStudio()
    {
        if (Directory.Exists(_pictures))
        {
            return;
        }

        // The encoder is known to the studio once it has described something.
        var goldens = Path.Combine("tests", "Tastemaker.Tests", "Goldens");
        await Do("models", "import", Path.Combine(goldens, "score", "encoder"), "--name", Encoder);
        await Do("embed", "--encoder", Encoder, Path.Combine(goldens, "preprocess", "images", "edges_224x224.png"));
        Directory.CreateDirectory(_pictures);
        using var database = StudioDatabase.Open(_studio, TimeProvider.System);
        var (name, fingerprint, dims) = database.Read(VectorQueries.Encoders)[0];
        var (library, vectors, spectrum) = (new ImageLibrary(database), VectorStore.Open(database, _studio, name, fingerprint, dims), Spectrum(dims));
        foreach (var part in Enumerable.Range(0, _images).Chunk(5000))
        {
            var ids = library.Add([.. part.Select(Image)]);
            vectors.Append([.. ids.Zip(part, (id, i) => new NewVector(id, Vector(i, spectrum)))]);
        }
    }

    private ReadImage Image(int number)
    {
        var path = Path.Combine(_pictures, $"{number:D6}.png");
        var content = Encoding.ASCII.GetBytes($"{number:D32}");
        File.WriteAllBytes(path, content);
        return new(FoundFile.At(path)!, content, 512, 512, "png");
    }

    private async Task Judge(int choices)
    {
        var utilities = Utilities();
        var watch = Stopwatch.StartNew();
        _isServing = Server.Start();
        using var http = new HttpClient { BaseAddress = new((await Server.StandardOutput.ReadLineAsync())!), Timeout = TimeSpan.FromMinutes(5) };
        Console.WriteLine($"{_images} images; listening after {watch.ElapsedMilliseconds} ms");
        var taste = $"/api/tastes/bench-{(await http.GetFromJsonAsync<JsonElement>("/api/tastes")).GetArrayLength()}";

        watch.Restart();
        var first = http.GetFromJsonAsync<JsonElement>($"{taste}/pair");
        var slowest = 0.0;
        while (!first.IsCompleted)
        {
            var since = Stopwatch.GetTimestamp();
            await http.GetStringAsync(new Uri("/api/health", UriKind.Relative));
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            await Task.Delay(5);
        }

        Console.WriteLine($"first pair after {watch.ElapsedMilliseconds} ms, meanwhile /api/health took {slowest:F0} ms at most; {Memory()}");

        var (dice, pair, times) = (new Random(1), await first, new List<(double Choice, double Pair)>());
        JsonElement standing = default;
        while (times.Count < choices)
        {
            var (left, right) = (utilities[Number(pair, "left")], utilities[Number(pair, "right")]);
            var winner = dice.NextDouble() < 1 / (1 + Math.Exp(right - left)) ? "left" : "right";
            var since = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsJsonAsync($"{taste}/choices", new { pair = pair.GetProperty("pair").GetString(), winner, milliseconds = 1 });
            standing = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
            var between = Stopwatch.GetTimestamp();
            pair = await http.GetFromJsonAsync<JsonElement>($"{taste}/pair");
            times.Add((Stopwatch.GetElapsedTime(since, between).TotalMilliseconds, Stopwatch.GetElapsedTime(between).TotalMilliseconds));
            if (times.Count % Window == 0)
            {
                Report($"{times.Count - Window + 1}-{times.Count}", times[^Window..]);
            }
        }

        Report("all", times);
        watch.Restart();
        await http.GetStringAsync(new Uri($"{taste}/ranking", UriKind.Relative));
        Console.WriteLine($"ranking {watch.ElapsedMilliseconds} ms; agreement {standing.GetProperty("agreement")}, ceiling {standing.GetProperty("ceiling")}; {Memory()}");
    }

    private static void Report(string which, List<(double Choice, double Pair)> times) => Console.WriteLine(
        $"{which,10}   choice {Line(times.Select(t => t.Choice))}   next pair {Line(times.Select(t => t.Pair))}   both {Line(times.Select(t => t.Choice + t.Pair))}");

    /// <summary>Median, 95th percentile and most, in milliseconds.</summary>
    private static string Line(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return $"{sorted[sorted.Length / 2],5:F1} {sorted[(int)(0.95 * (sorted.Length - 1))],5:F1} {sorted[^1],6:F1} ms";
    }

    private string Memory()
    {
        Server.Refresh();
        return $"resident {Server.WorkingSet64 >> 20} MB, at most {Server.PeakWorkingSet64 >> 20} MB";
    }

    /// <summary>Of a person who likes a direction: deviation 2, as that of one who repeats three choices in four.</summary>
    private double[] Utilities()
    {
        var spectrum = Spectrum(768);
        var utilities = new double[_images];
        Parallel.For(0, _images, i =>
        {
            var vector = Vector(i, spectrum);
            var (sum, squares) = (0.0, 0.0);
            for (var k = 0; k < vector.Length; k++)
            {
                sum += vector[k] * (k % 3 == 0 ? 1 : -1) / spectrum[k];
                squares += 1;
            }

            utilities[i] = 2 * sum / Math.Sqrt(squares);
        });
        return utilities;
    }

    private static float[] Vector(int seed, double[] spectrum)
    {
        var random = new Random(seed);
        return [.. spectrum.Select(s => (float)(s * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    /// <summary>Deviations that fall as those of CLIP's features do.</summary>
    private static double[] Spectrum(int dims) => [.. Enumerable.Range(1, dims).Select(k => Math.Pow(k, -0.5))];

    /// <summary>Of a drawn image; 0 for the one real picture that made the encoder known.</summary>
    private static int Number(JsonElement pair, string side) =>
        int.TryParse(Path.GetFileNameWithoutExtension(pair.GetProperty(side).GetProperty("path").GetString()!), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private async Task Do(params string[] arguments)
    {
        using var process = Process.Start(Start(arguments))!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"taste {string.Join(' ', arguments)} exits with {process.ExitCode}.");
        }
    }

    private ProcessStartInfo Start(params string[] arguments) => new(_program, ["--studio", _studio.Root, .. arguments]) { RedirectStandardOutput = true };
}
