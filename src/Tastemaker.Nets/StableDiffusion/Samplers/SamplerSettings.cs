namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>How noise becomes an image, step by step.</summary>
public enum SamplerMethod
{
    /// <summary>Song et al. 2020.</summary>
    Ddim,

    /// <summary>Liu et al. 2022, without its Runge-Kutta steps, and PLMS of the first Stable Diffusion: one method. It calls the network once more than it has steps.</summary>
    Pndm,
    Euler,

    /// <summary>Euler's step to a lower level than the next, and noise up to it.</summary>
    EulerAncestral,

    /// <summary>The multistep solver of second order, on the data, of Lu et al. 2022.</summary>
    DpmPlusPlus2M,

    /// <summary>Few steps, for networks distilled to consistency (Luo et al. 2023).</summary>
    Lcm,
}

/// <summary>A choice of sampler; what it needs to know of the checkpoint is in <see cref="NoiseScheduleConfig"/>.</summary>
public sealed record SamplerSettings
{
    public SamplerMethod Method { get; init; } = SamplerMethod.DpmPlusPlus2M;

    public int Steps { get; init; } = 20;

    /// <summary>Whether the levels of noise are those of Karras et al. 2022. Of Euler, Euler ancestral and DPM++ 2M only.</summary>
    public bool IsKarras { get; init; }

    /// <summary>Of DDIM only: 0 adds no noise on the way, 1 as much as the training's own way back.</summary>
    public double Eta { get; init; }

    /// <summary>Of an image to start from, how much is painted anew: the last ⌊Steps × Strength⌋ of the steps. 1 takes them all.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>Of all the steps, how many an image to start from leaves out.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    internal int FirstStep()
    {
        Require(Steps >= 1, $"{Steps} steps are asked for; 1 or more are wanted.");
        Require(Eta is >= 0 and <= 1, $"eta {Eta} is asked for; 0 to 1 is wanted.");
        Require(Eta == 0 || Method == SamplerMethod.Ddim, $"eta {Eta} is asked for, which {Method} does not have; only {SamplerMethod.Ddim} does.");
        Require(!IsKarras || Method is SamplerMethod.Euler or SamplerMethod.EulerAncestral or SamplerMethod.DpmPlusPlus2M,
            $"{Method} has no Karras levels of noise; {SamplerMethod.Euler}, {SamplerMethod.EulerAncestral} and {SamplerMethod.DpmPlusPlus2M} do.");
        Require(Strength is > 0 and <= 1, $"strength {Strength} is asked for; more than 0 and 1 at most is wanted.");
        var taken = (int)(Steps * Strength);
        Require(taken >= 1, $"strength {Strength} leaves none of {Steps} steps; more of either is wanted.");
        return Steps - taken;
    }

    private static void Require(bool isSo, string message)
    {
        if (!isSo)
        {
            throw new ArgumentException(message);
        }
    }
}
