using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>Which timesteps and levels of noise the steps of a sampler fall on, as numpy computes them for diffusers.</summary>
internal static class Spacing
{
    /// <summary>From the noisiest on; in between of the training's where the spacing is even over its whole length.</summary>
    public static double[] Timesteps(TimestepSpacing spacing, int steps, NoiseScheduleConfig config)
    {
        var train = config.TrainTimesteps;
        return spacing switch
        {
            TimestepSpacing.Leading => [.. Within(Enumerable.Range(0, steps).Select(i => (i * (train / steps)) + config.StepsOffset).Reverse(), steps, config)],
            TimestepSpacing.Linspace => [.. Linspace(train - 1, steps).Reverse()],
            _ => Trailing(steps, train),
        };
    }

    /// <summary>The same, of one step more, the last of which is left out: those of DPM++.</summary>
    public static int[] TimestepsOfOneMore(TimestepSpacing spacing, int steps, NoiseScheduleConfig config)
    {
        var train = config.TrainTimesteps;
        return spacing switch
        {
            TimestepSpacing.Leading =>
                [.. Within(Enumerable.Range(1, steps).Select(i => (i * (train / (steps + 1))) + config.StepsOffset).Reverse(), steps, config).Select(t => (int)t)],
            TimestepSpacing.Linspace => Rounded(Linspace(train - 1, steps + 1).Reverse().Take(steps)),
            _ => Rounded(Trailing(steps, train)),
        };
    }

    /// <summary>To whole timesteps, halves to the even one.</summary>
    public static int[] Rounded(IEnumerable<double> timesteps) => [.. timesteps.Select(t => (int)Math.Round(t))];

    /// <summary>Levels whose seventh roots are even (Karras et al. 2022, equation 5), from the highest on.</summary>
    public static double[] Karras(double highest, double lowest, int steps)
    {
        const double Rho = 7;
        var (high, low) = (PortableMath.Pow(highest, 1 / Rho), PortableMath.Pow(lowest, 1 / Rho));
        return [.. Linspace(1, steps).Select(ramp => PortableMath.Pow(high + (ramp * (low - high)), Rho))];
    }

    /// <summary>The level at a timestep that may lie between two of the training's.</summary>
    public static double SigmaAt(double timestep, NoiseSchedule schedule)
    {
        var sigmas = schedule.Sigmas;
        var below = Math.Min((int)timestep, sigmas.Length - 1);
        return below == sigmas.Length - 1 ? sigmas[below] : sigmas[below] + ((timestep - below) * ((double)sigmas[below + 1] - sigmas[below]));
    }

    /// <summary>The timestep of a level, between those of the training in proportion to its logarithm.</summary>
    public static double TimestepAt(double sigma, NoiseSchedule schedule)
    {
        var sigmas = schedule.Sigmas;
        if (sigmas.Length == 1)
        {
            return 0;
        }

        var found = Array.FindLastIndex(sigmas, s => s <= sigma);
        var below = Math.Clamp(found, 0, sigmas.Length - 2);
        var (low, high) = (PortableMath.Log(sigmas[below]), PortableMath.Log(sigmas[below + 1]));
        return below + Math.Clamp((low - PortableMath.Log(sigma)) / (low - high), 0, 1);
    }

    /// <summary><c>numpy.linspace(0, last, count)</c>; of one number alone, the last.</summary>
    private static double[] Linspace(double last, int count)
    {
        var step = last / Math.Max(1, count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i == count - 1 ? last : i * step)];
    }

    /// <summary><c>numpy.arange(train, 0, -train / steps)</c>, rounded, less one; numpy takes the distance from the first two.</summary>
    private static double[] Trailing(int steps, int train)
    {
        var distance = (train - ((double)train / steps)) - train;
        return [.. Enumerable.Range(0, steps).Select(i => Math.Round(train + (i * distance)) - 1)];
    }

    private static IEnumerable<double> Within(IEnumerable<int> timesteps, int steps, NoiseScheduleConfig config)
    {
        foreach (var timestep in timesteps)
        {
            yield return timestep < config.TrainTimesteps ? timestep : throw new ArgumentException(
                $"{steps} steps with an offset of {config.StepsOffset} reach timestep {timestep}; the network was trained on {config.TrainTimesteps}. Take fewer steps.");
        }
    }
}
