namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>
/// Latent consistency models' sampling (Luo et al. 2023, algorithm 3): the network jumps to the clean image, and noise brings it back to the next level. Follows
/// scheduling_lcm.py.
/// </summary>
internal static class Lcm
{
    /// <summary>The steps of the distillation, a few of which the sampler takes (<c>original_inference_steps</c>).</summary>
    private const int DistilledSteps = 50;

    /// <summary>Of the boundary condition: at timestep 0 the network's answer is its input.</summary>
    private const double DataDeviation = 0.5;
    private const double TimestepScaling = 10;

    public static SamplerPlan Plan(NoiseSchedule schedule, int steps, int first)
    {
        var distance = schedule.Config.TrainTimesteps / DistilledSteps;
        if (steps > DistilledSteps || distance == 0)
        {
            throw new ArgumentException(
                $"{steps} steps of {schedule.Config.TrainTimesteps} timesteps are asked for; LCM takes {DistilledSteps} steps at most, of as many timesteps or more.");
        }

        int[] timesteps = [.. Enumerable.Range(0, steps).Select(i => ((DistilledSteps - (int)(i * ((double)DistilledSteps / steps))) * distance) - 1)];
        return new(
            [.. Enumerable.Range(first, steps - first).Select(i => Step(schedule, timesteps[i], i == steps - 1 ? null : timesteps[i + 1]))],
            1,
            Ddim.StartAt(schedule, timesteps[first]));
    }

    private static SamplerStep Step(NoiseSchedule schedule, int timestep, int? next)
    {
        var scaled = timestep * TimestepScaling;
        var square = (scaled * scaled) + (DataDeviation * DataDeviation);
        var (skip, jump) = (DataDeviation * DataDeviation / square, scaled / Math.Sqrt(square));
        var (latents, output) = Ddim.Prediction(schedule, timestep);
        var after = next is { } t ? schedule.AlphaBar(t) : 1;
        return new SamplerStep(timestep, ((float)((jump * latents) + skip), (float)(jump * output)))
        {
            Clean = (float)Math.Sqrt(after),
            Noise = (float)Math.Sqrt(1 - after),
        };
    }
}
