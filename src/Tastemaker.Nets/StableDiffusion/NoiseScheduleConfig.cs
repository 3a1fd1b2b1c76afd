using System.Text.Json;
using System.Text.RegularExpressions;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>How the betas run from the first to the last step of the training.</summary>
public enum BetaCurve
{
    /// <summary>Even steps of their square roots, as all Stable Diffusion was trained.</summary>
    ScaledLinear,
    Linear,

    /// <summary>Nichol and Dhariwal's cosine, <c>squaredcos_cap_v2</c>; it has no first and last beta.</summary>
    SquaredCosine,
}

/// <summary>What the network predicts.</summary>
public enum PredictionType
{
    /// <summary>The noise.</summary>
    Epsilon,

    /// <summary>The velocity of Salimans and Ho: √ᾱ noise − √(1−ᾱ) clean.</summary>
    VPrediction,
}

/// <summary>Which of the training's steps a few sampling steps fall on (Lin et al. 2023, table 2).</summary>
public enum TimestepSpacing
{
    Leading,
    Linspace,
    Trailing,
}

/// <summary>The noise that a checkpoint was trained on, as its <c>scheduler_config.json</c> says it; the defaults are those of Stable Diffusion 1.x.</summary>
public sealed partial record NoiseScheduleConfig
{
    private const int MostTimesteps = 100_000;

    public int TrainTimesteps { get; init; } = 1000;

    public double BetaStart { get; init; } = 0.00085;

    public double BetaEnd { get; init; } = 0.012;

    public BetaCurve BetaCurve { get; init; } = BetaCurve.ScaledLinear;

    /// <summary>The betas themselves, one for each timestep, in place of a curve.</summary>
    public IReadOnlyList<float>? TrainedBetas { get; init; }

    /// <summary>Whether the betas are stretched until the last step is noise alone (Lin et al. 2023, algorithm 1).</summary>
    public bool HasZeroTerminalSnr { get; init; }

    public PredictionType Prediction { get; init; } = PredictionType.Epsilon;

    /// <summary>Null where the file is silent: each sampler then has its own.</summary>
    public TimestepSpacing? Spacing { get; init; }

    /// <summary>Added to leading timesteps. The pipelines of Stable Diffusion have 1, whatever a file leaves out.</summary>
    public int StepsOffset { get; init; } = 1;

    /// <summary>Whether the end of the last step is the clean image, and not the first timestep.</summary>
    public bool EndsClean { get; init; }

    /// <summary>
    /// Reads a <c>scheduler_config.json</c> of diffusers. Clipping and thresholding, which the pipelines of latent diffusion turn off, are not looked at.
    /// </summary>
    /// <exception cref="WeightException">The text is no JSON, or says what cannot be.</exception>
    public static NoiseScheduleConfig FromJson(string json)
    {
        try
        {
            // Python writes numbers that JSON does not have: lambda_min_clipped is −Infinity in every file that names it.
            using var document = JsonDocument.Parse(NoNumber().Replace(json, "null"));
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object ? FromJson(root) : throw Wrong("file", root, "an object");
        }
        catch (JsonException e)
        {
            throw new WeightException($"scheduler_config.json is no JSON: {e.Message}");
        }
    }

    private static NoiseScheduleConfig FromJson(JsonElement root)
    {
        var defaults = new NoiseScheduleConfig();
        var betas = Said(root, "trained_betas") is { } list ? Betas(list) : null;
        return new NoiseScheduleConfig
        {
            TrainTimesteps = Integer(root, "num_train_timesteps", 2, MostTimesteps) ?? betas?.Length ?? defaults.TrainTimesteps,
            BetaStart = Beta(root, "beta_start") ?? defaults.BetaStart,
            BetaEnd = Beta(root, "beta_end") ?? defaults.BetaEnd,
            BetaCurve = Choice(root, "beta_schedule", defaults.BetaCurve,
                ("scaled_linear", BetaCurve.ScaledLinear), ("linear", BetaCurve.Linear), ("squaredcos_cap_v2", BetaCurve.SquaredCosine)),
            TrainedBetas = betas,
            HasZeroTerminalSnr = IsSo(root, "rescale_betas_zero_snr"),
            Prediction = Choice(root, "prediction_type", defaults.Prediction,
                ("epsilon", PredictionType.Epsilon), ("v_prediction", PredictionType.VPrediction)),
            Spacing = Choice<TimestepSpacing?>(root, "timestep_spacing", null,
                ("leading", TimestepSpacing.Leading), ("linspace", TimestepSpacing.Linspace), ("trailing", TimestepSpacing.Trailing)),
            StepsOffset = Integer(root, "steps_offset", 0, MostTimesteps) ?? defaults.StepsOffset,
            EndsClean = IsSo(root, "set_alpha_to_one"),
        };
    }

    private static JsonElement? Said(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static int? Integer(JsonElement root, string name, int least, int most) => Said(root, name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
        : throw Wrong(name, value, $"a whole number of {least} to {most}");

    private static double? Beta(JsonElement root, string name) => Said(root, name) is { } value ? Beta(name, value) : null;

    private static double Beta(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number && value.GetDouble() is > 0 and < 1 and var beta
        ? beta
        : throw Wrong(name, value, "a number between 0 and 1");

    private static float[] Betas(JsonElement list) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() is > 1 and <= MostTimesteps
        ? [.. list.EnumerateArray().Select(value => (float)Beta("trained_betas", value))]
        : throw Wrong("trained_betas", list, $"a list of 2 to {MostTimesteps} numbers");

    private static bool IsSo(JsonElement root, string name) => Said(root, name) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, value, "true or false"),
    };

    private static T Choice<T>(JsonElement root, string name, T other, params (string Name, T Value)[] choices)
    {
        if (Said(root, name) is not { } value)
        {
            return other;
        }

        var chosen = choices.Where(choice => value.ValueKind == JsonValueKind.String && value.ValueEquals(choice.Name)).ToList();
        return chosen.Count == 1 ? chosen[0].Value : throw Wrong(name, value, string.Join(" or ", choices.Select(choice => $"'{choice.Name}'")));
    }

    private static WeightException Wrong(string name, JsonElement value, string wanted)
    {
        var text = value.GetRawText();
        return new($"scheduler_config.json says {name} {(text.Length > 40 ? text[..40] + "…" : text)}; {wanted} is wanted.");
    }

    [GeneratedRegex(@"(?<=[:,\[]\s{0,8})-?(Infinity|NaN)(?=\s{0,8}[,}\]])")]
    private static partial Regex NoNumber();
}
