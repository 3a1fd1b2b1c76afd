using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tastemaker.Core.Models;

/// <summary>The models this program knows where to fetch, and the feature spaces it knows by name.</summary>
public sealed record ModelManifest(IReadOnlyList<KnownSpace> Spaces, IReadOnlyList<KnownModel> Models)
{
    private static readonly Lazy<ModelManifest> TheBuiltIn = new(Load);

    /// <summary>The one in the program, <c>manifest.json</c>.</summary>
    public static ModelManifest BuiltIn => TheBuiltIn.Value;

    public KnownModel? Find(string name) => Models.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The space of that name, or that carries it as an alias (<c>ViT-L/14</c>).</summary>
    public KnownSpace? FindSpace(string name) =>
        Spaces.FirstOrDefault(s => s.Aliases.Prepend(s.Name).Contains(name, StringComparer.OrdinalIgnoreCase));

    internal KnownModel? FindByWeights(string sha256) =>
        Models.FirstOrDefault(m => m.SameWeights.Append(m.Weights.Sha256).Contains(sha256));

    internal KnownSpace? FindSpaceByWeights(string sha256) => Spaces.FirstOrDefault(s => s.Weights.Contains(sha256));

    internal FeatureSpace SpaceOf(KnownModel model) => new(model.Space, Spaces.First(s => s.Name == model.Space).Dimensions);

    private static ModelManifest Load()
    {
        using var json = typeof(ModelManifest).Assembly.GetManifestResourceStream("Tastemaker.Core.Models.manifest.json")!;
        return JsonSerializer.Deserialize<ModelManifest>(json, ModelJson.Options)!;
    }
}

/// <summary>A feature space with a name.</summary>
/// <param name="Aliases">Other systems' names for the encoder that makes it.</param>
/// <param name="Tower">The size of that encoder, by which weights under its name are checked.</param>
/// <param name="Weights">SHA-256 of published files that hold that encoder.</param>
public sealed record KnownSpace(
    string Name, int Dimensions, IReadOnlyList<string> Aliases, VisionTower Tower, IReadOnlyList<string> Weights);

/// <param name="Positions">Patches of one image and the class token.</param>
public sealed record VisionTower(int Width, int Layers, int Patch, int Positions);

/// <summary>A model that can be fetched.</summary>
/// <param name="Home">The page that describes it.</param>
public sealed record KnownModel(
    string Name, ModelKind Kind, string Space, string Description, string Licence, string Home, string Layout,
    IReadOnlyList<KnownFile> Files)
{
    /// <summary>The name of the file that holds the weights; it lands with the extension of the address that gave it.</summary>
    public const string WeightsFile = "weights";

    /// <summary>The score from which its authors call an image good.</summary>
    public double? Threshold { get; init; }

    /// <summary>SHA-256 of other published files with the same tensors.</summary>
    public IReadOnlyList<string> SameWeights { get; init; } = [];

    [JsonIgnore]
    public KnownFile Weights => Files.First(f => f.Name == WeightsFile);
}

/// <summary>A file of a model that can be fetched.</summary>
/// <param name="Addresses">Tried in order; the next one where a server says that it has no such file.</param>
public sealed record KnownFile(string Name, IReadOnlyList<Uri> Addresses)
{
    /// <summary>In bytes; null where the publisher does not say.</summary>
    public long? Size { get; init; }

    /// <summary>In lower-case hex; null where the publisher names none, and the first download is recorded instead.</summary>
    public string? Sha256 { get; init; }

    /// <summary>More than this is not fetched: the size, else what a file of its sort can reasonably have.</summary>
    [JsonIgnore]
    internal long Limit => Size ?? (Name == KnownModel.WeightsFile ? 16L << 30 : 64L << 20);

    internal string NameFrom(Uri address) =>
        Name == KnownModel.WeightsFile ? Name + Path.GetExtension(address.AbsolutePath).ToLowerInvariant() : Name;
}

internal static class ModelJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
