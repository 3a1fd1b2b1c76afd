namespace Tastemaker.Nets.Numerics;

/// <summary>
/// Elementary functions out of IEEE 754 basic operations alone (+ − × ÷ √, rounding), which .NET computes alike on every
/// processor; those of <see cref="Math"/> call the system's C library and differ in the last bit between systems.
/// Relative error below 1e-14.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309417;

    // The same in two parts, the first with its last 20 bits zero, so that multiples of it are exact.
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The natural logarithm of a positive normal number.</summary>
    public static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        // log m = 2 artanh s; |s| < 0.172, so eleven odd terms reach the last bit.
        var s = (m - 1) / (m + 1);
        var square = s * s;
        var sum = 0.0;
        for (var k = 21; k >= 1; k -= 2)
        {
            sum = (sum * square) + (1.0 / k);
        }

        return (2 * s * sum) + (exponent * Ln2);
    }

    public static double Exp(double x)
    {
        x = Math.Clamp(x, -700, 700);
        var k = Math.Round(x / Ln2);
        var r = x - (k * Ln2High) - (k * Ln2Low);
        var sum = 1.0;
        for (var n = 16; n >= 1; n--)
        {
            sum = 1 + (sum * r / n);
        }

        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }

    /// <summary>x to the power y, for x ≥ 0.</summary>
    public static double Pow(double x, double y) => x <= 0 ? 0 : Exp(y * Log(x));

    /// <summary>The cube root of x ≥ 0.</summary>
    public static double Cbrt(double x)
    {
        if (x <= 0)
        {
            return 0;
        }

        // A third of the exponent's bits, then Halley's iteration (each triples the correct digits).
        var y = BitConverter.Int64BitsToDouble((BitConverter.DoubleToInt64Bits(x) / 3) + 0x2A9F_7893_0000_0000);
        for (var i = 0; i < 3; i++)
        {
            var cube = y * y * y;
            y *= (cube + x + x) / (cube + cube + x);
        }

        return y;
    }

    /// <summary>Cosine and sine of an angle in turns (1 is the whole circle).</summary>
    public static (double Cos, double Sin) Turn(double turns)
    {
        turns -= Math.Floor(turns);
        var quarter = (int)Math.Round(turns * 4);
        var r = (turns - (quarter * 0.25)) * (2 * Math.PI);
        var square = r * r;
        double cos = 1, sin = 1;
        for (var n = 20; n >= 2; n -= 2)
        {
            cos = 1 - (cos * square / (n * (n - 1)));
            sin = 1 - (sin * square / (n * (n + 1)));
        }

        sin *= r;
        return (quarter & 3) switch
        {
            0 => (cos, sin),
            1 => (-sin, cos),
            2 => (-cos, -sin),
            _ => (sin, -cos),
        };
    }

    /// <summary>The angle of (x, y) in turns, in (−0.5, 0.5]; 0 at the origin.</summary>
    public static double TurnOf(double y, double x)
    {
        if (x == 0 && y == 0)
        {
            return 0;
        }

        double ax = Math.Abs(x), ay = Math.Abs(y);
        var steep = ay > ax;
        var ratio = steep ? ax / ay : ay / ax;

        // Halving the angle twice brings it under π/16, where the series is short.
        var t = ratio / (1 + Math.Sqrt(1 + (ratio * ratio)));
        t /= 1 + Math.Sqrt(1 + (t * t));
        var square = t * t;
        var sum = 0.0;
        for (var k = 25; k >= 1; k -= 2)
        {
            sum = (1.0 / k) - (sum * square);
        }

        var turns = 4 * t * sum / (2 * Math.PI);
        turns = steep ? 0.25 - turns : turns;
        turns = x < 0 ? 0.5 - turns : turns;
        return y < 0 ? -turns : turns;
    }
}
