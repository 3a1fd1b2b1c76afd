using System.Globalization;
using System.Security.Cryptography;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>A studio of one test's own, and the command line upon it.</summary>
internal sealed class TestStudio : IDisposable
{
    public const int Dims = 768;

    private readonly TempFolder _folder = new();

    /// <summary>A path beside the studio.</summary>
    public string this[string name] => _folder[name];

    public TempFolder Folder => _folder;

    public StudioFolder Studio => new(_folder["studio"]);

    /// <summary>Folders that hold the encoder, the features that the reference got from it, and scores of the published heads.</summary>
    public static string[] Cases => [.. Goldens.Folders("expected.json", "encoder", "features.safetensors")];

    public Task<(int Code, string Output, string Error)> Run(params string[] arguments) => Run(TextReader.Null, arguments);

    public Task<(int Code, string Output, string Error)> Run(TextReader input, params string[] arguments) =>
        Taste.Run(input, ["--studio", Studio.Root, .. arguments]);

    /// <summary>Runs what must succeed; returns its stdout.</summary>
    public async Task<string> Output(params string[] arguments)
    {
        var (code, output, error) = await Run(arguments);
        Assert.True(code == 0, $"taste {string.Join(' ', arguments)} exits with {code}: {error}");
        return output;
    }

    /// <summary>Scores as the reference does, by the encoder <c>tiny</c>; what must succeed.</summary>
    public async Task<List<Row>> Score(params string[] arguments) => Row.Parse(await Output(ByTiny(arguments)));

    public static string[] ByTiny(params string[] arguments) => ["score", "--encoder", "tiny", "--orientation", "ignore", "--device", "cpu", .. arguments];

    public Task<string> ImportTiny(params string[] options) => Output(["models", "import", Path.Combine(Goldens.Own, "score/encoder"), "--name", "tiny", .. options]);

    /// <summary>Imports a head of one linear layer with seeded weights, and returns it.</summary>
    public async Task<TestHead> ImportHead(string name, int seed = 1, int dims = Dims, string? space = null, float bias = 0)
    {
        var head = TestHead.Random(seed, dims, bias);
        using (var file = File.Create(this[$"{name}.safetensors"]))
        {
            SafeTensors.Write(file, [TensorData.Of("weight", new(1, dims), head.Weight), TensorData.Of("bias", new(1), [head.Bias])]);
        }

        await Output(["models", "import", this[$"{name}.safetensors"], "--name", name, .. space is null ? Array.Empty<string>() : ["--space", space]]);
        return head;
    }

    /// <summary>Golden pictures, copied into a folder beside the studio.</summary>
    public string Pictures(params string[] names)
    {
        foreach (var name in names)
        {
            File.Copy(Path.Combine(Goldens.Own, "preprocess/images", name), Path.Combine(_folder.Folder("pictures"), name));
        }

        return this["pictures"];
    }

    public LibraryCounts Count()
    {
        using var database = StudioDatabase.Open(Studio, TimeProvider.System);
        return new ImageLibrary(database).Count();
    }

    /// <summary>Every file under a folder by its path there, with the hash of its bytes.</summary>
    public static Dictionary<string, string> Contents(string folder) => !Directory.Exists(folder) ? [] : Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));

    public void Dispose() => _folder.Dispose();
}

/// <summary>One linear layer, and its scores computed apart from the product.</summary>
internal sealed record TestHead(float[] Weight, float Bias)
{
    public static TestHead Random(int seed, int dims, float bias)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, dims).Select(_ => (float)((random.NextDouble() * 2) - 1))], bias);
    }

    public double Score(ReadOnlySpan<float> features)
    {
        var (dot, squares) = (0.0, 0.0);
        for (var i = 0; i < features.Length; i++)
        {
            dot += (double)features[i] * Weight[i];
            squares += (double)features[i] * features[i];
        }

        return (dot / Math.Sqrt(squares)) + Bias;
    }
}

/// <summary>A line of the CSV that <c>taste score</c> writes.</summary>
internal sealed record Row(string Path, string ContentId, string Encoder, string Model, double Raw, double Z, double Percentile)
{
    public const string Header = "path,content_id,encoder,model,raw,z,percentile";

    public string Name => System.IO.Path.GetFileName(Path);

    public static List<Row> Parse(string csv)
    {
        var lines = csv.Split('\n');
        Assert.Equal(Header, lines[0]);
        Assert.Equal("", lines[^1]);
        return [.. lines[1..^1].Select(line => line.Split(',')).Select(f =>
        {
            Assert.Equal(7, f.Length);
            return new Row(f[0], f[1], f[2], f[3], Number(f[4]), Number(f[5]), Number(f[6]));
        })];

        static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
