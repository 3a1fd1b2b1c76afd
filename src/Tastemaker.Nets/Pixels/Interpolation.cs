namespace Tastemaker.Nets.Pixels;

/// <summary>How a pixel between pixels is made. All but <see cref="Nearest"/> widen with the reduction (antialiasing), as Pillow's do.</summary>
public enum Interpolation
{
    Nearest,
    Bilinear,

    /// <summary>Keys' cubic with a = −0.5.</summary>
    Bicubic,
    Lanczos,
}

/// <summary>The filters of Pillow's <c>Resample.c</c>, in its order of operations.</summary>
internal static class Filters
{
    /// <summary>How far from its middle the filter reaches, in source pixels.</summary>
    public static double Support(this Interpolation filter) => filter switch
    {
        Interpolation.Bilinear => 1,
        Interpolation.Bicubic => 2,
        Interpolation.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "This interpolation is no filter."),
    };

    public static double At(this Interpolation filter, double x) => filter switch
    {
        Interpolation.Bilinear => Math.Max(1 - Math.Abs(x), 0),
        Interpolation.Bicubic => Cubic(Math.Abs(x)),
        _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Cubic(double x)
    {
        const double A = -0.5;
        return x switch
        {
            < 1 => ((A + 2) * x - (A + 3)) * x * x + 1,
            < 2 => (((x - 5) * x + 8) * x - 4) * A,
            _ => 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
