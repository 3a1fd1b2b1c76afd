namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>
/// One call of the network and what is made of it. Every method's step is a weighted sum of the latents, the image that the output predicts, the output, noise,
/// and what earlier steps left; so a method is the weights of its steps.
/// </summary>
/// <param name="Timestep">What the network is told.</param>
/// <param name="Prediction">The clean image, as a sum of latents and output.</param>
internal sealed record SamplerStep(float Timestep, (float Latents, float Output) Prediction)
{
    /// <summary>What the network sees of the latents.</summary>
    public float InputScale { get; init; } = 1;

    public float Latents { get; init; }

    public float Clean { get; init; }

    public float Output { get; init; }

    public float Noise { get; init; }

    /// <summary>Of what earlier steps left, the latest first.</summary>
    public IReadOnlyList<float> Remembered { get; init; } = [];

    /// <summary>What this step leaves to later ones.</summary>
    public Memory Leaves { get; init; }
}

internal enum Memory
{
    Nothing,
    Clean,
    Output,
}

/// <param name="InitialSigma">The deviation of the latents that a picture from nothing starts with.</param>
/// <param name="Start">Of an image to start from, and of the noise over it.</param>
internal sealed record SamplerPlan(IReadOnlyList<SamplerStep> Steps, float InitialSigma, (float Image, float Noise) Start);
