using Tastemaker.Core.Models;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>The UNet, ready to run: says of noisy latents what is noise in them. Many threads may call.</summary>
public sealed class Denoiser : IDisposable
{
    internal const string Sample = "sample", Timestep = "timestep", Context = "context", Output = "prediction";

    private readonly Session _session;
    private readonly UNet.Config _config;

    internal Denoiser(Session session, UNet.Config config) => (_session, _config) = (session, config);

    /// <summary>Whether it predicts velocity instead of noise.</summary>
    public bool PredictsVelocity { get; private set; }

    /// <param name="latents">[N, 4, h, w].</param>
    /// <param name="timesteps">N of 0 to 999, fractions allowed.</param>
    /// <param name="context">[N, tokens, width]: what <see cref="PromptEncoder"/> made, of any number of tokens.</param>
    /// <param name="height">Of the latents: an eighth of the picture's.</param>
    /// <returns>[N, 4, h, w].</returns>
    /// <exception cref="ModelException">What came out are no numbers.</exception>
    public float[] Predict(ReadOnlyMemory<float> latents, ReadOnlyMemory<float> timesteps, ReadOnlyMemory<float> context, int height, int width, CancellationToken cancel)
    {
        long count = timesteps.Length;
        var predicted = _session.Run(
            [
                new(Sample, latents, new[] { count, _config.Channels, height, width }),
                new(Timestep, timesteps, new[] { count }),
                new(Context, context, new[] { count, context.Length / (count * _config.Context), _config.Context }),
            ],
            Output, cancel);
        return Numbers.Checked(predicted, "UNet");
    }

    public void Dispose() => _session.Dispose();

    /// <summary>
    /// Finds out what it predicts where no file says it. At the noisiest step a network that predicts noise hands about its input back; one that predicts
    /// velocity does not. Follows <c>is_using_v_parameterization_for_sd2</c> of AUTOMATIC1111's webui, modules/sd_models_config.py.
    /// </summary>
    internal void Settle(bool? saysVelocity, CancellationToken cancel)
    {
        const int Side = 8, Tokens = 2;
        const float Level = 0.5f, Noisiest = 999, Bound = -1;
        PredictsVelocity = saysVelocity ?? TriesVelocity();

        bool TriesVelocity()
        {
            var latents = Filled(_config.Channels * Side * Side);
            var predicted = Predict(latents, new[] { Noisiest }, Filled(Tokens * _config.Context), Side, Side, cancel);
            return predicted.Average() - Level < Bound;
        }

        static float[] Filled(int count) => [.. Enumerable.Repeat(Level, count)];
    }
}
