using System.Text.Json;
using System.Text.Json.Serialization;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Core.Painting;

/// <summary>All that decides one picture, but the checkpoint. The same request gives the same picture, whatever else is painted with it.</summary>
public sealed record PaintRequest
{
    /// <summary>Longer sides are no picture that a Stable Diffusion was trained on, by far.</summary>
    public const int MostSide = 4096;

    private const double MostGuidance = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>With the web UI's emphasis, <c>(word:1.2)</c>, and of any length.</summary>
    public required string Prompt { get; init; }

    public string Negative { get; init; } = "";

    public ulong Seed { get; init; }

    /// <summary>In pixels; a multiple of 8.</summary>
    public int Width { get; init; } = 512;

    /// <summary>In pixels; a multiple of 8.</summary>
    public int Height { get; init; } = 512;

    /// <summary>How far the prediction is moved from the negative prompt's to the prompt's; 1 leaves the negative prompt out, and takes half the time.</summary>
    public double Guidance { get; init; } = 7;

    public SamplerSettings Sampler { get; init; } = new() { IsKarras = true };

    /// <summary>1 for the text encoder's state that the UNet was trained with, 2 for the one before.</summary>
    public int ClipSkip { get; init; } = 1;

    public NoiseSource Noise { get; init; }

    /// <summary>A picture to start from, made as large as this one is to be; null to start from noise. How much of it is painted anew says <see cref="SamplerSettings.Strength"/>.</summary>
    public string? Start { get; init; }

    /// <exception cref="PaintException">The text is none that <see cref="ToJson"/> gives.</exception>
    public static PaintRequest FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<PaintRequest>(json, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new PaintException($"a request is no JSON of one: {e.Message}", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Whether both can be painted step by step together: only prompts and seeds differ.</summary>
    public bool GoesWith(PaintRequest other) => this with { Prompt = "", Negative = "", Seed = 0 } == other with { Prompt = "", Negative = "", Seed = 0 };

    /// <param name="multiple">That the checkpoint's autoencoder wants of both sides.</param>
    /// <exception cref="PaintException">A setting is out of its range.</exception>
    internal void Demand(int multiple)
    {
        Side("width", Width);
        Side("height", Height);
        Require(Guidance is >= 1 and <= MostGuidance, $"guidance {Guidance} is asked for; 1 to {MostGuidance} is wanted.");
        Require(Start is not null || Sampler.Strength == 1, $"strength {Sampler.Strength} is asked for without a picture to start from; name one, or leave the strength out.");

        void Side(string name, int pixels) => Require(pixels >= multiple && pixels <= MostSide && pixels % multiple == 0,
            $"a {name} of {pixels} pixels is asked for; a multiple of {multiple} is wanted, {multiple} to {MostSide}{Nearest(pixels)}.");

        string Nearest(int pixels) => pixels > multiple && pixels < MostSide ? $", such as {pixels / multiple * multiple}" : "";
    }

    /// <exception cref="PaintException">The sampler does not have such settings, or not with such a schedule.</exception>
    internal Sampler NewSampler(NoiseSchedule schedule)
    {
        try
        {
            return new(Sampler, schedule);
        }
        catch (ArgumentException e)
        {
            throw new PaintException(e.Message, e);
        }
    }

    internal INoise NewNoise() => Noise == NoiseSource.Gpu ? new PhiloxNoise(Seed) : new TorchNoise(Seed);

    private static void Require(bool isSo, string message)
    {
        if (!isSo)
        {
            throw new PaintException(message);
        }
    }
}

/// <summary>Which of torch's generators a seed is for; one seed gives another picture on each.</summary>
public enum NoiseSource
{
    /// <summary>CUDA's, which seeds of A1111 are for unless their infotext says otherwise.</summary>
    Gpu,

    /// <summary>The processor's, which seeds of ComfyUI and of most scripts are for.</summary>
    Cpu,
}
