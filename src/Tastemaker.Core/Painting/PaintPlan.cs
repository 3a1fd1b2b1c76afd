using System.Text.Json;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.Core.Painting;

/// <summary>How the requests of a run are painted, and which pictures are kept.</summary>
public sealed record PaintPlan
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };

    /// <summary>The full path of the checkpoint.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The full path of the folder for the pictures.</summary>
    public required string Folder { get; init; }

    /// <summary>What <see cref="PaintNames.Parse"/> reads.</summary>
    public string Names { get; init; } = PaintNames.Default;

    /// <summary>f32, f16 or int8.</summary>
    public string Precision { get; init; } = "f32";

    /// <summary>One of <see cref="Core.Models.Device.Names"/>.</summary>
    public string Device { get; init; } = Core.Models.Device.Auto;

    /// <summary>What prompts are drawn towards; null for nothing.</summary>
    public AestheticPlan? Aesthetic { get; init; }

    /// <summary>Pictures painted at once.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Whether pictures are scored where <see cref="Models"/> names nobody: by all heads that take the encoder's vectors.</summary>
    public bool IsScored { get; init; }

    /// <summary>Heads and tastes that score; the first decides.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Null for the one that fits the heads.</summary>
    public string? Encoder { get; init; }

    /// <summary>The raw score from which a picture is kept; null keeps all.</summary>
    public double? Above { get; init; }

    /// <summary>So many kept pictures are enough; null paints all requests.</summary>
    public int? Until { get; init; }

    /// <summary>The share of pictures that would have passed which may be lost by stopping hopeless ones early; null stops none.</summary>
    public double? Prune { get; init; }

    /// <exception cref="PaintException">The text is none that <see cref="ToJson"/> gives.</exception>
    public static PaintPlan FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<PaintPlan>(json, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new PaintException($"a plan is no JSON of one: {e.Message}", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <param name="Name">Of an aesthetic of the studio, or the full path of a file.</param>
public sealed record AestheticPlan(string Name, bool IsFile, AestheticSettings Settings)
{
    /// <summary>What the hash of the vector begins with, where it must be a certain one.</summary>
    public string? Hash { get; init; }

    /// <exception cref="ModelException">It is not there, or another vector has its name.</exception>
    public AestheticTarget Target(ModelStore models)
    {
        if (IsFile)
        {
            return AestheticTarget.OfFile(Name);
        }

        var target = AestheticTarget.Open(models, Name);
        return Hash is null || target.Hash.StartsWith(Hash, StringComparison.OrdinalIgnoreCase) ? target
            : throw new ModelException($"the aesthetic '{target.Name}' that is here has the hash {target.Hash[..Math.Min(Hash.Length, target.Hash.Length)]}; the one with {Hash} is wanted.");
    }
}
