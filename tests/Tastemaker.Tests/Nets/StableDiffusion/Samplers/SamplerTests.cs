using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Tests.Nets.StableDiffusion.Samplers;

public sealed class SamplerTests
{
    private const int Size = 37; // Not a multiple of any vector's length.

    /// <summary>The clean image is a difference of numbers up to 15 times as large, and lands in single precision.</summary>
    private const float Tolerance = 1e-4f;

    public static TheoryData<SamplerMethod, bool, PredictionType, double> Choices
    {
        get
        {
            var data = new TheoryData<SamplerMethod, bool, PredictionType, double>();
            foreach (var method in Enum.GetValues<SamplerMethod>())
            {
                foreach (var prediction in Enum.GetValues<PredictionType>())
                {
                    data.Add(method, false, prediction, 1);
                    data.Add(method, false, prediction, 0.45);
                }
            }

            foreach (var method in new[] { SamplerMethod.Euler, SamplerMethod.EulerAncestral, SamplerMethod.DpmPlusPlus2M })
            {
                data.Add(method, true, PredictionType.Epsilon, 1);
                data.Add(method, true, PredictionType.VPrediction, 0.45);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void A_network_that_knows_the_image_is_led_to_it_and_predicts_it_at_every_step(SamplerMethod method, bool isKarras, PredictionType prediction, double strength)
    {
        var schedule = new NoiseSchedule(new NoiseScheduleConfig { Prediction = prediction, EndsClean = true });
        var sampler = new Sampler(new SamplerSettings { Method = method, IsKarras = isKarras, Strength = strength }, schedule);
        var noise = new TorchNoise(3);
        var image = Draw(noise);
        var (latents, input, clean) = (new float[Size], new float[Size], new float[Size]);
        if (strength < 1)
        {
            sampler.Start(image, Draw(noise), latents);
        }
        else
        {
            sampler.Start(Draw(noise), latents);
        }

        for (var i = 0; i < sampler.Timesteps.Count; i++)
        {
            sampler.ScaleInput(i, latents, input);
            var output = Knowing(image, input, AlphaBar(schedule, sampler.Timesteps[i], isKarras), prediction);
            sampler.Step(i, output, latents, sampler.TakesNoise(i) ? Draw(noise) : default, clean);
            Tensors.AssertClose(image, clean, method == SamplerMethod.Lcm ? LcmTolerance(sampler.Timesteps[i]) : Tolerance, $"prediction {i}");
        }

        Tensors.AssertClose(image, latents, (method, prediction) switch
        {
            (SamplerMethod.Lcm, _) => LcmTolerance(sampler.Timesteps[^1]),
            (SamplerMethod.DpmPlusPlus2M, _) => 4 * (float)Math.Sqrt(schedule.Betas[0]), // It ends at the first timestep of the training, where noise is left.
            (SamplerMethod.Pndm, PredictionType.VPrediction) => 0.02f, // It continues outputs in a straight line, and velocities turn on the way.
            _ => Tolerance,
        }, "end");
    }

    [Theory]
    [InlineData(1, new[] { 999f })]
    [InlineData(4, new[] { 999f, 759f, 499f, 259f })]
    public void LCM_takes_its_timesteps_from_the_fifty_of_its_distillation(int steps, float[] expected) =>
        Assert.Equal(expected, new Sampler(new SamplerSettings { Method = SamplerMethod.Lcm, Steps = steps }, new NoiseSchedule(new NoiseScheduleConfig())).Timesteps);

    [Theory]
    [InlineData(PredictionType.Epsilon)]
    [InlineData(PredictionType.VPrediction)]
    public void LCM_steps_by_the_formula_of_its_paper(PredictionType prediction)
    {
        var schedule = new NoiseSchedule(new NoiseScheduleConfig { Prediction = prediction });
        var sampler = new Sampler(new SamplerSettings { Method = SamplerMethod.Lcm, Steps = 4 }, schedule);
        var random = new TorchNoise(5);
        var latents = Draw(random);
        double[] x = [.. latents.Select(v => (double)v)];
        int[] timesteps = [999, 759, 499, 259];

        for (var i = 0; i < timesteps.Length; i++)
        {
            var (output, z, clean) = (Draw(random), Draw(random), new float[Size]);
            sampler.Step(i, output, latents, z, clean);

            double a = schedule.AlphasCumprod[timesteps[i]], s = timesteps[i] / 0.1;
            var (skip, jump) = (0.25 / ((s * s) + 0.25), s / Math.Sqrt((s * s) + 0.25));
            for (var k = 0; k < Size; k++)
            {
                var x0 = prediction == PredictionType.Epsilon ? (x[k] - (Math.Sqrt(1 - a) * output[k])) / Math.Sqrt(a) : (Math.Sqrt(a) * x[k]) - (Math.Sqrt(1 - a) * output[k]);
                var f = (jump * x0) + (skip * x[k]);
                Assert.Equal(f, clean[k], 1e-4);
                var next = i == 3 ? 1 : schedule.AlphasCumprod[timesteps[i + 1]];
                x[k] = i == 3 ? f : (Math.Sqrt(next) * f) + (Math.Sqrt(1 - next) * z[k]);
                Assert.Equal(x[k], latents[k], 1e-4);
            }
        }

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(sampler.TakesNoise));
    }

    [Theory]
    [InlineData(SamplerMethod.Ddim, new[] { 601f, 501f, 401f, 301f, 201f, 101f, 1f })]
    [InlineData(SamplerMethod.Pndm, new[] { 601f, 501f, 501f, 401f, 301f, 201f, 101f, 1f })]
    [InlineData(SamplerMethod.Euler, new[] { 666f, 555f, 444f, 333f, 222f, 111f, 0f })]
    public void From_an_image_only_the_last_steps_are_taken(SamplerMethod method, float[] expected) =>
        Assert.Equal(expected, new Sampler(new SamplerSettings { Method = method, Steps = 10, Strength = 0.79 }, new NoiseSchedule(new NoiseScheduleConfig())).Timesteps);

    [Fact]
    public void Karras_levels_that_meet_a_timestep_twice_take_it_once()
    {
        var sampler = new Sampler(new SamplerSettings { IsKarras = true, Steps = 50 }, new NoiseSchedule(new NoiseScheduleConfig()));

        Assert.Equal(49, sampler.Timesteps.Count);
        Assert.Equal(sampler.Timesteps.Distinct(), sampler.Timesteps);
    }

    [Fact]
    public void Betas_without_terminal_signal_lead_through_every_sampler_to_numbers()
    {
        var schedule = new NoiseSchedule(new NoiseScheduleConfig
        {
            Prediction = PredictionType.VPrediction, HasZeroTerminalSnr = true, Spacing = TimestepSpacing.Trailing,
        });
        foreach (var method in Enum.GetValues<SamplerMethod>())
        {
            var (sampler, noise) = (new Sampler(new SamplerSettings { Method = method }, schedule), new TorchNoise(1));
            var latents = Draw(noise);
            for (var i = 0; i < sampler.Timesteps.Count; i++)
            {
                sampler.Step(i, Draw(noise), latents, Draw(noise), new float[Size]);
            }

            Assert.Equal(999, sampler.Timesteps[0]);
            Assert.True(latents.All(float.IsFinite), $"{method}");
        }
    }

    [Fact]
    public void A_step_out_of_turn_is_refused()
    {
        var sampler = new Sampler(new SamplerSettings { Method = SamplerMethod.Ddim, Steps = 2 }, new NoiseSchedule(new NoiseScheduleConfig()));
        void Take(int step) => sampler.Step(step, new float[4], new float[4], default, new float[4]);

        Assert.Throws<InvalidOperationException>(() => Take(1));
        Take(0);
        Assert.Throws<InvalidOperationException>(() => Take(0));
        Take(1);
        Assert.Equal("step 2 came where step 2 of 2 is wanted; a sampler takes one picture through its steps.", Assert.Throws<InvalidOperationException>(() => Take(2)).Message);
    }

    [Fact]
    public void Numbers_of_another_length_are_refused()
    {
        var sampler = new Sampler(new SamplerSettings { Method = SamplerMethod.EulerAncestral }, new NoiseSchedule(new NoiseScheduleConfig()));

        var error = Assert.Throws<ArgumentException>(() => sampler.Step(0, new float[4], new float[4], default, new float[4]));

        Assert.Equal("0 numbers came where 4 are wanted.", error.Message);
    }

    public static TheoryData<SamplerSettings, string> Impossible => new()
    {
        { new() { Steps = 0 }, "0 steps are asked for; 1 or more are wanted." },
        { new() { Steps = 1000 }, "1000 steps are asked for; the network was trained on 1000, and fewer are wanted." },
        { new() { Method = SamplerMethod.Lcm, Steps = 51 }, "51 steps of 1000 timesteps are asked for; LCM takes 50 steps at most, of as many timesteps or more." },
        { new() { Method = SamplerMethod.Ddim, Eta = 1.5 }, "eta 1.5 is asked for; 0 to 1 is wanted." },
        { new() { Method = SamplerMethod.Euler, Eta = 0.5 }, "eta 0.5 is asked for, which Euler does not have; only Ddim does." },
        { new() { Method = SamplerMethod.Ddim, IsKarras = true }, "Ddim has no Karras levels of noise; Euler, EulerAncestral and DpmPlusPlus2M do." },
        { new() { Strength = double.NaN }, "strength NaN is asked for; more than 0 and 1 at most is wanted." },
        { new() { Strength = 0.04 }, "strength 0.04 leaves none of 20 steps; more of either is wanted." },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void A_setting_that_cannot_be_is_refused_with_its_value(SamplerSettings settings, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new Sampler(settings, new NoiseSchedule(new NoiseScheduleConfig()))).Message);

    [Fact]
    public void Leading_timesteps_beyond_the_training_are_refused()
    {
        var schedule = new NoiseSchedule(new NoiseScheduleConfig { StepsOffset = 90 });

        var error = Assert.Throws<ArgumentException>(() => new Sampler(new SamplerSettings { Method = SamplerMethod.Ddim, Steps = 20 }, schedule));

        Assert.Equal("20 steps with an offset of 90 reach timestep 1040; the network was trained on 1000. Take fewer steps.", error.Message);
    }

    /// <summary>The consistency model's boundary: a share of 1/(4 s² + 1) of the latents stays in the answer, s being ten timesteps.</summary>
    private static float LcmTolerance(float timestep) => Tolerance + (10 / ((4 * 100 * timestep * timestep) + 1));

    private static float[] Knowing(float[] image, float[] input, double alphaBar, PredictionType prediction)
    {
        var (signal, noise) = (Math.Sqrt(alphaBar), Math.Sqrt(1 - alphaBar));
        return [.. image.Zip(input, (c, z) =>
        {
            var epsilon = (z - (signal * c)) / noise;
            return (float)(prediction == PredictionType.Epsilon ? epsilon : (signal * epsilon) - (noise * c));
        })];
    }

    /// <summary>At a timestep between two of the training, where the ratio of noise to image runs straight, or, in Karras' levels, its logarithm.</summary>
    private static double AlphaBar(NoiseSchedule schedule, float timestep, bool isKarras)
    {
        double Sigma(int t) => Math.Sqrt((1.0 - schedule.AlphasCumprod[t]) / schedule.AlphasCumprod[t]);
        var below = (int)timestep;
        var (low, high, between) = (Sigma(below), Sigma(Math.Min(below + 1, 999)), timestep - below);
        var sigma = isKarras ? low * Math.Pow(high / low, between) : low + (between * (high - low));
        return 1 / ((sigma * sigma) + 1);
    }

    private static float[] Draw(TorchNoise noise)
    {
        var values = new float[Size];
        noise.Normal(values);
        return values;
    }
}
