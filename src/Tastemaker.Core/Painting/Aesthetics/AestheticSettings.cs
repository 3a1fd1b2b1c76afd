using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tastemaker.Core.Models;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>Which text encoder is drawn towards the aesthetic.</summary>
public enum DrawnEncoder
{
    /// <summary>The checkpoint's own, so that what its training added stays.</summary>
    Own,

    /// <summary>The CLIP that it was made from, as both originals take it.</summary>
    Stock,
}

/// <summary>
/// How far and in which way a prompt is drawn towards an aesthetic. Steps and learning rate mean what they do in
/// vicgalle/stable-diffusion-aesthetic-gradients, the others what they do in AUTOMATIC1111/stable-diffusion-webui-aesthetic-gradients.
/// </summary>
public sealed record AestheticSettings
{
    /// <summary>What the extension's slider ends at is 50; more never helped, and far more would only take time.</summary>
    public const int MostSteps = 1000;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static readonly AestheticSettings Default = new();

    public int Steps { get; init; } = 10;

    public double LearningRate { get; init; } = 1e-4;

    /// <summary>How much of the drawn encoder's states there is in what the UNet reads: 0 none, 1 all.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Whether weights turn a token's state from the plain one to the drawn one along an arc, instead of mixing the two.</summary>
    public bool Slerp { get; init; }

    /// <summary>Turns the aesthetic towards a text; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>How far: 0 not at all, 1 to the text itself.</summary>
    public double Angle { get; init; } = 0.1;

    /// <summary>Whether the aesthetic is turned away from the text instead.</summary>
    public bool IsNegative { get; init; }

    public DrawnEncoder Encoder { get; init; }

    /// <summary>
    /// Whether the extension's faults are repeated where they gave numbers: a text as long as it comes, against an aesthetic of length 1; arcs over the
    /// tokens of each channel instead of the channels of each token; the negative prompt drawn as well, and the empty one.
    /// </summary>
    public bool IsCompatible { get; init; }

    /// <summary>Whether anything is drawn at all.</summary>
    [JsonIgnore]
    public bool IsActive => Steps > 0 && LearningRate > 0 && Weight > 0;

    /// <exception cref="ModelException">A setting is out of its range.</exception>
    public AestheticSettings Checked()
    {
        Require(Steps is >= 0 and <= MostSteps, "steps", Steps, $"0 to {MostSteps}");
        Require(double.IsFinite(LearningRate) && LearningRate is >= 0 and <= 1, "learning rate", LearningRate, "0 to 1; 0.0001 is usual");
        Require(Weight is >= 0 and <= 1, "weight", Weight, "0 to 1");
        Require(Angle is >= 0 and <= 1, "angle", Angle, "0 to 1");
        return this;

        static void Require(bool holds, string what, double value, string wanted)
        {
            if (!holds)
            {
                throw new ModelException(string.Create(CultureInfo.InvariantCulture, $"the aesthetic's {what} is {value}; it can be {wanted}."));
            }
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <exception cref="ModelException">It is not what <see cref="ToJson"/> writes, or a setting is out of its range.</exception>
    public static AestheticSettings FromJson(string json)
    {
        try
        {
            return (JsonSerializer.Deserialize<AestheticSettings>(json, Format) ?? throw new ModelException("the aesthetic's settings are 'null'; an object is wanted.")).Checked();
        }
        catch (JsonException e)
        {
            throw new ModelException($"the aesthetic's settings cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What the extension writes into infotext, under its keys, and what is ours where it is not as in the extension.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Infotext(AestheticTarget target)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new("Aesthetic LR", Number(LearningRate)), new("Aesthetic weight", Number(Weight)), new("Aesthetic steps", Number(Steps)),
            new("Aesthetic embedding", target.Name), new("Aesthetic embedding hash", target.Hash[..10]), new("Aesthetic slerp", Flag(Slerp)),
        };
        if (Text is not null)
        {
            fields.AddRange([new("Aesthetic text", Text), new("Aesthetic text negative", Flag(IsNegative)), new("Aesthetic slerp angle", Number(Angle))]);
        }

        fields.Add(new("Aesthetic encoder", Encoder == DrawnEncoder.Own ? "own" : "stock"));
        if (IsCompatible)
        {
            fields.Add(new("Aesthetic compat", Flag(true)));
        }

        return fields;

        static string Number(double value) => value.ToString("0.################", CultureInfo.InvariantCulture);

        static string Flag(bool value) => value ? "True" : "False";
    }
}
