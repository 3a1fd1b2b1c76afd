using System.Globalization;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.Core.Painting;

/// <summary>
/// What a painted file says of how it was made, in the form of AUTOMATIC1111's web UI, from which the same picture can be painted again; and a request from
/// what any generator wrote.
/// </summary>
public static class PaintInfotext
{
    private const string ClipSkip = "Clip skip", Eta = "Eta DDIM", Rng = "RNG", Strength = "Denoising strength";

    /// <param name="model">The checkpoint's name.</param>
    /// <param name="modelHash">The first ten digits of its SHA-256.</param>
    /// <param name="more">Further settings, such as those of an aesthetic.</param>
    public static Infotext Of(PaintRequest request, string model, string modelHash, IReadOnlyList<KeyValuePair<string, string>> more)
    {
        var sampler = request.Sampler;
        (string Name, string? Value)[] settings =
        [
            ("Steps", Number(sampler.Steps)),
            ("Sampler", sampler.Method.Title()),
            ("Schedule type", SamplerNames.Schedule(sampler)),
            ("CFG scale", Number(request.Guidance)),
            ("Seed", Number(request.Seed)),
            ("Size", $"{Number(request.Width)}x{Number(request.Height)}"),
            ("Model hash", modelHash),
            ("Model", model),
            (Strength, request.Start is null ? null : Number(sampler.Strength)),
            (ClipSkip, request.ClipSkip > 1 ? Number(request.ClipSkip) : null),
            ("Init image hash", request.Start is { } start ? Convert.ToHexStringLower(ContentId.Of(start))[..10] : null),
            (Eta, sampler.Eta > 0 ? Number(sampler.Eta) : null),
            (Rng, request.Noise == NoiseSource.Cpu ? "CPU" : null),
        ];
        return new(request.Prompt, request.Negative,
        [
            .. settings.Where(setting => setting.Value is not null).Select(setting => new KeyValuePair<string, string>(setting.Name, setting.Value!)),
            .. more,
            new("Version", WebUi.Own),
        ]);
    }

    /// <summary>What a picture says that it was made by; null where it says nothing.</summary>
    /// <exception cref="ImageException">The file cannot be read.</exception>
    /// <exception cref="PaintException">It names a sampler that is not here, or a number that is none.</exception>
    public static PaintedAs? OfFile(string path) => GenerationInfo.Of(path) is { } made ? new(Read(made), ReadAesthetic(made)) : null;

    /// <summary>The request that a picture was made by, as far as its settings are known here; the picture that it started from is not among them.</summary>
    /// <exception cref="PaintException">It names a sampler that is not here, or a number that is none.</exception>
    public static PaintRequest Read(GenerationInfo made)
    {
        var plain = new PaintRequest { Prompt = made.Prompt };
        var sampler = made.Sampler is { } name ? SamplerNames.Parse(name, made.Scheduler) : plain.Sampler;
        return plain with
        {
            Negative = made.NegativePrompt,
            Seed = made.Seed ?? plain.Seed,
            Width = made.Width ?? plain.Width,
            Height = made.Height ?? plain.Height,
            Guidance = made.CfgScale ?? plain.Guidance,
            Sampler = sampler with { Steps = made.Steps ?? sampler.Steps, Eta = Said(Eta) ?? 0 },
            ClipSkip = Said(ClipSkip) is { } skip ? (int)Math.Clamp(skip, 1, int.MaxValue) : 1,
            Noise = made.Settings.Any(setting => setting.Key == Rng && setting.Value == "CPU") ? NoiseSource.Cpu : NoiseSource.Gpu,
        };

        double? Said(string setting) => SaidNumber(made, setting);
    }

    /// <summary>What the prompt of a picture was drawn towards, in the words of <see cref="AestheticSettings.Infotext"/>; null for nothing.</summary>
    /// <exception cref="PaintException">A number or a hash is none.</exception>
    public static AestheticPlan? ReadAesthetic(GenerationInfo made)
    {
        var plain = AestheticSettings.Default;
        return Said(made, "Aesthetic embedding") is not { } name || name == "None" ? null : new(name, IsFile: false, plain with
        {
            Steps = (int)Math.Clamp(SaidNumber(made, "Aesthetic steps") ?? plain.Steps, int.MinValue, int.MaxValue),
            LearningRate = SaidNumber(made, "Aesthetic LR") ?? plain.LearningRate,
            Weight = SaidNumber(made, "Aesthetic weight") ?? plain.Weight,
            Slerp = Is("Aesthetic slerp", "True"),
            Text = Said(made, "Aesthetic text") is { Length: > 0 } text ? text : null,
            Angle = SaidNumber(made, "Aesthetic slerp angle") ?? plain.Angle,
            IsNegative = Is("Aesthetic text negative", "True"),
            Encoder = Is("Aesthetic encoder", "stock") ? DrawnEncoder.Stock : DrawnEncoder.Own,
            IsCompatible = Is("Aesthetic compat", "True"),
        })
        {
            Hash = SaidHash(made, "Aesthetic embedding hash"),
        };

        bool Is(string setting, string value) => Said(made, setting) == value;
    }

    private static string? Said(GenerationInfo made, string setting) => made.Settings.LastOrDefault(said => said.Key == setting).Value;

    private static double? SaidNumber(GenerationInfo made, string setting) => Said(made, setting) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new PaintException($"{setting} is '{text}'; a number is wanted.");

    private static string? SaidHash(GenerationInfo made, string setting) => Said(made, setting) is not { } text ? null
        : text.Length is > 0 and <= 64 && text.All(char.IsAsciiHexDigit) ? text
        : throw new PaintException($"{setting} is '{text}'; hexadecimal digits are wanted, 64 at most.");

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>What a picture was painted by, but for the checkpoint.</summary>
/// <param name="Aesthetic">What its prompt was drawn towards; null for nothing.</param>
public sealed record PaintedAs(PaintRequest Request, AestheticPlan? Aesthetic);
