namespace Tastemaker.Core.Imaging;

/// <summary>Whether a picture is turned as its EXIF orientation says.</summary>
public enum Orientation
{
    /// <summary>As a viewer shows it.</summary>
    Apply,

    /// <summary>As the samples are stored; what the reference encoders see.</summary>
    Ignore,
}

/// <summary>Turns pictures by the eight values of EXIF's orientation.</summary>
internal static class Orientations
{
    /// <summary>Side of the squares in which pixels are moved, so that both sides stay in the cache.</summary>
    private const int Tile = 32;

    /// <param name="exif">1–8; anything else means 1, upright.</param>
    public static Raster Turn(Raster raster, int exif)
    {
        if (exif is < 2 or > 8)
        {
            return raster;
        }

        var (width, height) = exif >= 5 ? (raster.Height, raster.Width) : (raster.Width, raster.Height);
        var size = raster.Pixels.Length / raster.Width / raster.Height;
        var turned = new byte[raster.Pixels.Length];

        // Where the output's first pixel comes from, and the steps in the source for one to the right and one down.
        var (w, h, stride) = (raster.Width - 1, raster.Height - 1, raster.Width);
        var (origin, right, down) = exif switch
        {
            2 => (w, -1, stride),
            3 => (h * stride + w, -1, -stride),
            4 => (h * stride, 1, -stride),
            5 => (0, stride, 1),
            6 => (h * stride, -stride, 1),
            7 => (h * stride + w, -stride, -1),
            _ => (w, stride, -1),
        };
        for (var top = 0; top < height; top += Tile)
        {
            for (var left = 0; left < width; left += Tile)
            {
                for (var y = top; y < Math.Min(top + Tile, height); y++)
                {
                    var from = (origin + left * right + y * down) * size;
                    var to = (y * width + left) * size;
                    for (var x = left; x < Math.Min(left + Tile, width); x++, from += right * size)
                    {
                        for (var i = 0; i < size; i++)
                        {
                            turned[to++] = raster.Pixels[from + i];
                        }
                    }
                }
            }
        }

        return raster with { Width = width, Height = height, Pixels = turned };
    }
}
