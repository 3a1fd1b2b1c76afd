using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.StableDiffusion;

public sealed class NoiseScheduleTests
{
    [Fact]
    public void Betas_and_their_products_are_to_the_bit_those_of_diffusers()
    {
        var golden = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(Goldens.Own, "schedulers", "golden.safetensors"))));
        var schedule = new NoiseSchedule(new NoiseScheduleConfig());

        Assert.Equal(golden.Floats("betas"), schedule.Betas);
        Assert.Equal(golden.Floats("alphas_cumprod"), schedule.AlphasCumprod);
        Assert.Equal(Assert.Single(golden.Floats("final_alpha_cumprod_set_alpha_to_one_false")), schedule.AlphaBarAfter(-1));
    }

    [Fact]
    public void Linear_betas_run_evenly_from_the_first_to_the_last()
    {
        var schedule = new NoiseSchedule(new NoiseScheduleConfig { BetaCurve = BetaCurve.Linear, BetaStart = 0.0001, BetaEnd = 0.02 });

        Assert.Equal(0.0001f, schedule.Betas[0]);
        Assert.Equal(0.02f, schedule.Betas[^1]);
        Assert.All(schedule.Betas.Index(), beta => Assert.Equal(0.0001 + (beta.Index * 0.0199 / 999), beta.Item, 1e-8));
    }

    [Fact]
    public void The_cosine_leaves_of_an_image_what_its_paper_says()
    {
        var schedule = new NoiseSchedule(new NoiseScheduleConfig { BetaCurve = BetaCurve.SquaredCosine });

        double Left(double t) => Math.Pow(Math.Cos((t + 0.008) / 1.008 * Math.PI / 2), 2);
        Assert.Equal(Left(0.5) / Left(0), schedule.AlphasCumprod[499], 1e-5);
        Assert.Equal(Left(0.9) / Left(0), schedule.AlphasCumprod[899], 1e-5);
        Assert.Equal(0.999f, schedule.Betas[^1]);
    }

    [Fact]
    public void Without_terminal_signal_the_last_step_is_noise_alone_and_the_first_as_it_was()
    {
        var plain = new NoiseSchedule(new NoiseScheduleConfig());
        var schedule = new NoiseSchedule(new NoiseScheduleConfig { HasZeroTerminalSnr = true, Prediction = PredictionType.VPrediction });

        Assert.Equal(0, schedule.AlphasCumprod[^1]);
        Assert.Equal(plain.AlphasCumprod[0], schedule.AlphasCumprod[0], 1e-6);
        Assert.Equal(4096, schedule.Sigmas[^1], 1f); // √(2²⁴ − 1), where diffusers stops.
        Assert.True(plain.AlphasCumprod.Zip(schedule.AlphasCumprod).Skip(1).All(a => a.Second < a.First));
    }

    [Fact]
    public void A_file_says_what_it_says_and_Stable_Diffusion_fills_the_rest()
    {
        var config = NoiseScheduleConfig.FromJson("""
            { "_class_name": "DDIMScheduler", "num_train_timesteps": 500, "beta_start": 0.001, "beta_end": 0.02, "beta_schedule": "linear", "trained_betas": null,
              "prediction_type": "v_prediction", "timestep_spacing": "trailing", "steps_offset": 0, "set_alpha_to_one": true, "lambda_min_clipped": -Infinity,
              "rescale_betas_zero_snr": true, "clip_sample": false }
            """);

        Assert.Equal(
            new NoiseScheduleConfig
            {
                TrainTimesteps = 500, BetaStart = 0.001, BetaEnd = 0.02, BetaCurve = BetaCurve.Linear, Prediction = PredictionType.VPrediction,
                Spacing = TimestepSpacing.Trailing, StepsOffset = 0, EndsClean = true, HasZeroTerminalSnr = true,
            },
            config);
        Assert.Equal(new NoiseScheduleConfig(), NoiseScheduleConfig.FromJson("""{ "_class_name": "PNDMScheduler" }"""));
        Assert.Equal([0.1f, 0.2f, 0.3f], new NoiseSchedule(NoiseScheduleConfig.FromJson("""{ "trained_betas": [0.1, 0.2, 0.3] }""")).Betas);
    }

    [Theory]
    [InlineData("[", "scheduler_config.json is no JSON: ")]
    [InlineData("[]", "scheduler_config.json says file []; an object is wanted.")]
    [InlineData("""{ "num_train_timesteps": 1000000000 }""", "scheduler_config.json says num_train_timesteps 1000000000; a whole number of 2 to 100000 is wanted.")]
    [InlineData("""{ "beta_end": "0.012" }""", "scheduler_config.json says beta_end \"0.012\"; a number between 0 and 1 is wanted.")]
    [InlineData("""{ "beta_schedule": "sigmoid" }""", "scheduler_config.json says beta_schedule \"sigmoid\"; 'scaled_linear' or 'linear' or 'squaredcos_cap_v2' is wanted.")]
    [InlineData("""{ "prediction_type": "sample" }""", "scheduler_config.json says prediction_type \"sample\"; 'epsilon' or 'v_prediction' is wanted.")]
    [InlineData("""{ "trained_betas": [0.1, 2] }""", "scheduler_config.json says trained_betas 2; a number between 0 and 1 is wanted.")]
    [InlineData("""{ "set_alpha_to_one": 1 }""", "scheduler_config.json says set_alpha_to_one 1; true or false is wanted.")]
    [InlineData("""{ "trained_betas": [0.1, 0.2], "num_train_timesteps": 3 }""", "the scheduler's config has 2 trained betas for 3 timesteps; one for each is wanted.")]
    [InlineData("""{ "trained_betas": [1e-12, 0.2] }""", "the scheduler's config begins with a beta of 1E-12, which single precision cannot tell from 0; a larger one is wanted.")]
    [InlineData("""{ "rescale_betas_zero_snr": true }""", "the scheduler's config has betas without terminal signal and predicts noise, from which no image follows where all is noise; v_prediction is wanted.")]
    public void A_file_that_cannot_be_is_refused_with_the_value(string json, string message)
    {
        var error = Assert.Throws<WeightException>(() => new NoiseSchedule(NoiseScheduleConfig.FromJson(json)));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
