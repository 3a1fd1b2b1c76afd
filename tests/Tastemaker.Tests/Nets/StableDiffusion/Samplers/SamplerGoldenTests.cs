using System.Text.Json;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.StableDiffusion.Samplers;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.StableDiffusion.Samplers;

/// <summary>Every sampler against the trajectory that diffusers recorded of it, with a formula in the network's place.</summary>
[Trait("Kind", "golden")]
public sealed class SamplerGoldenTests
{
    /// <summary>golden/README.md: of the largest value on the way; diffusers' own float32 and float64 differ by 2e-5 in 57.</summary>
    private const float Tolerance = 1e-5f;

    /// <summary>Euler's timesteps are numbers between those of the training.</summary>
    private const float EulerTimestepTolerance = 1e-3f;

    private const double SigmaTolerance = 1e-5;

    public static TheoryData<string, string> Trajectories
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in Folders())
            {
                foreach (var name in Open(folder).Tensors.Keys.Where(key => key.EndsWith(".latents", StringComparison.Ordinal)))
                {
                    data.Add(folder, name[..^".latents".Length]);
                }
            }

            return data;
        }
    }

    public static TheoryData<string, string> Compvis
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in Folders())
            {
                foreach (var name in Open(folder).Tensors.Keys.Where(key => key.StartsWith("compvis_", StringComparison.Ordinal) && key.EndsWith(".final", StringComparison.Ordinal)))
                {
                    data.Add(folder, name[..^".final".Length]);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Schedulers => [.. Folders()];

    public static TheoryData<string, string> FirstSteps
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in Goldens.Folders("cases.json", "golden.safetensors"))
            {
                const string Suffix = ".unet_out_step0";
                var tensors = Open(folder).Tensors;
                foreach (var name in tensors.Keys.Where(key => key.EndsWith(Suffix, StringComparison.Ordinal)).Select(key => key[..^Suffix.Length]))
                {
                    // Of PNDM, whose first step is taken twice, the pipeline reported the second time alone.
                    if (tensors[$"{name}.latents_steps"].Shape[0] == tensors[$"{name}.timesteps"].Shape[0])
                    {
                        data.Add(folder, name);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void The_way_is_that_of_diffusers(string folder, string name)
    {
        var golden = Open(folder);
        var (sampler, schedule, settings) = Recorded(folder, name);
        var (start, draws) = (golden.Floats("x_T"), golden.Floats("noise"));
        var expected = golden.Floats($"{name}.latents");
        var tolerance = Tolerance * Math.Max(1, expected.Max(Math.Abs));
        var isEuler = settings.Method is SamplerMethod.Euler or SamplerMethod.EulerAncestral;

        Tensors.AssertClose(golden.Floats($"{name}.timesteps"), [.. sampler.Timesteps], isEuler ? EulerTimestepTolerance : 0, "timesteps");
        AssertSigmas(golden, name, schedule, settings);
        var latents = new float[start.Length];
        sampler.Start(start, latents);
        Tensors.AssertClose(expected.AsSpan(0, start.Length), latents, tolerance, "start");
        for (var i = 0; i < sampler.Timesteps.Count; i++)
        {
            var noise = sampler.TakesNoise(i) ? draws.AsSpan(i * start.Length, start.Length) : default;
            sampler.Step(i, Formula(sampler, i, latents), latents, noise, new float[start.Length]);
            Tensors.AssertClose(expected.AsSpan((i + 1) * start.Length, start.Length), latents, tolerance, $"step {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Compvis))]
    public void The_end_is_that_of_the_first_Stable_Diffusion(string folder, string name)
    {
        var golden = Open(folder);
        var (sampler, _, _) = Recorded(folder, name["compvis_".Length..]);
        var expected = golden.Floats($"{name}.final");
        var latents = golden.Floats("x_T");
        for (var i = 0; i < sampler.Timesteps.Count; i++)
        {
            sampler.Step(i, Formula(sampler, i, latents), latents, default, new float[latents.Length]);
        }

        Assert.Equal(golden.Floats($"{name}.timesteps").Order(), sampler.Timesteps.Distinct().Order());
        Tensors.AssertClose(expected, latents, Tolerance * expected.Max(Math.Abs), name);
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void Noise_over_an_image_is_that_of_diffusers(string folder)
    {
        var golden = Open(folder);
        var schedule = new NoiseSchedule(new NoiseScheduleConfig());
        var timesteps = golden.Floats("add_noise.timesteps");
        var eulerTimesteps = golden.Floats("add_noise.euler_timesteps");
        var size = golden.Floats("add_noise.x0").Length / timesteps.Length;
        var (mixed, velocity, euler) = (new float[size], new float[size], new float[size]);

        for (var i = 0; i < timesteps.Length; i++)
        {
            float[] Row(string name) => golden.Floats(name).AsSpan(i * size, size).ToArray();
            schedule.AddNoise(Row("add_noise.x0"), Row("add_noise.noise"), (int)timesteps[i], mixed);
            schedule.Velocity(Row("add_noise.x0"), Row("add_noise.noise"), (int)timesteps[i], velocity);
            FromImage(eulerTimesteps[i]).Start(Row("add_noise.x0"), Row("add_noise.noise"), euler);

            Tensors.AssertClose(Row("add_noise.ddim"), mixed, Tolerance, $"add_noise {timesteps[i]}");
            Tensors.AssertClose(Row("get_velocity"), velocity, Tolerance, $"get_velocity {timesteps[i]}");
            Tensors.AssertClose(Row("add_noise.euler"), euler, Tolerance * Row("add_noise.euler").Max(Math.Abs), $"add_noise {eulerTimesteps[i]}");
        }

        Sampler FromImage(float timestep)
        {
            const int Steps = 20;
            return Enumerable.Range(1, Steps)
                .Select(taken => new Sampler(new SamplerSettings { Method = SamplerMethod.Euler, Steps = Steps, Strength = (taken + 0.5) / Steps > 1 ? 1 : (taken + 0.5) / Steps }, schedule))
                .First(sampler => Math.Abs(sampler.Timesteps[0] - timestep) < EulerTimestepTolerance);
        }
    }

    /// <summary>The first step of recorded pictures, with the outputs that their UNet had there: guidance and levels as a pipeline has them.</summary>
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(FirstSteps))]
    public void The_first_step_of_a_picture_is_that_of_the_pipeline(string folder, string name)
    {
        var golden = Open(folder);
        using var json = Cases(folder);
        var said = json.RootElement.GetProperty("cases").GetProperty(name);
        var settings = Settings(said.GetProperty("scheduler").GetString()!, said.GetProperty("scheduler_config"), said.GetProperty("steps").GetInt32());
        var sampler = new Sampler(settings, new NoiseSchedule(NoiseScheduleConfig.FromJson(said.GetProperty("scheduler_config").GetRawText())));
        var (start, outputs, scale) = (golden.Floats($"{name}.initial_latents"), golden.Floats($"{name}.unet_out_step0"), said.GetProperty("guidance_scale").GetSingle());
        var noise = sampler.TakesNoise(0) ? golden.Floats($"{name}.scheduler_noise").AsSpan(0, start.Length) : default;
        var latents = new float[start.Length];
        float[] output = scale > 1
            ? [.. outputs[..start.Length].Zip(outputs[start.Length..], (uncond, cond) => uncond + (scale * (cond - uncond)))]
            : outputs;

        sampler.Start(start, latents);
        sampler.Step(0, output, latents, noise, new float[start.Length]);

        var expected = golden.Floats($"{name}.latents_steps").AsSpan(0, start.Length);
        Tensors.AssertClose(expected, latents, Math.Max(1e-3f, 2e-5f * golden.Floats($"{name}.final_latents").Max(Math.Abs)), name); // golden/README.md: pipeline
    }

    private static float[] Formula(Sampler sampler, int step, float[] latents)
    {
        var input = new float[latents.Length];
        sampler.ScaleInput(step, latents, input);
        var wave = (float)Math.Sin(sampler.Timesteps[step]);
        return [.. input.Select(x => (0.1f * x) + wave)];
    }

    private static void AssertSigmas(Checkpoint golden, string name, NoiseSchedule schedule, SamplerSettings settings)
    {
        if (!golden.Tensors.ContainsKey($"{name}.sigmas"))
        {
            return;
        }

        var steps = settings.Steps;
        double[] actual = settings switch
        {
            { Method: not SamplerMethod.DpmPlusPlus2M } => Euler.Levels(schedule, schedule.Config.Spacing ?? TimestepSpacing.Linspace, steps, settings.IsKarras).Sigmas,
            { IsKarras: true } => [.. Spacing.Karras(schedule.Sigmas[^1], schedule.Sigmas[0], steps).Reverse()],
            _ => [.. schedule.Sigmas.Select(sigma => (double)sigma)],
        };
        var expected = golden.Floats($"{name}.sigmas");
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, SigmaTolerance * Math.Max(1e-3, pair.First)));
    }

    private static (Sampler Sampler, NoiseSchedule Schedule, SamplerSettings Settings) Recorded(string folder, string name)
    {
        const string Eta = "_eta1";
        using var json = Cases(folder);
        var said = json.RootElement.GetProperty("cases").GetProperty(name.Replace(Eta, "", StringComparison.Ordinal));
        var settings = Settings(said.GetProperty("cls").GetString()!, said.GetProperty("config"), int.Parse(name.Split('.')[^1], null)) with
        {
            Eta = name.Contains(Eta, StringComparison.Ordinal) ? 1 : 0,
        };
        var schedule = new NoiseSchedule(NoiseScheduleConfig.FromJson(said.GetProperty("config").GetRawText()));
        var sampler = new Sampler(settings, schedule);
        Assert.Equal(said.GetProperty("init_noise_sigma").GetSingle(), sampler.InitialSigma, 1e-5f);
        return (sampler, schedule, settings);
    }

    private static SamplerSettings Settings(string scheduler, JsonElement config, int steps) => new()
    {
        Steps = steps,
        IsKarras = config.TryGetProperty("use_karras_sigmas", out var karras) && karras.GetBoolean(),
        Method = scheduler switch
        {
            "DDIMScheduler" => SamplerMethod.Ddim,
            "PNDMScheduler" => SamplerMethod.Pndm,
            "EulerDiscreteScheduler" => SamplerMethod.Euler,
            "EulerAncestralDiscreteScheduler" => SamplerMethod.EulerAncestral,
            "DPMSolverMultistepScheduler" => SamplerMethod.DpmPlusPlus2M,
            var other => throw new NotSupportedException($"no sampler is {other}."),
        },
    };

    private static IEnumerable<string> Folders() =>
        Goldens.Folders("cases.json", "golden.safetensors").Where(folder => Open(folder).Tensors.ContainsKey("x_T"));

    /// <summary>Python's JSON holds what JSON does not.</summary>
    private static JsonDocument Cases(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")).Replace("-Infinity", "null", StringComparison.Ordinal));

    private static Checkpoint Open(string folder) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"))));
}
