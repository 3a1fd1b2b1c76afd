using System.Security.Cryptography;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Cli;

/// <summary>
/// A case folder of the set <c>score</c>: the features that the reference got from every picture by the encoder in it, and the
/// scores of published heads. The pictures lie in a sibling folder, with their own set's <c>cases.json</c>.
/// </summary>
internal sealed class GoldenFeatures
{
    private readonly Dictionary<string, int> _rows;
    private readonly float[] _features;

    private GoldenFeatures(string folder)
    {
        Folder = folder;
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        Cases = [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
        _rows = Cases.Index().ToDictionary(c => Path.GetFileName(Named(c.Item)), c => c.Index);
        _features = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "features.safetensors")))).Floats("features");
    }

    public string Folder { get; }

    public IReadOnlyList<JsonElement> Cases { get; }

    /// <summary>Those of the pictures that are here, the larger ones not being in the repository.</summary>
    public IReadOnlyList<string> Pictures => [.. Cases.Select(c => Path.GetFullPath(Path.Combine(Folder, "..", Named(c)))).Where(File.Exists).Order(StringComparer.Ordinal)];

    public static GoldenFeatures Of(string folder) => new(folder);

    public static GoldenFeatures Own() => new(Path.Combine(Goldens.Own, "score"));

    /// <summary>By a picture's name, not normalised.</summary>
    public ReadOnlySpan<float> FeaturesOf(string name)
    {
        var dims = _features.Length / Cases.Count;
        return _features.AsSpan(_rows[name] * dims, dims);
    }

    public double ScoreOf(string name, string head) => Cases[_rows[name]].GetProperty(head).GetDouble();

    /// <summary>Whether our decoder gives the reference's pixels; where it does not, the file must be of a lossy format.</summary>
    public static bool HasReferencePixels(string picture)
    {
        var set = Path.GetDirectoryName(Path.GetDirectoryName(picture))!;
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(set, "cases.json")));
        var item = document.RootElement.GetProperty("cases").EnumerateArray().Single(c => Path.GetFileName(c.GetProperty("file").GetString()) == Path.GetFileName(picture));
        var pixels = ImageDecoder.Decode(picture, Orientation.Ignore, TestContext.Current.CancellationToken).ToRgb().Pixels;
        var isSame = item.GetProperty("decoded_rgb_sha256").GetString() == Convert.ToHexStringLower(SHA256.HashData(pixels));
        Assert.True(isSame || item.GetProperty("format").GetString() is "JPEG" or "WEBP", $"'{picture}' is lossless and decoded otherwise than by the reference.");
        return isSame;
    }

    private static string Named(JsonElement item) => item.GetProperty("file").GetString()!;
}
