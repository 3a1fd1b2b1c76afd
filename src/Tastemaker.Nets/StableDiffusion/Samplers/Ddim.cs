namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>Denoising diffusion implicit models (Song et al. 2020, equation 12). Follows scheduling_ddim.py.</summary>
internal static class Ddim
{
    public static SamplerPlan Plan(NoiseSchedule schedule, int steps, int first, double eta)
    {
        var timesteps = Spacing.Rounded(Spacing.Timesteps(schedule.Config.Spacing ?? TimestepSpacing.Leading, steps, schedule.Config));
        var distance = schedule.Config.TrainTimesteps / steps;
        return new([.. timesteps[first..].Select(t => Step(schedule, t, t - distance, eta))], 1, StartAt(schedule, timesteps[first]));
    }

    /// <summary>√ᾱ of an image and √(1−ᾱ) of noise.</summary>
    public static (float Image, float Noise) StartAt(NoiseSchedule schedule, int timestep) =>
        ((float)Math.Sqrt(schedule.AlphaBar(timestep)), (float)Math.Sqrt(1 - schedule.AlphaBar(timestep)));

    /// <summary>The clean image behind an output: (x − √(1−ᾱ) ε)/√ᾱ of noise, √ᾱ x − √(1−ᾱ) v of velocity.</summary>
    public static (float Latents, float Output) Prediction(NoiseSchedule schedule, int timestep)
    {
        var alphaBar = schedule.AlphaBar(timestep);
        var (signal, noise, divisor) = (Math.Sqrt(alphaBar), Math.Sqrt(1 - alphaBar), Math.Sqrt(NoiseSchedule.Divisor(alphaBar)));
        return schedule.Config.Prediction == PredictionType.Epsilon
            ? ((float)(1 / divisor), (float)(-noise / divisor))
            : ((float)signal, (float)-noise);
    }

    private static SamplerStep Step(NoiseSchedule schedule, int timestep, int end, double eta)
    {
        var (alphaBar, after) = (schedule.AlphaBar(timestep), schedule.AlphaBarAfter(end));
        var variance = (1 - after) / (1 - alphaBar) * (1 - (alphaBar / after));
        var added = eta * Math.Sqrt(Math.Max(0, variance));

        // The noise left is that of the latents, (x − √ᾱ x₀)/√(1−ᾱ), which makes the step a sum of x and x₀.
        var left = Math.Sqrt(Math.Max(0, 1 - after - (added * added))) / Math.Sqrt(1 - alphaBar);
        return new SamplerStep(timestep, Prediction(schedule, timestep))
        {
            Latents = (float)left,
            Clean = (float)(Math.Sqrt(after) - (left * Math.Sqrt(alphaBar))),
            Noise = (float)added,
        };
    }
}
