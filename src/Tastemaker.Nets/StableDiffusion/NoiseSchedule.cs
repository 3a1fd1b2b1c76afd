using Tastemaker.Nets.Numerics;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// How much of a clean image is left at each timestep of the training, in single precision and to the bit as diffusers has it (<c>betas</c> and
/// <c>alphas_cumprod</c> of its schedulers on an x64 processor).
/// </summary>
public sealed class NoiseSchedule
{
    /// <summary>The least that diffusers leaves of an image where a division needs some, 2⁻²⁴.</summary>
    private const double LeastAlphaBar = 1.0 / (1 << 24);

    private readonly float[] _betas;
    private readonly float[] _alphaBars;

    /// <exception cref="WeightException">The config contradicts itself.</exception>
    public NoiseSchedule(NoiseScheduleConfig config)
    {
        if (config.TrainedBetas is { } betas && betas.Count != config.TrainTimesteps)
        {
            throw new WeightException($"the scheduler's config has {betas.Count} trained betas for {config.TrainTimesteps} timesteps; one for each is wanted.");
        }

        if (config is { HasZeroTerminalSnr: true, Prediction: PredictionType.Epsilon })
        {
            throw new WeightException("the scheduler's config has betas without terminal signal and predicts noise, from which no image follows where all is noise; v_prediction is wanted.");
        }

        Config = config;
        _betas = BetasOf(config);
        _betas = config.HasZeroTerminalSnr ? WithZeroTerminalSnr(_betas) : _betas;
        _alphaBars = Cumulated(_betas);
        Sigmas = [.. _alphaBars.Select(a => (float)Divisor(a)).Select(a => MathF.Sqrt((1 - a) / a))];
        if (Sigmas[0] == 0)
        {
            throw new WeightException($"the scheduler's config begins with a beta of {_betas[0]}, which single precision cannot tell from 0; a larger one is wanted.");
        }
    }

    public NoiseScheduleConfig Config { get; }

    /// <summary>The variance of the noise that each timestep adds.</summary>
    public IReadOnlyList<float> Betas => _betas;

    /// <summary>ᾱ: the share of a clean image in the variance at each timestep.</summary>
    public IReadOnlyList<float> AlphasCumprod => _alphaBars;

    /// <summary>Noise over image at each timestep, √((1−ᾱ)/ᾱ), rising.</summary>
    internal float[] Sigmas { get; }

    /// <summary>√ᾱ clean + √(1−ᾱ) noise: what the network saw at a timestep of its training.</summary>
    public void AddNoise(ReadOnlySpan<float> clean, ReadOnlySpan<float> noise, int timestep, Span<float> noisy)
    {
        var alphaBar = AlphaBar(timestep);
        Blend.Set(noisy, (float)Math.Sqrt(alphaBar), clean, (float)Math.Sqrt(1 - alphaBar), noise);
    }

    /// <summary>√ᾱ noise − √(1−ᾱ) clean: what v-prediction predicts.</summary>
    public void Velocity(ReadOnlySpan<float> clean, ReadOnlySpan<float> noise, int timestep, Span<float> velocity)
    {
        var alphaBar = AlphaBar(timestep);
        Blend.Set(velocity, (float)Math.Sqrt(alphaBar), noise, -(float)Math.Sqrt(1 - alphaBar), clean);
    }

    internal double AlphaBar(int timestep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(timestep);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(timestep, _alphaBars.Length);
        return _alphaBars[timestep];
    }

    /// <summary>ᾱ after a step that ends at a timestep, or before the first.</summary>
    internal double AlphaBarAfter(int timestep) => timestep >= 0 ? _alphaBars[timestep] : Config.EndsClean ? 1 : _alphaBars[0];

    /// <summary>ᾱ where it divides.</summary>
    internal static double Divisor(double alphaBar) => Math.Max(alphaBar, LeastAlphaBar);

    private static float[] BetasOf(NoiseScheduleConfig config) => config switch
    {
        { TrainedBetas: { } betas } => [.. betas],
        { BetaCurve: BetaCurve.ScaledLinear } =>
            [.. Linspace((float)Math.Sqrt(config.BetaStart), (float)Math.Sqrt(config.BetaEnd), config.TrainTimesteps).Select(root => root * root)],
        { BetaCurve: BetaCurve.Linear } => Linspace((float)config.BetaStart, (float)config.BetaEnd, config.TrainTimesteps),
        _ => SquaredCosine(config.TrainTimesteps),
    };

    /// <summary>
    /// <c>torch.linspace</c>, counted from either end to the middle. torch computes eight at a time from the first of them, in one rounding; what does not fill
    /// sixteen comes one by one.
    /// </summary>
    private static float[] Linspace(float start, float end, int count)
    {
        const int Lanes = 8;
        var values = new float[count];
        var step = (end - start) / (count - 1);
        var whole = count / (2 * Lanes) * (2 * Lanes);
        for (var i = 0; i < count; i++)
        {
            var first = i < whole ? i / Lanes * Lanes : i;
            var at = first < count / 2 ? MathF.FusedMultiplyAdd(step, first, start) : MathF.FusedMultiplyAdd(-step, count - first - 1, end);
            values[i] = at + (step * (i - first));
        }

        return values;
    }

    private static float[] SquaredCosine(int count)
    {
        const double MostBeta = 0.999;
        return [.. Enumerable.Range(0, count).Select(i => (float)Math.Min(1 - (Left(i + 1) / Left(i)), MostBeta))];

        double Left(int i)
        {
            var cos = PortableMath.Turn((((double)i / count) + 0.008) / 1.008 / 4).Cos;
            return cos * cos;
        }
    }

    private static float[] WithZeroTerminalSnr(float[] betas)
    {
        float[] roots = [.. Cumulated(betas).Select(MathF.Sqrt)];
        var (first, last) = (roots[0], roots[^1]);
        float[] alphaBars = [.. roots.Select(root => (root - last) * (first / (first - last))).Select(root => root * root)];
        return [.. alphaBars.Select((alphaBar, i) => 1 - (i == 0 ? alphaBar : alphaBar / alphaBars[i - 1]))];
    }

    /// <summary><c>torch.cumprod</c> of 1 − β, which sums up in double precision.</summary>
    private static float[] Cumulated(float[] betas)
    {
        var product = 1.0;
        return [.. betas.Select(beta => (float)(product *= 1 - beta))];
    }
}
