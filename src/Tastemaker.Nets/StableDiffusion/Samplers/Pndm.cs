namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>
/// Pseudo linear multistep (Liu et al. 2022), that is PLMS. Follows scheduling_pndm.py with <c>skip_prk_steps</c>. The first step is taken twice, the second
/// time with the mean of the outputs at its two ends. From an image, the first of the steps left is; diffusers takes that of all steps.
/// </summary>
internal static class Pndm
{
    /// <summary>Adams and Bashforth's weights of the output at hand and of those before it, by how many there are before it.</summary>
    private static readonly double[][] Weights =
    [
        [1],
        [3.0 / 2, -1.0 / 2],
        [23.0 / 12, -16.0 / 12, 5.0 / 12],
        [55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24],
    ];

    public static SamplerPlan Plan(NoiseSchedule schedule, int steps, int first)
    {
        var timesteps = Spacing.Rounded(Spacing.Timesteps(schedule.Config.Spacing ?? TimestepSpacing.Leading, steps, schedule.Config))[first..];
        var distance = schedule.Config.TrainTimesteps / steps;
        var plan = new List<SamplerStep>();
        for (var i = 0; i < timesteps.Length; i++)
        {
            var (timestep, weights) = (timesteps[i], Weights[Math.Min(i, Weights.Length - 1)]);
            var (latents, output) = Transfer(schedule, timestep, timestep - distance);
            plan.Add(new SamplerStep(timestep, Ddim.Prediction(schedule, timestep))
            {
                Latents = (float)latents,
                Output = (float)(weights[0] * output),
                Remembered = [.. weights[1..].Select(weight => (float)(weight * output))],
                Leaves = Memory.Output,
            });

            if (i == 0 && timesteps.Length > 1)
            {
                plan.Add(Again(schedule, timesteps[1], (float)(output / 2)));
            }
        }

        return new(plan, 1, Ddim.StartAt(schedule, timesteps[0]));
    }

    /// <summary>What the first step became, with half of its output exchanged for the one at its end.</summary>
    private static SamplerStep Again(NoiseSchedule schedule, int end, float half) =>
        new(end, Ddim.Prediction(schedule, end)) { Latents = 1, Output = half, Remembered = [-half] };

    /// <summary>From one timestep to another along an output (equation 9, rearranged to be exact where the two are close).</summary>
    private static (double Latents, double Output) Transfer(NoiseSchedule schedule, int timestep, int end)
    {
        var (alphaBar, after) = (NoiseSchedule.Divisor(schedule.AlphaBar(timestep)), schedule.AlphaBarAfter(end));
        var latents = Math.Sqrt(after / alphaBar);
        var output = -(after - alphaBar) / ((alphaBar * Math.Sqrt(1 - after)) + Math.Sqrt(alphaBar * (1 - alphaBar) * after));
        return schedule.Config.Prediction == PredictionType.Epsilon
            ? (latents, output)
            : (latents + (output * Math.Sqrt(1 - alphaBar)), output * Math.Sqrt(alphaBar)); // The noise of a velocity is √ᾱ v + √(1−ᾱ) x.
    }
}
