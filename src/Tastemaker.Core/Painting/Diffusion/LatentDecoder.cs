using Tastemaker.Core.Models;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>The autoencoder's second half, ready to run: from latents to pictures. Many threads may call.</summary>
public sealed class LatentDecoder : IDisposable
{
    internal const string Latents = "latents", Output = "image";

    private readonly Session _session;
    private readonly Vae.Config _config;

    internal LatentDecoder(Session session, Vae.Config config) => (_session, _config) = (session, config);

    /// <summary>Pixels of a side for each latent.</summary>
    public int Scale => _config.Downscaling;

    /// <param name="latents">[N, 4, h, w], as the UNet has them.</param>
    /// <param name="height">Of the latents.</param>
    /// <returns>[N, 3, 8 h, 8 w], red, green and blue of about -1 to 1.</returns>
    /// <exception cref="ModelException">What came out are no numbers.</exception>
    public float[] Decode(ReadOnlySpan<float> latents, int height, int width, CancellationToken cancel)
    {
        long count = latents.Length / (_config.Latents * height * width);
        return Numbers.Checked(_session.Run(Latents, latents, [count, _config.Latents, height, width], Output, cancel), "VAE's decoder");
    }

    public void Dispose() => _session.Dispose();
}
