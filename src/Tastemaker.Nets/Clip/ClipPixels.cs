using Tastemaker.Nets.Pixels;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// A picture as a CLIP vision tower takes it: the shorter side resized, the centre cropped, RGB, normalised.
/// Follows <c>_transform</c> in openai/CLIP, clip/clip.py, with the arithmetic of Pillow 9.4 and torchvision 0.14, to the bit.
/// </summary>
public static class ClipPixels
{
    /// <summary>How pictures are prepared for one encoder. The defaults are those of OpenAI's models.</summary>
    public sealed record Config
    {
        /// <summary>Side of the square, in pixels.</summary>
        public int Size { get; init; } = 224;

        public Interpolation Interpolation { get; init; } = Interpolation.Bicubic;

        /// <summary>Taken from a sample in 0..1.</summary>
        public Channels Mean { get; init; } = new(0.48145466f, 0.4578275f, 0.40821073f);

        /// <summary>Divides what is left.</summary>
        public Channels Deviation { get; init; } = new(0.26862954f, 0.26130258f, 0.27577711f);
    }

    /// <summary>A number for each of red, green, blue.</summary>
    public readonly record struct Channels(float Red, float Green, float Blue)
    {
        public float this[int channel] => channel switch
        {
            0 => Red,
            1 => Green,
            2 => Blue,
            _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, "There are three channels."),
        };
    }

    /// <summary>Crop and normalisation in one. <paramref name="into"/>: [3, size, size], red first.</summary>
    public static void Prepare(PixelView image, Config config, Span<float> into) =>
        Normalise(Crop(image, config), config, into);

    /// <summary>The centre square, [size, size, 3], RGB bytes.</summary>
    /// <remarks>The picture is resized in its own mode and becomes RGB last; alpha is dropped, EXIF orientation is the caller's affair.</remarks>
    public static byte[] Crop(PixelView image, Config config) => Crop(image, config, SimdPaths.Best);

    internal static byte[] Crop(PixelView image, Config config, SimdPath path)
    {
        var size = config.Size;
        var (shorter, longer) = (Math.Min(image.Width, image.Height), Math.Max(image.Width, image.Height));
        var resized = (long)((double)((long)size * longer) / shorter);
        var (width, height) = image.Width <= image.Height ? ((long)size, resized) : (resized, size);
        var window = new Window(Centre(width - size), Centre(height - size), size, size);
        var pixels = Resampler.Resize(image, width, height, window, config.Interpolation, path);

        var rgb = new byte[size * size * 3];
        Colours.ToRgb(image.Mode, pixels, rgb);
        return rgb;

        // Python's round: half to even.
        static long Centre(long room) => (long)Math.Round(room / 2.0, MidpointRounding.ToEven);
    }

    /// <summary>(sample / 255 − mean) / deviation in float32, as torchvision's ToTensor and Normalize round it.</summary>
    /// <param name="rgb">[size, size, 3].</param>
    /// <param name="into">[3, size, size].</param>
    public static void Normalise(ReadOnlySpan<byte> rgb, Config config, Span<float> into)
    {
        var plane = config.Size * config.Size;
        if (rgb.Length != 3 * plane || into.Length != 3 * plane)
        {
            throw new ArgumentException($"A crop of {config.Size}×{config.Size} is {3 * plane} numbers, not {rgb.Length} and {into.Length}.");
        }

        Span<float> levels = stackalloc float[256];
        for (var channel = 0; channel < 3; channel++)
        {
            for (var i = 0; i < levels.Length; i++)
            {
                levels[i] = (i / 255f - config.Mean[channel]) / config.Deviation[channel];
            }

            var target = into.Slice(channel * plane, plane);
            for (int i = 0, from = channel; i < target.Length; i++, from += 3)
            {
                target[i] = levels[rgb[from]];
            }
        }
    }
}
