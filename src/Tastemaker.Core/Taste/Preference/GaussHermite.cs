namespace Tastemaker.Core.Taste.Preference;

/// <summary>Gauss–Hermite quadrature for averages over the standard normal (Golub and Welsch 1969; the roots by Newton's method).</summary>
internal static class GaussHermite
{
    private const int Count = 24;

    public static double[] Nodes { get; } = new double[Count];

    /// <summary>They add up to 1.</summary>
    public static double[] Weights { get; } = new double[Count];

    static GaussHermite()
    {
        // Roots interlace: each is searched between bounds that the sign of He_n brackets.
        var found = 0;
        const double Edge = 12, Step = 0.01;
        for (var low = -Edge; low < Edge && found < Count; low += Step)
        {
            if (He(Count, low) * He(Count, low + Step) <= 0)
            {
                var x = Bisect(low, low + Step);
                Nodes[found] = x;
                var neighbour = He(Count - 1, x);
                Weights[found] = 1 / (Count * neighbour * neighbour);
                found++;
            }
        }
    }

    /// <summary>The probabilists' Hermite polynomial over √n!, so that it stays of moderate size.</summary>
    private static double He(int n, double x)
    {
        var (before, now) = (0.0, 1.0);
        for (var k = 1; k <= n; k++)
        {
            (before, now) = (now, ((x * now) - (Math.Sqrt(k - 1) * before)) / Math.Sqrt(k));
        }

        return now;
    }

    private static double Bisect(double low, double high)
    {
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = He(Count, low) * He(Count, middle) <= 0 ? (low, middle) : (middle, high);
        }

        return (low + high) / 2;
    }
}
