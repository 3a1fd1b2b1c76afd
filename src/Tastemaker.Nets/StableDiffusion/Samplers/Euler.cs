namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>
/// Euler's method on levels of noise over an image that keeps its scale (Karras et al. 2022, algorithm 1), and its ancestral twin of k-diffusion. Follows
/// scheduling_euler_discrete.py and scheduling_euler_ancestral_discrete.py.
/// </summary>
internal static class Euler
{
    public static SamplerPlan Plan(NoiseSchedule schedule, int steps, int first, bool isKarras, bool isAncestral)
    {
        var spacing = schedule.Config.Spacing ?? TimestepSpacing.Linspace;
        var (timesteps, sigmas) = Levels(schedule, spacing, steps, isKarras);
        var highest = sigmas[0];
        return new(
            [.. Enumerable.Range(first, steps - first).Select(i => Step(schedule, timesteps[i], sigmas[i], sigmas[i + 1], isAncestral))],
            (float)(spacing == TimestepSpacing.Leading ? Math.Sqrt((highest * highest) + 1) : highest),
            (1, (float)sigmas[first]));
    }

    /// <summary>Timestep and level of each step, and the level 0 at the end.</summary>
    internal static (float[] Timesteps, double[] Sigmas) Levels(NoiseSchedule schedule, TimestepSpacing spacing, int steps, bool isKarras)
    {
        float[] timesteps = [.. Spacing.Timesteps(spacing, steps, schedule.Config).Select(t => (float)t)];
        double[] sigmas = [.. timesteps.Select(t => Spacing.SigmaAt(t, schedule))];
        if (isKarras)
        {
            sigmas = Spacing.Karras(sigmas[0], sigmas[^1], steps);
            timesteps = [.. sigmas.Select(sigma => (float)Spacing.TimestepAt(sigma, schedule))];
        }

        return (timesteps, [.. sigmas, 0]);
    }

    private static SamplerStep Step(NoiseSchedule schedule, float timestep, double sigma, double end, bool isAncestral)
    {
        var added = isAncestral ? Math.Sqrt(end * end * ((sigma * sigma) - (end * end)) / (sigma * sigma)) : 0;
        var reached = Math.Sqrt(Math.Max(0, (end * end) - (added * added)));

        // x + (reached − σ)(x − x₀)/σ
        return new SamplerStep(timestep, Prediction(schedule.Config.Prediction, sigma))
        {
            InputScale = (float)(1 / Math.Sqrt((sigma * sigma) + 1)),
            Latents = (float)(reached / sigma),
            Clean = (float)(1 - (reached / sigma)),
            Noise = (float)added,
        };
    }

    private static (float Latents, float Output) Prediction(PredictionType prediction, double sigma) => prediction == PredictionType.Epsilon
        ? (1, (float)-sigma)
        : ((float)(1 / ((sigma * sigma) + 1)), (float)(-sigma / Math.Sqrt((sigma * sigma) + 1)));
}
