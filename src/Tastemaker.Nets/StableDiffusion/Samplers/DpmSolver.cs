using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>
/// DPM-Solver++ (2M) on whole timesteps (Lu et al. 2022, algorithm 2). Follows scheduling_dpmsolver_multistep.py, which ends at timestep 0 and not at a clean
/// image, and drops timesteps that Karras' levels meet twice.
/// </summary>
internal static class DpmSolver
{
    /// <summary>With fewer steps, the last is of first order.</summary>
    private const int FewSteps = 15;

    public static SamplerPlan Plan(NoiseSchedule schedule, int steps, int first, bool isKarras)
    {
        var timesteps = Timesteps(schedule, steps, isKarras);
        if (first >= timesteps.Length)
        {
            throw new ArgumentException($"{steps} steps fall on {timesteps.Length} timesteps, of which the strength leaves none; more of it is wanted.");
        }

        var plan = new List<SamplerStep>();
        for (var i = first; i < timesteps.Length; i++)
        {
            var isLast = i == timesteps.Length - 1;
            plan.Add(Step(schedule, i == first || (isLast && timesteps.Length < FewSteps) ? null : timesteps[i - 1], timesteps[i], isLast ? 0 : timesteps[i + 1]));
        }

        return new(plan, 1, Ddim.StartAt(schedule, timesteps[first]));
    }

    private static int[] Timesteps(NoiseSchedule schedule, int steps, bool isKarras)
    {
        var all = isKarras
            ? Spacing.Rounded(Spacing.Karras(schedule.Sigmas[^1], schedule.Sigmas[0], steps).Select(sigma => Spacing.TimestepAt(sigma, schedule)))
            : Spacing.TimestepsOfOneMore(schedule.Config.Spacing ?? TimestepSpacing.Linspace, steps, schedule.Config);
        return [.. all.Distinct()];
    }

    /// <param name="before">The timestep of the step before, which a step of second order looks at; null at first order.</param>
    private static SamplerStep Step(NoiseSchedule schedule, int? before, int timestep, int end)
    {
        var (alpha, sigma) = Level(schedule, timestep);
        var (endAlpha, endSigma) = Level(schedule, end);
        var clean = endAlpha - (endSigma * alpha / sigma); // −α(e⁻ʰ − 1), h being the step in log α/σ.
        var slope = before is { } last ? clean / 2 * (Lambda(schedule, end) - Lambda(schedule, timestep)) / (Lambda(schedule, timestep) - Lambda(schedule, last)) : 0;
        return new SamplerStep(timestep, Ddim.Prediction(schedule, timestep))
        {
            Latents = (float)(endSigma / sigma),
            Clean = (float)(clean + slope),
            Remembered = before is null ? [] : [(float)-slope],
            Leaves = Memory.Clean,
        };
    }

    private static double Lambda(NoiseSchedule schedule, int timestep)
    {
        var (alpha, sigma) = Level(schedule, timestep);
        return PortableMath.Log(alpha) - PortableMath.Log(sigma);
    }

    private static (double Alpha, double Sigma) Level(NoiseSchedule schedule, int timestep)
    {
        var alphaBar = NoiseSchedule.Divisor(schedule.AlphaBar(timestep));
        return (Math.Sqrt(alphaBar), Math.Sqrt(1 - alphaBar));
    }
}
