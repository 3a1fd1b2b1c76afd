using Tastemaker.Nets.Pixels;

namespace Tastemaker.Core.Imaging;

/// <summary>The palette of a format that we decode ourselves.</summary>
internal sealed class IndexedColours
{
    /// <summary>256 colours; those that the file leaves out are the greys of their index, as in Pillow.</summary>
    private readonly byte[] _rgb = [.. Enumerable.Range(0, 3 * 256).Select(i => (byte)(i / 3))];

    /// <param name="rgb">Three bytes a colour, at most 256 of them.</param>
    /// <param name="bilevel">The format makes black and white a bilevel picture.</param>
    public IndexedColours(ReadOnlySpan<byte> rgb, bool bilevel)
    {
        rgb.CopyTo(_rgb);
        Mode = bilevel && rgb.SequenceEqual<byte>([0, 0, 0, 255, 255, 255]) ? PixelMode.Bilevel : PixelMode.Grey;
        for (var i = 0; i < rgb.Length && Mode == PixelMode.Grey; i++)
        {
            Mode = rgb[i] == i / 3 ? PixelMode.Grey : PixelMode.Palette;
        }
    }

    /// <summary>No palette, or one that only restates the index as a grey, makes a grey picture.</summary>
    public PixelMode Mode { get; }

    public void Look(ReadOnlySpan<byte> indices, Span<byte> output)
    {
        if (Mode == PixelMode.Palette)
        {
            for (var x = 0; x < indices.Length; x++)
            {
                _rgb.AsSpan(3 * indices[x], 3).CopyTo(output[(3 * x)..]);
            }

            return;
        }

        for (var x = 0; x < indices.Length; x++)
        {
            output[x] = _rgb[3 * indices[x]];
        }
    }
}
