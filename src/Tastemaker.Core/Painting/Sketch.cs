using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Core.Painting;

/// <summary>A picture on its way: its latents, its own noise and its own sampler, so that nothing of it depends on what is painted beside it.</summary>
internal sealed class Sketch(PaintRequest request, Sampler sampler, INoise noise, float[] latents)
{
    private readonly float[] _clean = new float[latents.Length];
    private readonly float[] _input = new float[latents.Length];
    private readonly float[] _noise = new float[latents.Length];

    public PaintRequest Request { get; } = request;

    public Sampler Sampler { get; } = sampler;

    public float[] Latents { get; } = latents;

    /// <summary>The end as the last step saw it.</summary>
    public float[] Clean => _clean;

    public bool IsStopped { get; set; }

    /// <summary>What the UNet is asked: with the prompt, and before it with the negative one where there is guidance.</summary>
    public required IReadOnlyList<Branch> Branches { get; init; }

    /// <summary>What the UNet is shown of it.</summary>
    public float[] Input(int step)
    {
        Sampler.ScaleInput(step, Latents, _input);
        return _input;
    }

    /// <summary>One step on, by what the UNet said in each branch.</summary>
    public void Advance(int step)
    {
        if (Sampler.TakesNoise(step))
        {
            noise.Normal(_noise);
        }

        Sampler.Step(step, Guided(), Latents, _noise, _clean);
    }

    /// <summary>Classifier-free guidance (Ho and Salimans 2022), in the order of diffusers' arithmetic.</summary>
    private float[] Guided()
    {
        if (Branches is [var only])
        {
            return only.Output;
        }

        var (without, with, guidance) = (Branches[0].Output, Branches[1].Output, (float)Request.Guidance);
        for (var i = 0; i < with.Length; i++)
        {
            with[i] = without[i] + (guidance * (with[i] - without[i]));
        }

        return with;
    }

    /// <param name="context">[tokens, width]: a prompt, as the UNet reads it.</param>
    public sealed class Branch(float[] context)
    {
        public float[] Context { get; } = context;

        /// <summary>Of the UNet at the last step.</summary>
        public float[] Output { get; set; } = [];
    }
}
