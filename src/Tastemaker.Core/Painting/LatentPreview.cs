using Tastemaker.Core.Imaging;
using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Painting;

/// <summary>What latents look like without a decoder: a linear map to colours, one pixel for each place.</summary>
internal static class LatentPreview
{
    /// <summary>
    /// Of each latent channel, what it adds to red, green and blue of -1 to 1: a fit to Stable Diffusion 1.4's decoder by K. Turner (keturn), "Decoding latents
    /// to RGB without upscaling", Hugging Face forums 2022. SD 2 has the same autoencoder.
    /// </summary>
    private static readonly float[,] Colours =
    {
        { 0.298f, 0.207f, 0.208f },
        { 0.187f, 0.286f, 0.173f },
        { -0.158f, 0.189f, 0.264f },
        { -0.184f, -0.271f, -0.473f },
    };

    /// <param name="latents">[4, height, width].</param>
    public static Raster Of(ReadOnlySpan<float> latents, int width, int height)
    {
        var (area, pixels) = (width * height, new byte[width * height * 3]);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (place, colour, sum) = (i / 3, i % 3, 0f);
            for (var channel = 0; channel < Colours.GetLength(0); channel++)
            {
                sum += latents[(channel * area) + place] * Colours[channel, colour];
            }

            pixels[i] = (byte)(Math.Clamp((sum / 2) + 0.5f, 0, 1) * byte.MaxValue);
        }

        return new(width, height, PixelMode.Rgb, pixels);
    }
}
