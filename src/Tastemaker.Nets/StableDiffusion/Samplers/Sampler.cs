namespace Tastemaker.Nets.StableDiffusion.Samplers;

/// <summary>
/// One picture's way from noise to latents, or that of several pictures that are painted as one: for each step, the caller shows the network what
/// <see cref="ScaleInput"/> gives at <see cref="Timesteps"/>, and hands its output to <see cref="Step"/>. The methods are those of diffusers 0.21.4
/// (src/diffusers/schedulers), down to the levels where each begins and ends, and LCM that of 0.24.
/// </summary>
public sealed class Sampler
{
    private readonly SamplerPlan _plan;
    private readonly int _capacity;
    private readonly List<float[]> _remembered = [];
    private int _next;

    /// <exception cref="ArgumentException">A setting is out of its range, or the schedule has no such number of steps.</exception>
    public Sampler(SamplerSettings settings, NoiseSchedule schedule)
    {
        var first = settings.FirstStep();
        var train = schedule.Config.TrainTimesteps;
        if (settings.Steps >= train)
        {
            throw new ArgumentException($"{settings.Steps} steps are asked for; the network was trained on {train}, and fewer are wanted.");
        }

        _plan = settings.Method switch
        {
            SamplerMethod.Ddim => Ddim.Plan(schedule, settings.Steps, first, settings.Eta),
            SamplerMethod.Pndm => Pndm.Plan(schedule, settings.Steps, first),
            SamplerMethod.Euler => Euler.Plan(schedule, settings.Steps, first, settings.IsKarras, isAncestral: false),
            SamplerMethod.EulerAncestral => Euler.Plan(schedule, settings.Steps, first, settings.IsKarras, isAncestral: true),
            SamplerMethod.DpmPlusPlus2M => DpmSolver.Plan(schedule, settings.Steps, first, settings.IsKarras),
            SamplerMethod.Lcm => Lcm.Plan(schedule, settings.Steps, first),
            var other => throw new ArgumentException($"there is no sampler {other}."),
        };
        _capacity = _plan.Steps.Max(step => step.Remembered.Count);
        Timesteps = [.. _plan.Steps.Select(step => step.Timestep)];
    }

    /// <summary>What the network is told, one for each of its calls; between two timesteps of the training where the method's levels are.</summary>
    public IReadOnlyList<float> Timesteps { get; }

    /// <summary>The deviation of the latents at the start, where there is no image to start from.</summary>
    public float InitialSigma => _plan.InitialSigma;

    /// <summary>The first latents of a picture from nothing, out of noise of deviation 1.</summary>
    public void Start(ReadOnlySpan<float> noise, Span<float> latents) => Blend.Scale(latents, InitialSigma, noise);

    /// <summary>The first latents of a picture from an image: the image's own, under as much noise as the first step takes away from.</summary>
    /// <param name="image">In the scale that the network was trained on.</param>
    /// <param name="noise">Of deviation 1.</param>
    public void Start(ReadOnlySpan<float> image, ReadOnlySpan<float> noise, Span<float> latents) =>
        Blend.Set(latents, _plan.Start.Image, image, _plan.Start.Noise, noise);

    /// <summary>What the network is shown of the latents.</summary>
    public void ScaleInput(int step, ReadOnlySpan<float> latents, Span<float> input) => Blend.Scale(input, _plan.Steps[step].InputScale, latents);

    /// <summary>Whether a step adds noise; only then does it look at it.</summary>
    public bool TakesNoise(int step) => _plan.Steps[step].Noise != 0;

    /// <summary>Takes the latents one step on.</summary>
    /// <param name="step">Steps come in order, each once.</param>
    /// <param name="output">Of the network, guided where there is guidance.</param>
    /// <param name="latents">Those of before; those of after come in their place.</param>
    /// <param name="noise">Of deviation 1, a new draw for each step that takes noise; else nothing is wanted.</param>
    /// <param name="clean">Receives the clean latents that the output predicts, the end seen from here.</param>
    /// <exception cref="InvalidOperationException">The step is not the next one.</exception>
    public void Step(int step, ReadOnlySpan<float> output, Span<float> latents, ReadOnlySpan<float> noise, Span<float> clean)
    {
        if (step != _next || step == _plan.Steps.Count)
        {
            throw new InvalidOperationException($"step {step} came where step {_next} of {_plan.Steps.Count} is wanted; a sampler takes one picture through its steps.");
        }

        var weights = _plan.Steps[_next++];
        Blend.Set(clean, weights.Prediction.Latents, latents, weights.Prediction.Output, output);
        Blend.Set(latents, weights.Latents, latents, weights.Clean, clean);
        AddWhere(weights.Output, latents, output);
        AddWhere(weights.Noise, latents, noise);
        for (var i = 0; i < weights.Remembered.Count; i++)
        {
            Blend.Add(latents, weights.Remembered[i], _remembered[i]);
        }

        Remember(weights.Leaves == Memory.Clean ? clean : output, weights.Leaves);
    }

    private static void AddWhere(float weight, Span<float> latents, ReadOnlySpan<float> values)
    {
        if (weight != 0)
        {
            Blend.Add(latents, weight, values);
        }
    }

    private void Remember(ReadOnlySpan<float> values, Memory kind)
    {
        if (kind == Memory.Nothing || _capacity == 0)
        {
            return;
        }

        if (_remembered.Count < _capacity)
        {
            _remembered.Insert(0, values.ToArray());
            return;
        }

        var oldest = _remembered[^1];
        _remembered.RemoveAt(_remembered.Count - 1);
        values.CopyTo(oldest);
        _remembered.Insert(0, oldest);
    }
}
