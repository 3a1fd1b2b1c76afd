namespace Tastemaker.Core.Taste;

/// <summary>How many of a number of choices a model foretold, with Wilson's 95 % interval (Wilson 1927).</summary>
public readonly record struct Agreement(int Agreed, int Of)
{
    private const double Z = 1.959964;

    public double Rate => Of == 0 ? 0.5 : (double)Agreed / Of;

    public double Low => Bound(-1);

    public double High => Bound(1);

    private double Bound(int side)
    {
        if (Of == 0)
        {
            return side < 0 ? 0 : 1;
        }

        double n = Of, z2 = Z * Z;
        var middle = Rate + (z2 / (2 * n));
        var half = Z * Math.Sqrt((Rate * (1 - Rate) / n) + (z2 / (4 * n * n)));
        return Math.Clamp((middle + (side * half)) / (1 + (z2 / n)), 0, 1);
    }
}
