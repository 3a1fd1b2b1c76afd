using Tastemaker.Nets.Numerics;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// The spatial envelope of Oliva and Torralba (<i>Modeling the Shape of the Scene</i>, IJCV 42, 2001): where, how coarsely and in
/// which direction an image varies. Follows <c>prefilt</c>, <c>createGabor</c> and <c>gistGabor</c> of the authors' LMgist.m:
/// local contrast normalisation, one-sided Gabor filters in the frequency domain, magnitudes averaged over a 4 × 4 grid.
/// Differs in size (96 × 96 grey, 16 more mirrored on each side), in the number of orientations, and in that the two
/// coarse scales, whose filters are narrow, are transformed back at a half and a quarter of the side.
/// </summary>
internal static class GaborEnergies
{
    public const int Canvas = 96;
    public const int Grid = 4;
    private const int Margin = 16;
    private const int Side = Canvas + (2 * Margin);

    private static readonly Fft2D[] Transforms = [new(Side), new(Side / 2), new(Side / 4)];
    private static readonly float[] LowPass = MakeLowPass();
    private static readonly Filter[] Filters = MakeFilters();

    /// <summary>A filter's gain over a spectrum of <c>Side >> Shift</c> squared, indexed [kx, ky].</summary>
    private sealed record Filter(int Scale, int Degrees, int Shift, float[] Gain);

    /// <param name="grey">96 × 96, 0 to 255, gamma-coded.</param>
    public static void Write(ReadOnlySpan<float> grey, FeatureWriter features)
    {
        var re = Mirrored(grey);
        var im = new float[Side * Side];
        NormaliseContrast(re, im);
        Array.Clear(im);
        Transforms[0].Forward(re, im);

        float[] filteredRe = new float[Side * Side], filteredIm = new float[Side * Side];
        Span<double> energy = stackalloc double[Grid * Grid];
        foreach (var filter in Filters)
        {
            var length = filter.Gain.Length;
            Respond(re, im, filter, filteredRe.AsSpan(0, length), filteredIm.AsSpan(0, length));
            Average(filteredRe.AsSpan(0, length), filteredIm.AsSpan(0, length), filter.Shift, energy);
            for (var cell = 0; cell < energy.Length; cell++)
            {
                features.Add(
                    $"gist.scale{filter.Scale}.wave{filter.Degrees}.row{cell / Grid}.column{cell % Grid}",
                    Math.Sqrt(energy[cell]));
            }
        }
    }

    private static float[] Mirrored(ReadOnlySpan<float> grey)
    {
        var log = new float[grey.Length];
        for (var i = 0; i < log.Length; i++)
        {
            log[i] = (float)PortableMath.Log(1 + grey[i]);
        }

        var padded = new float[Side * Side];
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                padded[(y * Side) + x] = log[(Reflect(y - Margin) * Canvas) + Reflect(x - Margin)];
            }
        }

        return padded;

        static int Reflect(int i) => i < 0 ? -1 - i : i >= Canvas ? (2 * Canvas) - 1 - i : i;
    }

    /// <summary>Takes the local mean away and divides by 0.2 + the local deviation, both under a Gaussian of 4 cycles an image.</summary>
    private static void NormaliseContrast(float[] image, float[] scratch)
    {
        var smooth = Smooth(image, scratch);
        var square = new float[image.Length];
        for (var i = 0; i < image.Length; i++)
        {
            image[i] -= smooth[i];
            square[i] = image[i] * image[i];
        }

        var variance = Smooth(square, scratch);
        for (var i = 0; i < image.Length; i++)
        {
            image[i] /= 0.2f + MathF.Sqrt(Math.Abs(variance[i]));
        }
    }

    private static float[] Smooth(float[] image, float[] scratch)
    {
        var re = (float[])image.Clone();
        Array.Clear(scratch);
        Transforms[0].Forward(re, scratch);
        for (var i = 0; i < re.Length; i++)
        {
            re[i] *= LowPass[i];
            scratch[i] *= LowPass[i];
        }

        Transforms[0].Inverse(re, scratch);
        return re;
    }

    private static void Respond(float[] re, float[] im, Filter filter, Span<float> outRe, Span<float> outIm)
    {
        var n = Side >> filter.Shift;
        for (var u = 0; u < n; u++)
        {
            var from = (u < n / 2 ? u : u + Side - n) * Side;
            for (var v = 0; v < n; v++)
            {
                var source = from + (v < n / 2 ? v : v + Side - n);
                var target = (u * n) + v;
                outRe[target] = re[source] * filter.Gain[target];
                outIm[target] = im[source] * filter.Gain[target];
            }
        }

        Transforms[filter.Shift].Inverse(outRe, outIm);
    }

    private static void Average(ReadOnlySpan<float> re, ReadOnlySpan<float> im, int shift, Span<double> energy)
    {
        int n = Side >> shift, margin = Margin >> shift, cell = (Canvas >> shift) / Grid;
        energy.Clear();
        for (var y = 0; y < cell * Grid; y++)
        {
            var start = ((y + margin) * n) + margin;
            for (var column = 0; column < Grid; column++, start += cell)
            {
                var sum = 0f;
                for (var i = start; i < start + cell; i++)
                {
                    sum += MathF.Sqrt((re[i] * re[i]) + (im[i] * im[i]));
                }

                energy[(y / cell * Grid) + column] += sum;
            }
        }

        foreach (ref var e in energy)
        {
            e /= cell * cell;
        }
    }

    private static float[] MakeLowPass()
    {
        const double CyclesAnImage = 4;
        var sigmaSquared = CyclesAnImage * CyclesAnImage / PortableMath.Log(2);
        var gain = new float[Side * Side];
        for (var i = 0; i < gain.Length; i++)
        {
            double fx = Frequency(i / Side, Side), fy = Frequency(i % Side, Side);
            gain[i] = (float)PortableMath.Exp(-((fx * fx) + (fy * fy)) / sigmaSquared);
        }

        return gain;
    }

    private static Filter[] MakeFilters()
    {
        // Orientations and the halvings that lose less than 1e-4 of the filter's peak.
        (int Orientations, int Shift)[] scales = [(6, 0), (6, 0), (4, 1), (4, 2)];
        var filters = new List<Filter>();
        var centre = 0.3; // cycles a pixel; the next scale is 1.85 times as coarse.
        for (var s = 0; s < scales.Length; s++, centre /= 1.85)
        {
            var (orientations, shift) = scales[s];
            for (var o = 0; o < orientations; o++)
            {
                filters.Add(new Filter(s + 1, 180 * o / orientations, shift, MakeGain(centre, orientations, o, Side >> shift)));
            }
        }

        return [.. filters];
    }

    private static float[] MakeGain(double centre, int orientations, int orientation, int n)
    {
        var gain = new float[n * n];
        var spread = 16.0 * orientations * orientations / (32 * 32);
        for (var i = 0; i < gain.Length; i++)
        {
            double fx = Frequency(i / n, n), fy = Frequency(i % n, n);
            var radius = (Math.Sqrt((fx * fx) + (fy * fy)) / Side / centre) - 1;
            var turn = PortableMath.TurnOf(fy, fx) - (0.5 * orientation / orientations);
            turn -= Math.Round(turn);
            var angle = 2 * Math.PI * turn;
            var g = PortableMath.Exp((-3.5 * radius * radius) - (2 * Math.PI * spread * angle * angle));
            gain[i] = (float)(g * n * n / (Side * Side));
        }

        gain[0] = 0; // The mean is no texture.
        return gain;
    }

    private static int Frequency(int index, int n) => index < n / 2 ? index : index - n;
}
