using Tastemaker.Core.Models;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>The autoencoder's first half, ready to run: from pictures to latents. Many threads may call.</summary>
public sealed class LatentEncoder : IDisposable
{
    internal const string Image = "image", Output = "moments";

    /// <summary>Between them a logarithm of a variance is clamped: <c>DiagonalGaussianDistribution</c> of diffusers.</summary>
    private const float LeastLogVariance = -30, MostLogVariance = 20;

    private readonly Session _session;
    private readonly Vae.Config _config;

    internal LatentEncoder(Session session, Vae.Config config) => (_session, _config) = (session, config);

    /// <param name="image">[N, 3, h, w], red, green and blue of -1 to 1; sides are multiples of the autoencoder's scale.</param>
    /// <param name="noise">[N, 4, h / 8, w / 8] of mean 0 and deviation 1; empty for the most likely latents.</param>
    /// <returns>[N, 4, h / 8, w / 8], scaled as the UNet has them.</returns>
    /// <exception cref="ModelException">What came out are no numbers.</exception>
    public float[] Encode(ReadOnlySpan<float> image, ReadOnlySpan<float> noise, int height, int width, CancellationToken cancel)
    {
        var moments = Moments(image, height, width, cancel);
        var latents = new float[moments.Length / 2];
        var one = _config.Latents * (height / _config.Downscaling) * (width / _config.Downscaling);
        for (var i = 0; i < latents.Length; i++)
        {
            var mean = (i / one * 2 * one) + (i % one);
            var deviation = MathF.Exp(0.5f * Math.Clamp(moments[mean + one], LeastLogVariance, MostLogVariance));
            latents[i] = (moments[mean] + (noise.IsEmpty ? 0 : deviation * noise[i])) * (float)Vae.Scale;
        }

        return latents;
    }

    /// <summary>[N, 8, h / 8, w / 8]: means, then logarithms of variances, not scaled.</summary>
    internal float[] Moments(ReadOnlySpan<float> image, int height, int width, CancellationToken cancel) =>
        Numbers.Checked(_session.Run(Image, image, [image.Length / (3 * height * width), 3, height, width], Output, cancel), "VAE's encoder");

    public void Dispose() => _session.Dispose();
}
